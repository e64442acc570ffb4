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

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.WeakHashMap;

import io.github.apikeys.autoconfigure.ApiKeyProperties;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyScopes;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.RateLimits;
import io.github.apikeys.security.ApiKeyAuthentication;
import io.github.apikeys.security.ApiKeyHttpSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.util.Assert;

/**
 * A key that a test describes instead of presenting it.
 */
final class MockApiKey {

	/** Those of which there is no entity, unless a test says so. */
	private static final Set<ApiKeyPrincipal> DESCRIBED = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	private UUID id = UUID.randomUUID();

	private UUID lineId = this.id;

	private String keyId = "MockedApiKey";

	private String displayName = "mock";

	private @Nullable String owner;

	private final Set<String> scopes = new TreeSet<>();

	private Class<? extends ApiKey> type = ApiKey.class;

	private @Nullable RateLimits rateLimits;

	private boolean hasQuota;

	private final Map<String, String> metadata = new TreeMap<>();

	private boolean described = true;

	static MockApiKey of(ApiKey apiKey) {
		MockApiKey mock = new MockApiKey();
		mock.id = apiKey.getId();
		mock.lineId = apiKey.getLineId();
		mock.keyId = apiKey.getKeyId();
		mock.displayName = apiKey.getName();
		mock.owner = apiKey.getOwner();
		mock.scopes.addAll(apiKey.getScopes());
		mock.type = ApiKeyTypes.classOf(apiKey);
		mock.rateLimits = apiKey.getRateLimits();
		mock.hasQuota = apiKey.getQuota() != null;
		mock.metadata.putAll(apiKey.getMetadata());
		mock.described = false;
		return mock;
	}

	void setId(UUID id) {
		this.id = id;
		this.lineId = id;
	}

	void setKeyId(String keyId) {
		this.keyId = keyId;
	}

	void setDisplayName(String displayName) {
		this.displayName = displayName;
	}

	void setOwner(@Nullable String owner) {
		this.owner = owner;
	}

	void setScopes(String... scopes) {
		for (String scope : scopes) {
			Assert.isTrue(ApiKeyScopes.isGrant(scope),
					() -> "'" + scope + "' is no scope: a key could not have it, and the test would prove nothing");
		}
		// a key cannot have scopes that cannot be granted together
		NewApiKey.named("mock").scopes(scopes);
		this.scopes.clear();
		this.scopes.addAll(List.of(scopes));
	}

	void setType(Class<? extends ApiKey> type) {
		this.type = type;
	}

	void addMetadata(String name, String value) {
		NewApiKey.named("mock").metadata(name, value);
		this.metadata.put(name, value);
	}

	/**
	 * What an application knows of the key.
	 * @param metadataNames which metadata it wants to know
	 */
	ApiKeyPrincipal principal(Collection<String> metadataNames) {
		Map<String, String> known = new TreeMap<>(this.metadata);
		known.keySet().retainAll(metadataNames);
		return new ApiKeyPrincipal(this.id, this.keyId, this.displayName, this.owner, this.scopes, this.type,
				this.rateLimits, this.hasQuota)
			.ofLine(this.lineId)
			.withMetadata(known);
	}

	/**
	 * What the caller would be who presented the key to an application.
	 * @param beanFactory the application, or {@code null} if there is none
	 */
	ApiKeyAuthentication authenticate(@Nullable BeanFactory beanFactory) {
		Set<String> declaredScopes = (beanFactory != null) ? beanFactory.getBeanProvider(ApiKeyHttpSettings.class)
			.getIfUnique(ApiKeyHttpSettings::new)
			.getDeclaredScopes() : Set.of();
		ApiKeyPrincipal principal = principal(metadataNames(beanFactory));
		if (this.described) {
			// in place of an equal one, which may soon be gone
			DESCRIBED.remove(principal);
			DESCRIBED.add(principal);
		}
		return ApiKeyAuthentication.of(principal, declaredScopes);
	}

	static boolean isDescribed(ApiKeyPrincipal principal) {
		return DESCRIBED.contains(principal);
	}

	private Collection<String> metadataNames(@Nullable BeanFactory beanFactory) {
		ApiKeyProperties properties = (beanFactory != null)
				? beanFactory.getBeanProvider(ApiKeyProperties.class).getIfUnique() : null;
		if (properties == null) {
			return this.metadata.keySet();
		}
		List<String> names = properties.getPrincipal().getMetadata();
		if (this.described) {
			this.metadata.keySet()
				.forEach((name) -> Assert.isTrue(names.contains(name),
						() -> "'" + name
								+ "' is not listed in 'api-key.principal.metadata': a principal could not have "
								+ "it, and the test would prove nothing"));
		}
		return names;
	}

}
