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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
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

	private boolean endless;

	private @Nullable String allowedAddresses;

	private @Nullable String rateLimits;

	private @Nullable Long quota;

	private long quotaUsed;

	private @Nullable UUID predecessorId;

	private @Nullable UUID lineId;

	private NewApiKey(String name) {
		this.name = name;
	}

	/**
	 * Starts the description of a key.
	 * @param name what people call it, 1 to 100 characters, not blank, without control
	 * characters, also those that turn the direction of text; spaces around it are
	 * dropped
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
		successor.endless = expiresAt == null;
		successor.allowedAddresses = AllowedAddresses.toColumn(predecessor.getAllowedAddresses());
		String rateLimits = predecessor.rateLimits();
		successor.rateLimits = (rateLimits != null) ? ApiKeyAttributes.rateLimits(rateLimits) : null;
		successor.quota = predecessor.getQuota();
		successor.quotaUsed = predecessor.getQuotaUsed();
		successor.predecessorId = predecessor.getId();
		successor.lineId = predecessor.getLineId();
		return successor;
	}

	/**
	 * Returns a description with the same contents that can be changed independently of
	 * this one.
	 * @return the copy
	 */
	public NewApiKey copy() {
		NewApiKey copy = new NewApiKey(this.name);
		copy.description = this.description;
		copy.owner = this.owner;
		copy.scopes.addAll(this.scopes);
		copy.metadata.putAll(this.metadata);
		copy.notBefore = this.notBefore;
		copy.lifetime = this.lifetime;
		copy.expiresAt = this.expiresAt;
		copy.endless = this.endless;
		copy.allowedAddresses = this.allowedAddresses;
		copy.rateLimits = this.rateLimits;
		copy.quota = this.quota;
		copy.quotaUsed = this.quotaUsed;
		copy.predecessorId = this.predecessorId;
		copy.lineId = this.lineId;
		return copy;
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
	 * @param owner 1 to 255 characters, not blank, without control characters, also those
	 * that turn the direction of text, and unpaired surrogates, for example the id of a
	 * tenant; does not begin with {@code user:}, in whatever case
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is not of that form
	 * @see #userOwner
	 */
	public NewApiKey owner(String owner) {
		this.owner = checkedOwner(owner);
		return this;
	}

	static String checkedOwner(String owner) {
		if (ApiKeyOwners.isReserved(ApiKeyAttributes.present("owner", owner))) {
			throw new InvalidApiKeyAttributeException("owner",
					"Owners that begin with 'user:' are users, whose keys only they and userOwner(..) create");
		}
		return ApiKeyAttributes.line("owner", owner, 255);
	}

	/**
	 * Says that the key belongs to a user, who then finds it in self-service.
	 * @param owner the user, as {@link ApiKeyOwners} names users, at most 255 characters
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is not of that form
	 */
	public NewApiKey userOwner(String owner) {
		if (!ApiKeyOwners.isUser(ApiKeyAttributes.present("owner", owner))) {
			throw new InvalidApiKeyAttributeException("owner", "The owner of a user's key must begin with 'user:'");
		}
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
		return scopes(Arrays.asList(ApiKeyAttributes.present("scopes", scopes)));
	}

	/**
	 * Grants scopes, in addition to those granted before.
	 * @param scopes scopes or wildcards, see {@link ApiKeyScopes}
	 * @return this
	 * @throws InvalidApiKeyAttributeException if one is neither, or the key would have
	 * more than 100
	 */
	public NewApiKey scopes(Collection<String> scopes) {
		List<String> all = new ArrayList<>(this.scopes);
		all.addAll(ApiKeyAttributes.present("scopes", scopes));
		this.scopes.addAll(ApiKeyAttributes.grants(all));
		return this;
	}

	/**
	 * Attaches something that the application wants to remember with the key.
	 * @param name 1 to 100 characters without control characters, also those that turn
	 * the direction of text
	 * @param value 1 to 1000 characters
	 * @return this
	 * @throws InvalidApiKeyAttributeException if one of them is not of that form, or the
	 * key would have more than 50
	 */
	public NewApiKey metadata(String name, String value) {
		ApiKeyAttributes.roomForMetadata(this.metadata, ApiKeyAttributes.metadataName(name));
		this.metadata.put(name, ApiKeyAttributes.metadataValue(value));
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
	 * Lets the key end some time after its creation. Unless anything is said about its
	 * end, it has the application's default lifetime, and if there is none, never ends.
	 * What is said last counts.
	 * @param lifetime the time, longer than zero
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is zero or negative
	 */
	public NewApiKey expiresIn(Duration lifetime) {
		if (ApiKeyAttributes.present("expiresAt", lifetime).isZero() || lifetime.isNegative()) {
			throw new InvalidApiKeyAttributeException("expiresAt", "The lifetime of an API key must be positive");
		}
		this.lifetime = lifetime;
		this.expiresAt = null;
		this.endless = false;
		return this;
	}

	/**
	 * Lets the key end at a time.
	 * @param expiresAt the first instant at which it cannot be used any more, in the
	 * years 1970 to 9999
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is in another year
	 */
	public NewApiKey expiresAt(Instant expiresAt) {
		this.expiresAt = ApiKeyAttributes.time("expiresAt", expiresAt);
		this.lifetime = null;
		this.endless = false;
		return this;
	}

	/**
	 * Lets the key never end, whatever lifetime is the default.
	 * @return this
	 */
	public NewApiKey neverExpires() {
		this.lifetime = null;
		this.expiresAt = null;
		this.endless = true;
		return this;
	}

	/**
	 * Lets the key be used from some addresses only. By default it may be used from
	 * anywhere. Replaces what was allowed before.
	 * @param ranges IP addresses and blocks of them, for example {@code 203.0.113.7},
	 * {@code 203.0.113.0/24} or {@code 2001:db8::/32}
	 * @return this
	 * @throws InvalidApiKeyAttributeException if one is neither, or they have more than
	 * 1000 characters together
	 */
	public NewApiKey allowedAddresses(String... ranges) {
		return allowedAddresses(Arrays.asList(ApiKeyAttributes.present("allowedAddresses", ranges)));
	}

	/**
	 * Lets the key be used from some addresses only.
	 * @param ranges as in {@link #allowedAddresses(String...)}
	 * @return this
	 * @throws InvalidApiKeyAttributeException as there
	 */
	public NewApiKey allowedAddresses(Collection<String> ranges) {
		this.allowedAddresses = AllowedAddresses.toColumn(ranges);
		return this;
	}

	/**
	 * Limits how many requests the key may make in a time. By default the application's
	 * default counts.
	 * @param rateLimits as {@link RateLimits#parse} reads them, for example
	 * {@code 100/1m}, or {@code unlimited}
	 * @return this
	 * @throws InvalidApiKeyAttributeException if they are not of that form
	 */
	public NewApiKey rateLimits(String rateLimits) {
		this.rateLimits = ApiKeyAttributes.rateLimits(rateLimits);
		return this;
	}

	/**
	 * Limits how many requests the key may make in its whole life. By default they are
	 * not counted.
	 * @param quota the number of requests, 0 or more
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is negative
	 */
	public NewApiKey quota(long quota) {
		this.quota = ApiKeyAttributes.quota(quota);
		return this;
	}

	/**
	 * Returns whom the key is to belong to.
	 * @return the owner, or {@code null} if none was set
	 */
	public @Nullable String getOwner() {
		return this.owner;
	}

	/**
	 * Returns what the key is to be granted.
	 * @return scopes and wildcards, unmodifiable
	 */
	public Set<String> getScopes() {
		return Collections.unmodifiableSet(this.scopes);
	}

	String name() {
		return this.name;
	}

	@Nullable String description() {
		return this.description;
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

	@Nullable UUID lineId() {
		return this.lineId;
	}

	@Nullable String allowedAddresses() {
		return this.allowedAddresses;
	}

	@Nullable String rateLimits() {
		return this.rateLimits;
	}

	@Nullable Long quota() {
		return this.quota;
	}

	long quotaUsed() {
		return this.quotaUsed;
	}

	boolean isExpired(Instant now) {
		return this.expiresAt != null && !this.expiresAt.isAfter(now);
	}

	@Nullable Instant end(Instant now, @Nullable Duration defaultLifetime) {
		Duration lifetime = (this.expiresAt == null && this.lifetime == null && !this.endless) ? defaultLifetime
				: this.lifetime;
		return (lifetime != null) ? ApiKeyAttributes.end("expiresAt", now, lifetime) : this.expiresAt;
	}

}
