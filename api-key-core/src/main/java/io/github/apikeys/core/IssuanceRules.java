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
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * What an application permits keys to be when they are created or changed.
 */
final class IssuanceRules {

	private static final Log logger = LogFactory.getLog(IssuanceRules.class);

	private static final int MAX_PRINCIPAL_METADATA = 10;

	private final AtomicBoolean wildcardGranted = new AtomicBoolean();

	private Set<String> declaredScopes = Set.of();

	private @Nullable Duration defaultLifetime;

	private @Nullable Duration maxLifetime;

	private boolean expiryRequired;

	private @Nullable Duration maxGrace;

	private int maxKeysPerOwner = Integer.MAX_VALUE;

	void setDeclaredScopes(Collection<String> declaredScopes) {
		for (String scope : declaredScopes) {
			Assert.isTrue(ApiKeyScopes.isScope(scope), () -> "'" + scope + "' is not a scope");
		}
		this.declaredScopes = new TreeSet<>(declaredScopes);
	}

	void setLifetime(@Nullable Duration defaultLifetime, @Nullable Duration maxLifetime, boolean expiryRequired) {
		Assert.isTrue(isPositive(defaultLifetime), "the default lifetime must be longer than zero");
		Assert.isTrue(isPositive(maxLifetime), "the longest lifetime must be longer than zero");
		Assert.isTrue(defaultLifetime == null || maxLifetime == null || defaultLifetime.compareTo(maxLifetime) <= 0,
				() -> "the default lifetime, " + text(Objects.requireNonNull(defaultLifetime))
						+ ", must not be longer than the longest, " + text(Objects.requireNonNull(maxLifetime)));
		this.defaultLifetime = defaultLifetime;
		this.maxLifetime = maxLifetime;
		this.expiryRequired = expiryRequired || maxLifetime != null;
	}

	private static boolean isPositive(@Nullable Duration duration) {
		return duration == null || !(duration.isNegative() || duration.isZero());
	}

	void setMaxGrace(@Nullable Duration maxGrace) {
		Assert.isTrue(maxGrace == null || !maxGrace.isNegative(), "the longest grace must not be negative");
		this.maxGrace = maxGrace;
	}

	void setMaxKeysPerOwner(int maxKeysPerOwner) {
		Assert.isTrue(maxKeysPerOwner > 0, "there must be room for one key at least");
		this.maxKeysPerOwner = maxKeysPerOwner;
	}

	static Set<String> principalMetadata(Collection<String> names) {
		Assert.isTrue(names.size() <= MAX_PRINCIPAL_METADATA,
				() -> "a principal has at most " + MAX_PRINCIPAL_METADATA + " entries of metadata");
		Set<String> checked = new TreeSet<>();
		names.forEach((name) -> checked.add(ApiKeyAttributes.metadataName(name)));
		return checked;
	}

	void checkScope(String grant) {
		if (this.declaredScopes.isEmpty() && grant.endsWith(ApiKeyScopes.ALL)
				&& this.wildcardGranted.compareAndSet(false, true)) {
			logger.warn("An API key was granted the wildcard '" + grant
					+ "', and no scopes are declared: rules such as "
					+ "hasAuthority(\"SCOPE_orders:read\") do not see what it covers. Use @HasApiKey(\"orders:read\") or "
					+ "hasApiKey(\"orders:read\"), or declare the scopes.");
		}
		boolean known = this.declaredScopes.isEmpty()
				|| this.declaredScopes.stream().anyMatch((scope) -> ApiKeyScopes.covers(grant, scope));
		if (!known) {
			throw new InvalidApiKeyAttributeException("scopes",
					"The scope '" + grant + "' is not one of the declared scopes " + this.declaredScopes
							+ ": declare it, or grant one of them");
		}
	}

	/**
	 * When a new key ends.
	 * @return the time, or {@code null} for never
	 */
	@Nullable Instant end(NewApiKey newApiKey, Instant now) {
		Instant end = newApiKey.end(now, this.defaultLifetime);
		checkExpiry(end, newApiKey.notBefore(), now, now);
		return end;
	}

