/*
 * Copyright 2026 the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.github.apikeys.autoconfigure;

import io.github.apikeys.security.ApiKeyHttpSettings;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.security.SecurityScheme;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;

import org.springframework.http.HttpHeaders;

/**
 * Tells in the OpenAPI description how a key is presented, unless the application has
 * said it.
 */
final class ApiKeySecuritySchemeCustomizer implements GlobalOpenApiCustomizer {

	static final String NAME = "apiKey";

	private final ApiKeyHttpSettings settings;

	ApiKeySecuritySchemeCustomizer(ApiKeyHttpSettings settings) {
		this.settings = settings;
	}

	@Override
	public void customise(OpenAPI openApi) {
		Components components = openApi.getComponents();
		if (components == null || components.getSecuritySchemes() == null
				|| !components.getSecuritySchemes().containsKey(NAME)) {
			openApi.schemaRequirement(NAME, scheme());
		}
	}

	private SecurityScheme scheme() {
		if (!this.settings.getHeaderNames().isEmpty()) {
			return inHeader(this.settings.getHeaderNames().get(0)).description("An API key.");
		}
		String scheme = this.settings.getSchemes().get(0);
		if (scheme.equalsIgnoreCase("bearer")) {
			return new SecurityScheme().type(SecurityScheme.Type.HTTP)
				.scheme("bearer")
				.description("An API key as a bearer token.");
		}
		// tools that know the type http do not know the scheme
		return inHeader(HttpHeaders.AUTHORIZATION).description("The word " + scheme + ", a space, and an API key.");
	}

	private static SecurityScheme inHeader(String name) {
		return new SecurityScheme().type(SecurityScheme.Type.APIKEY).in(SecurityScheme.In.HEADER).name(name);
	}

}
