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

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * What is to be different about a key. What is not named stays.
 *
 * @since 0.1.0
 */
public final class ApiKeyUpdate {

	// no key has it
	private static final long NO_VERSION = -1;

	private final Map<String, @Nullable Object> columns = new LinkedHashMap<>();

	private @Nullable Set<String> scopes;

	private @Nullable Map<String, String> metadata;

	private @Nullable Long expectedVersion;

	private @Nullable Consumer<ApiKey> check;

	/**
	 * Creates an update that changes nothing.
	 */
	public ApiKeyUpdate() {
	}

	/**
	 * Gives the key another name.
	 * @param name the name, as in {@link NewApiKey#named}
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is not of that form
	 */
	public ApiKeyUpdate name(String name) {
		this.columns.put("name", ApiKeyAttributes.name(name));
		return this;
	}

	/**
	 * Says anew what the key is for.
	 * @param description the description, as in {@link NewApiKey#description}, or
	 * {@code null} for none
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is not of that form
	 */
	public ApiKeyUpdate description(@Nullable String description) {
		this.columns.put("description", (description != null) ? ApiKeyAttributes.description(description) : null);
		return this;
	}

	/**
	 * Lets the key end at another time. An expired key can be given time again.
	 * @param expiresAt the first instant at which it cannot be used any more, or
	 * {@code null} for never
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is not in the years 1970 to 9999
	 */
	public ApiKeyUpdate expiresAt(@Nullable Instant expiresAt) {
		this.columns.put("expiresAt", (expiresAt != null) ? ApiKeyAttributes.time("expiresAt", expiresAt) : null);
		return this;
	}

	/**
	 * Says anew from where the key may be used.
	 * @param ranges all of them, as in {@link NewApiKey#allowedAddresses}; none at all
	 * means from anywhere
	 * @return this
	 * @throws InvalidApiKeyAttributeException as there
	 */
	public ApiKeyUpdate allowedAddresses(String... ranges) {
		return allowedAddresses(Arrays.asList(ApiKeyAttributes.present("allowedAddresses", ranges)));
	}

	/**
	 * Says anew from where the key may be used.
	 * @param ranges all of them, as in {@link NewApiKey#allowedAddresses}; none at all
	 * means from anywhere
	 * @return this
	 * @throws InvalidApiKeyAttributeException as there
	 */
	public ApiKeyUpdate allowedAddresses(Collection<String> ranges) {
		this.columns.put("allowedAddresses", AllowedAddresses.toColumn(ranges));
		return this;
	}

	/**
	 * Sets the rate limits of the key. A client that used up a limit starts afresh with
	 * the new one. After a rotation the other usable key of the line gets the rate limits
	 * as well.
	 * @param rateLimits the limits, as in {@link NewApiKey#rateLimits}, or {@code null}
	 * for the application's default
	 * @return this
	 * @throws InvalidApiKeyAttributeException if they are not of that form
	 */
	public ApiKeyUpdate rateLimits(@Nullable String rateLimits) {
		this.columns.put("rateLimits", (rateLimits != null) ? ApiKeyAttributes.rateLimits(rateLimits) : null);
		return this;
	}

	/**
	 * Limits anew how many requests the key may make in its whole life. What it used
	 * stays used: to grant more, set a larger number. After a rotation the key that can
	 * be used beside this one gets the quota, too, unless it has a smaller one.
	 * @param quota the number of requests, 0 or more, or {@code null} to count no more
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is negative
	 */
	public ApiKeyUpdate quota(@Nullable Long quota) {
		this.columns.put("quota", (quota != null) ? ApiKeyAttributes.quota(quota) : null);
		return this;
	}

	/**
	 * Replaces what the key was granted.
	 * @param scopes all its scopes and wildcards; none at all takes them away
	 * @return this
	 * @throws InvalidApiKeyAttributeException if one is neither, or there are more than
	 * 100
	 */
	public ApiKeyUpdate scopes(String... scopes) {
		return scopes(Arrays.asList(ApiKeyAttributes.present("scopes", scopes)));
	}

	/**
	 * Replaces what the key was granted.
	 * @param scopes all its scopes and wildcards; none at all takes them away
	 * @return this
	 * @throws InvalidApiKeyAttributeException if one is neither, or there are more than
	 * 100
	 */
	public ApiKeyUpdate scopes(Collection<String> scopes) {
		this.scopes = ApiKeyAttributes.grants(scopes);
		return this;
	}

	/**
	 * Replaces what the application attached to the key: an entry that is not given is
	 * removed. To change one entry, begin with {@link ApiKey#getMetadata()}, and
	 * {@linkplain #expectVersion expect the version} that it was read with.
	 * @param metadata all values by name, as in {@link NewApiKey#metadata}; none at all
	 * removes all
	 * @return this
	 * @throws InvalidApiKeyAttributeException if one is not of that form, or there are
	 * more than 50
	 */
	public ApiKeyUpdate metadata(Map<String, String> metadata) {
		Map<String, String> checked = new TreeMap<>();
		ApiKeyAttributes.present("metadata", metadata).forEach((name, value) -> {
			ApiKeyAttributes.roomForMetadata(checked, ApiKeyAttributes.metadataName(name));
			checked.put(name, ApiKeyAttributes.metadataValue(value));
		});
		this.metadata = checked;
		return this;
	}

	/**
	 * Makes the update only if nobody else changed the key since it was read. If several
	 * versions are expected, the key must have all of them: with two different ones the
	 * update is never made.
	 * @param version what {@link ApiKey#getVersion()} returned then
	 * @return this
	 */
	public ApiKeyUpdate expectVersion(long version) {
		boolean possible = this.expectedVersion == null || this.expectedVersion == version;
		this.expectedVersion = possible ? version : NO_VERSION;
		return this;
	}