	/**
	 * When an imported key ends, or ended. A key that ended there has no rule to keep,
	 * but a lifetime that is over was hardly meant to end it.
	 */
	@Nullable Instant endOfImported(NewApiKey newApiKey, Instant createdAt, boolean revoked, Instant now) {
		Instant end = endOfImported(newApiKey, createdAt, revoked);
		if (!revoked && !newApiKey.isExpired(now)) {
			if (end != null && !end.isAfter(now)) {
				throw invalidExpiry("The lifetime of the imported API key, counted from its creation, is over:"
						+ " set its expiry, past or not");
			}
			checkExpiry(end, newApiKey.notBefore(), createdAt, now);
		}
		return end;
	}

	@Nullable Instant endOfImported(NewApiKey newApiKey, Instant createdAt, boolean revoked) {
		return newApiKey.end(createdAt, revoked ? null : this.defaultLifetime);
	}

	void checkExpiry(@Nullable Instant expiresAt, @Nullable Instant notBefore, Instant createdAt, Instant now) {
		if (expiresAt == null) {
			if (this.expiryRequired) {
				throw invalidExpiry("An API key must have an expiry"
						+ ((this.maxLifetime != null)
								? ", within " + text(this.maxLifetime)
										+ " after its creation, because of 'api-key.expiry.max'"
								: ", because of 'api-key.expiry.required'")
						+ ": set its expiry, or 'api-key.expiry.default'");
			}
			return;
		}
		if (!expiresAt.isAfter(now)) {
			throw invalidExpiry("The expiry of an API key must be in the future");
		}
		if (notBefore != null && !expiresAt.isAfter(notBefore)) {
			throw invalidExpiry("An API key must begin before it expires");
		}
		// counted from its creation, or a key could be prolonged for ever
		if (this.maxLifetime != null && Duration.between(createdAt, expiresAt).compareTo(this.maxLifetime) > 0) {
			throw invalidExpiry("An API key must expire within " + text(this.maxLifetime)
					+ " after its creation, because of 'api-key.expiry.max'");
		}
	}

	/**
	 * Checks that a key does not outlive the grace after which its successor is the only
	 * one.
	 */
	static void checkReplaced(ApiKey apiKey, @Nullable Instant expiresAt) {
		Instant current = apiKey.getExpiresAt();
		if (apiKey.getSuccessorId() != null && (expiresAt == null || (current != null && expiresAt.isAfter(current)))) {
			throw invalidExpiry("An API key that was replaced cannot expire later");
		}
	}

	void checkGrace(Duration grace) {
		if (this.maxGrace != null && grace.compareTo(this.maxGrace) > 0) {
			throw new InvalidApiKeyAttributeException("grace", "The grace of a rotation must be at most "
					+ text(this.maxGrace) + ", because of 'api-key.rotation.max-grace'");
		}
	}

	private static String text(Duration duration) {
		for (ChronoUnit unit : List.of(ChronoUnit.DAYS, ChronoUnit.HOURS, ChronoUnit.MINUTES, ChronoUnit.SECONDS)) {
			long number = duration.dividedBy(unit.getDuration());
			if (unit.getDuration().multipliedBy(number).equals(duration)) {
				return number + " " + unit.toString().toLowerCase(Locale.ROOT);
			}
		}
		return duration.toString();
	}

	private static InvalidApiKeyAttributeException invalidExpiry(String message) {
		return new InvalidApiKeyAttributeException("expiresAt", message);
	}

	boolean limitsKeysPerOwner() {
		return this.maxKeysPerOwner < Integer.MAX_VALUE;
	}

	/**
	 * Checks whether an owner may have one more key, or one that is to live longer. A key
	 * and those that replaced it count as one.
	 * @param live the ids of the owner's keys that are neither revoked nor expired, with
	 * those of their successors
	 * @param existing the id of the key that is to live longer, or {@code null} for
	 * another one
	 */
	void checkKeysPerOwner(Map<UUID, @Nullable UUID> live, @Nullable UUID existing) {
		if (existing != null && live.containsKey(existing)) {
			return;
		}
		long lines = live.values()
			.stream()
			.filter((successor) -> successor == null || !(live.containsKey(successor) || successor.equals(existing)))
			.count();
		if (lines >= this.maxKeysPerOwner) {
			throw new InvalidApiKeyAttributeException("owner",
					"The owner has " + lines + " API keys already, and may have " + this.maxKeysPerOwner
							+ ", because of 'api-key.owner.max-keys'");
		}
	}

}
