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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.HasApiKeyAuthorizationManager;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOperationCustomizer;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.http.HttpStatus;
import org.springframework.util.CollectionUtils;
import org.springframework.web.method.HandlerMethod;

import static org.springframework.http.MediaType.APPLICATION_PROBLEM_JSON_VALUE;

/**
 * Tells in the OpenAPI description which operations take a key, and with which scopes, by
 * the same annotation by which calls are decided.
 */
final class HasApiKeyOperationCustomizer implements GlobalOperationCustomizer {

	private final ConfigurableListableBeanFactory beanFactory;

	private final boolean scopesInRequirements;

	/**
	 * Creates a customizer.
	 * @param beanFactory knows the classes behind proxies
	 * @param scopesInRequirements whether requirements may name scopes: OpenAPI 3.0
	 * permits that for OAuth 2 only
	 */
	HasApiKeyOperationCustomizer(ConfigurableListableBeanFactory beanFactory, boolean scopesInRequirements) {
		this.beanFactory = beanFactory;
		this.scopesInRequirements = scopesInRequirements;
	}

	/**
	 * Adds to an operation what its key must have.
	 * @param operation the operation, or {@code null} if the application hides it
	 * @param handlerMethod what handles it
	 */
	@Override
	public @Nullable Operation customize(@Nullable Operation operation, HandlerMethod handlerMethod) {
		HasApiKey hasApiKey = HasApiKeyAuthorizationManager.find(handlerMethod.getMethod(), type(handlerMethod),
				handlerMethod.getBeanType());
		if (operation != null && hasApiKey != null) {
			operation.setSecurity(requirements(operation.getSecurity(), hasApiKey));
			addResponse(operation, HttpStatus.UNAUTHORIZED, "No usable API key was presented.", problem());
			addResponse(operation, HttpStatus.FORBIDDEN, "Not permitted. " + whatItTakes(hasApiKey),
					problem().addProperty("requiredScopes", new ArraySchema().items(new StringSchema()))
						.addProperty("requiredAnyScope", new ArraySchema().items(new StringSchema())));
		}
		return operation;
	}

	private Class<?> type(HandlerMethod handlerMethod) {
		if (handlerMethod.getBean() instanceof String beanName) {
			Class<?> type = AutoProxyUtils.determineTargetClass(this.beanFactory, beanName);
			return (type != null) ? type : handlerMethod.getBeanType();
		}
		return AopProxyUtils.ultimateTargetClass(handlerMethod.getBean());
	}

	/**
	 * The requirements of an operation are alternatives, and none of them does without
	 * the key.
	 */
	private List<SecurityRequirement> requirements(@Nullable List<SecurityRequirement> existing, HasApiKey hasApiKey) {
		List<SecurityRequirement> others = CollectionUtils.isEmpty(existing) ? List.of(new SecurityRequirement())
				: existing;
		return others.stream()
			.flatMap((other) -> scopes(hasApiKey).map((scopes) -> withKey(other, scopes)))
			.distinct()
			.collect(Collectors.toCollection(ArrayList::new));
	}

	private Stream<List<String>> scopes(HasApiKey hasApiKey) {
		if (!this.scopesInRequirements) {
			return Stream.of(List.of());
		}
		List<String> all = List.of(hasApiKey.value());
		if (hasApiKey.anyScope().length == 0) {
			return Stream.of(all);
		}
		return Arrays.stream(hasApiKey.anyScope()).map((any) -> Stream.concat(all.stream(), Stream.of(any)).toList());
	}

	private static SecurityRequirement withKey(SecurityRequirement other, List<String> scopes) {
		SecurityRequirement both = new SecurityRequirement();
		both.putAll(other);
		Set<String> all = new LinkedHashSet<>(both.getOrDefault(ApiKeySecuritySchemeCustomizer.NAME, List.of()));
		all.addAll(scopes);
		both.put(ApiKeySecuritySchemeCustomizer.NAME, new ArrayList<>(all));
		return both;
	}

	private static String whatItTakes(HasApiKey hasApiKey) {
		String scopes = Stream.of(String.join(", ", hasApiKey.value()), String.join(" or ", hasApiKey.anyScope()))
			.filter((part) -> !part.isEmpty())
			.collect(Collectors.joining(", and "));
		return scopes.isEmpty() ? "It takes an API key." : "It takes an API key with " + scopes + ".";
	}

	private static Schema<?> problem() {
		return new ObjectSchema().addProperty("type", new StringSchema().format("uri"))
			.addProperty("title", new StringSchema())
			.addProperty("status", new IntegerSchema())
			.addProperty("detail", new StringSchema());
	}

	private static void addResponse(Operation operation, HttpStatus status, String description, Schema<?> problem) {
		if (operation.getResponses() == null) {
			operation.setResponses(new ApiResponses());
		}
		operation.getResponses()
			.putIfAbsent(String.valueOf(status.value()), new ApiResponse().description(description)
				.content(new Content().addMediaType(APPLICATION_PROBLEM_JSON_VALUE, new MediaType().schema(problem))));
	}

}
