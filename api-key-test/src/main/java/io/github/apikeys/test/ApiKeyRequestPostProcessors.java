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

package io.github.apikeys.test;

import java.util.List;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.security.ApiKeyAuthentication;
import org.jspecify.annotations.Nullable;

import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.reactive.server.WebTestClientConfigurer;
import org.springframework.test.web.servlet.client.MockMvcHttpConnector;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.util.Assert;
import org.springframework.web.context.support.WebApplicationContextUtils;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;

/**
 * Keys for requests of MockMvc.
 *
 * @since 0.1.0
 */
public final class ApiKeyRequestPostProcessors {

	private ApiKeyRequestPostProcessors() {
	}

	/**
	 * Lets a request come with a usable key that nobody has to create. It is like one
	 * without scopes and owner, of the type {@link ApiKey}, until something else is said.
	 * <pre>
	 * mvc.perform(get("/api/orders").with(apiKey().scopes("orders:read")))
	 * </pre>
	 * @return what is to be said of the key, to be given to the request
	 */
	public static ApiKeyRequestPostProcessor apiKey() {
		return new ApiKeyRequestPostProcessor(new MockApiKey());
	}

	/**
	 * Lets a request come with a key that an {@link io.github.apikeys.core.ApiKeyService}
	 * made, usable or not.
	 * @param apiKey the key
	 * @return what is to be given to the request
	 */
	public static ApiKeyRequestPostProcessor apiKey(ApiKey apiKey) {
		return new ApiKeyRequestPostProcessor(MockApiKey.of(apiKey));
	}

	/**
	 * Lets requests be made by an {@link ApiKeyAuthentication}, the same as after a key
	 * in a header was verified: without a session, and without need of a CSRF token.
	 * Limits for requests and addresses are not looked at, since no key is presented.
	 * <p>
	 * A {@link WebTestClient} that is bound to MockMvc takes it, too, and uses it for
	 * each request, in place of others that it had before: <pre>
	 * client.mutateWith(apiKey().scopes("orders:read")).get().uri("/api/orders").exchange()
	 * </pre>
	 */
	public static final class ApiKeyRequestPostProcessor implements RequestPostProcessor, WebTestClientConfigurer {

		private final MockApiKey key;

		private ApiKeyRequestPostProcessor(MockApiKey key) {
			this.key = key;
		}

		/**
		 * Sets the id under which the key is managed.
		 * @param id the id of its row, random by default
		 * @return this
		 */
		public ApiKeyRequestPostProcessor id(UUID id) {
			this.key.setId(id);
			return this;
		}

		/**
		 * Sets the public id, which is the name of the caller.
		 * @param keyId 12 base62 characters, {@code MockedApiKey} by default
		 * @return this
		 */
		public ApiKeyRequestPostProcessor keyId(String keyId) {
			this.key.setKeyId(keyId);
			return this;
		}

		/**
		 * Sets what people call the key.
		 * @param displayName 1 to 100 characters, {@code mock} by default
		 * @return this
		 */
		public ApiKeyRequestPostProcessor displayName(String displayName) {
			this.key.setDisplayName(displayName);
			return this;
		}

		/**
		 * Sets whom the key belongs to.
		 * @param owner the owner, or {@code null}, as by default, for nobody
		 * @return this
		 */
		public ApiKeyRequestPostProcessor owner(@Nullable String owner) {
			this.key.setOwner(owner);
			return this;
		}

		/**
		 * Sets what the key was granted.
		 * @param scopes all its scopes and wildcards, none by default
		 * @return this
		 * @throws IllegalArgumentException if one is neither
		 */
		public ApiKeyRequestPostProcessor scopes(String... scopes) {
			this.key.setScopes(scopes);
			return this;
		}

		/**
		 * Sets what the application attached to the key, in addition to what was set
		 * before.
		 * @param name a name that {@code api-key.principal.metadata} lists
		 * @param value 1 to 1000 characters
		 * @return this
		 * @throws IllegalArgumentException if one of them is not of its form; for a name
		 * that is not listed, when the request is made
		 */
		public ApiKeyRequestPostProcessor metadata(String name, String value) {
			this.key.addMetadata(name, value);
			return this;
		}

		/**
		 * Sets the type of the key. A handler with a {@code @CurrentApiKey} of that type
		 * needs more, the entity: {@link #apiKey(ApiKey)}.
		 * @param type the class of its entity, with a discriminator value, {@link ApiKey}
		 * by default
		 * @return this
		 */
		public ApiKeyRequestPostProcessor type(Class<? extends ApiKey> type) {
			this.key.setType(type);
			return this;
		}

		@Override
		public MockHttpServletRequest postProcessRequest(MockHttpServletRequest request) {
			ApiKeyAuthentication authentication = this.key
				.authenticate(WebApplicationContextUtils.getWebApplicationContext(request.getServletContext()));
			authentication.setDetails(new WebAuthenticationDetails(request));
			CsrfFilter.skipRequest(request);
			return SecurityMockMvcRequestPostProcessors.authentication(authentication).postProcessRequest(request);
		}

		@Override
		public void afterConfigurerAdded(WebTestClient.Builder builder,
				@Nullable WebHttpHandlerBuilder httpHandlerBuilder, @Nullable ClientHttpConnector connector) {
			Assert.state(connector instanceof MockMvcHttpConnector,
					"Only a WebTestClient that is bound to MockMvc can be given a mock API key");
			builder.clientConnector(((MockMvcHttpConnector) connector).with(List.of(this)));
		}

	}

}
