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

package io.github.apikeys.core;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What a key to be created should be like. Only the name is required.
 *
 * @since 0.1.0
 * @see ApiKeyService#create(NewApiKey)
 */
public final class NewApiKey {

	private final String name;

	private @Nullable String description;

	private @Nullable String owner;

	private final Set<String> scopes = new TreeSet<>();

	private final Map<String, String> metadata = new TreeMap<>();

	private @Nullable Instant notBefore;

	private @Nullable Duration lifetime;

	private @Nullable Instant expiresAt;

	private @Nullable UUID predecessorId;

	private NewApiKey(String name) {
		this.name = name;
	}

	/**
	 * Starts the description of a key.
	 * @param name what people call it, 1 to 100 characters, not blank, without control
	 * characters; spaces around it are dropped
	 * @return the description
	 * @throws InvalidApiKeyAttributeException if the name is not of that form
	 */
	public static NewApiKey named(String name) {
		return new NewApiKey(ApiKeyAttributes.name(name));
	}

	/**
	 * Starts the description of a key that replaces another.
	 */
	static NewApiKey successorOf(ApiKey predecessor, @Nullable Instant expiresAt) {
		NewApiKey successor = new NewApiKey(predecessor.getName());
		successor.description = predecessor.getDescription();
		successor.owner = predecessor.getOwner();
		successor.scopes.addAll(predecessor.getScopes());
		successor.metadata.putAll(predecessor.getMetadata());
		successor.notBefore = predecessor.getNotBefore();
		successor.expiresAt = expiresAt;
		successor.predecessorId = predecessor.getId();
		return successor;
	}

	/**
	 * Says what the key is for.
	 * @param description at most 1000 characters
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is longer
	 */
	public NewApiKey description(String description) {
		this.description = ApiKeyAttributes.description(description);
		return this;
	}

	/**
	 * Says whom the key belongs to. The library does not interpret it. Never take it from
	 * the input of somebody who may act for one owner only.
	 * @param owner 1 to 255 characters, not blank, without control characters, for
	 * example the id of a user or a tenant
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is not of that form
	 */
	public NewApiKey owner(String owner) {
		this.owner = ApiKeyAttributes.line("owner", owner, 255);
		return this;
	}

	/**
	 * Grants scopes, in addition to those granted before. A key without scopes has no
	 * scoped access.
	 * @param scopes scopes or wildcards, see {@link ApiKeyScopes}
	 * @return this
	 * @throws InvalidApiKeyAttributeException if one is neither
	 */
	public NewApiKey scopes(String... scopes) {
		return scopes(Arrays.asList(scopes));
	}

	/**
	 * Grants scopes, in addition to those granted before.
	 * @param scopes scopes or wildcards, see {@link ApiKeyScopes}
	 * @return this
	 * @throws InvalidApiKeyAttributeException if one is neither
	 */
	public NewApiKey scopes(Collection<String> scopes) {
		for (String scope : scopes) {
			this.scopes.add(ApiKeyAttributes.grant(scope));
		}
		return this;
	}

	/**
	 * Attaches something that the application wants to remember with the key.
	 * @param name 1 to 100 characters
	 * @param value 1 to 1000 characters
	 * @return this
	 * @throws InvalidApiKeyAttributeException if one of them is not of that form
	 */
	public NewApiKey metadata(String name, String value) {
		this.metadata.put(ApiKeyAttributes.metadataName(name), ApiKeyAttributes.metadataValue(value));
		return this;
	}

	/**
	 * Lets the key begin later. By default it is valid at once.
	 * @param notBefore the first instant at which it can be used, in the years 1970 to
	 * 9999
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is in another year
	 */
	public NewApiKey notBefore(Instant notBefore) {
		this.notBefore = ApiKeyAttributes.time("notBefore", notBefore);
		return this;
	}

	/**
	 * Lets the key end some time after its creation. By default it never ends. Replaces
	 * what {@link #expiresAt} set.
	 * @param lifetime the time, longer than zero
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is zero or negative
	 */
	public NewApiKey expiresIn(Duration lifetime) {
		if (lifetime.isZero() || lifetime.isNegative()) {
			throw new InvalidApiKeyAttributeException("expiresAt", "The lifetime of an API key must be positive");
		}
		this.lifetime = lifetime;
		this.expiresAt = null;
		return this;
	}

	/**
	 * Lets the key end at a time. Replaces what {@link #expiresIn} set.
	 * @param expiresAt the first instant at which it cannot be used any more, in the
	 * years 1970 to 9999
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is in another year
	 */
	public NewApiKey expiresAt(Instant expiresAt) {
		this.expiresAt = ApiKeyAttributes.time("expiresAt", expiresAt);
		this.lifetime = null;
		return this;
	}

	String name() {
		return this.name;
	}

	@Nullable String description() {
		return this.description;
	}

	@Nullable String owner() {
		return this.owner;
	}

	Set<String> scopes() {
		return this.scopes;
	}

	Map<String, String> metadata() {
		return this.metadata;
	}

	@Nullable Instant notBefore() {
		return this.notBefore;
	}

	@Nullable UUID predecessorId() {
		return this.predecessorId;
	}

	@Nullable Instant end(Instant now) {
		return (this.lifetime != null) ? ApiKeyAttributes.end("expiresAt", now, this.lifetime) : this.expiresAt;
	}

}