	/**
	 * Makes the update only if a check does not object to the key as it is then. Nobody
	 * else changes the key between the check and the update, which a look at it before
	 * would not ensure.
	 * @param check called with the key, its scopes and its metadata, more than once if
	 * the database gives the change up; an exception that it throws is passed on, and
	 * nothing is changed. Several checks are called in their order
	 * @return this
	 */
	public ApiKeyUpdate check(Consumer<ApiKey> check) {
		ApiKeyAttributes.present("check", check);
		this.check = (this.check != null) ? this.check.andThen(check) : check;
		return this;
	}

	/**
	 * Returns whether the key could be used for longer, from elsewhere or more often than
	 * now. Scopes are not compared.
	 * @param current the key as it is
	 * @return {@code false} only if the update certainly gives it nothing of that
	 */
	public boolean extendsUse(ApiKey current) {
		return extendsLife(ApiKeyAttributes.present("key", current)) || extendsAddresses(current)
				|| extendsRateLimits(current) || extendsQuota(current);
	}

	private boolean extendsLife(ApiKey current) {
		Instant end = current.getExpiresAt();
		return this.columns.containsKey("expiresAt") && end != null
				&& !(this.columns.get("expiresAt") instanceof Instant newEnd && !newEnd.isAfter(end));
	}

	private boolean extendsAddresses(ApiKey current) {
		if (!this.columns.containsKey("allowedAddresses") || current.getAllowedAddresses().isEmpty()) {
			return false;
		}
		Set<String> ranges = AllowedAddresses.fromColumn((String) this.columns.get("allowedAddresses"));
		return ranges.isEmpty() || !current.getAllowedAddresses().containsAll(ranges);
	}

	/**
	 * Any other limits: which of two permits more depends on the time that one looks at.
	 */
	private boolean extendsRateLimits(ApiKey current) {
		return this.columns.containsKey("rateLimits")
				&& !Objects.equals(current.rateLimits(), this.columns.get("rateLimits"));
	}

	private boolean extendsQuota(ApiKey current) {
		Long quota = current.getQuota();
		return this.columns.containsKey("quota") && quota != null
				&& !(this.columns.get("quota") instanceof Long newQuota && newQuota <= quota);
	}

	/**
	 * Returns the part of this update that is not so already. This one stays as it is,
	 * because a change may be tried again.
	 */
	ApiKeyUpdate reducedTo(ApiKey current) {
		Map<String, @Nullable Object> values = new LinkedHashMap<>();
		values.put("name", current.getName());
		values.put("description", current.getDescription());
		values.put("expiresAt", current.getExpiresAt());
		values.put("allowedAddresses", current.allowedAddresses());
		values.put("rateLimits", current.rateLimits());
		values.put("quota", current.getQuota());
		ApiKeyUpdate reduced = new ApiKeyUpdate();
		this.columns.forEach((attribute, value) -> {
			if (!Objects.equals(value, values.get(attribute))) {
				reduced.columns.put(attribute, value);
			}
		});
		reduced.scopes = current.getScopes().equals(this.scopes) ? null : this.scopes;
		reduced.metadata = current.getMetadata().equals(this.metadata) ? null : this.metadata;
		return reduced;
	}

	/**
	 * Returns the part of this update that another key of the same line gets along: what
	 * limits how often both can be used. It permits neither of them more.
	 */
	ApiKeyUpdate limitsOf(ApiKey other) {
		ApiKeyUpdate limits = new ApiKeyUpdate();
		if (this.columns.containsKey("rateLimits")) {
			limits.columns.put("rateLimits", this.columns.get("rateLimits"));
		}
		Long quota = other.getQuota();
		if (this.columns.get("quota") instanceof Long newQuota && (quota == null || newQuota < quota)) {
			limits.columns.put("quota", newQuota);
		}
		return limits.reducedTo(other);
	}

	boolean changesLimits() {
		return this.columns.containsKey("rateLimits") || this.columns.containsKey("quota");
	}

	/**
	 * Returns the names of what is to be different.
	 */
	List<String> attributes() {
		List<String> attributes = new ArrayList<>(this.columns.keySet());
		if (this.scopes != null) {
			attributes.add("scopes");
		}
		if (this.metadata != null) {
			attributes.add("metadata");
		}
		return attributes;
	}

	boolean changesExpiry() {
		return this.columns.containsKey("expiresAt");
	}

	/**
	 * Whether scopes or metadata of the key decide about the update.
	 */
	boolean readsCollections() {
		return this.check != null || changesCollections();
	}

	void checkCurrent(ApiKey current) {
		if (this.check != null) {
			this.check.accept(current);
		}
	}

	boolean expects(ApiKey current) {
		return this.expectedVersion == null || this.expectedVersion == current.getVersion();
	}

	/**
	 * Returns what is to be different in the row of the key.
	 * @return new values by the name of the property of {@link ApiKey}, as they are
	 * stored, unmodifiable
	 */
	public Map<String, @Nullable Object> getColumns() {
		return Collections.unmodifiableMap(this.columns);
	}

	/**
	 * Returns what the key is to be granted.
	 * @return all its scopes and wildcards, or empty if they are to stay
	 */
	public Optional<Set<String>> getScopes() {
		return Optional.ofNullable(this.scopes).map(Collections::unmodifiableSet);
	}

	boolean changesCollections() {
		return this.scopes != null || this.metadata != null;
	}

	/**
	 * Returns what the application is to have attached to the key.
	 * @return all values by name, or empty if they are to stay
	 */
	public Optional<Map<String, String>> getMetadata() {
		return Optional.ofNullable(this.metadata).map(Collections::unmodifiableMap);
	}

	@Nullable Long expectedVersion() {
		return this.expectedVersion;
	}

}
