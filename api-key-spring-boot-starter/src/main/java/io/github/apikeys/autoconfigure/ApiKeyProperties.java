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

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.jdbc.init.DatabaseInitializationProperties;

/**
 * Properties of API keys. They are checked where they are used, not here: the message of
 * a failed binding would print the value, and a pepper must not be printed.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("api-key")
public class ApiKeyProperties {

	private final Token token = new Token();

	private final Hash hash = new Hash();

	private final Expiry expiry = new Expiry();

	private final Rotation rotation = new Rotation();

	private final Owner owner = new Owner();

	private final Principal principal = new Principal();

	private final FirstKey firstKey = new FirstKey();

	private final Security security = new Security();

	private final Cache cache = new Cache();

	private final Usage usage = new Usage();

	private final RateLimit rateLimit = new RateLimit();

	private final FailedAttempts failedAttempts = new FailedAttempts();

	private final Logging logging = new Logging();

	private final Observations observations = new Observations();

	private final Database database = new Database();

	private final Jpa jpa = new Jpa();

	/**
	 * Scopes that can be granted, with a description of each. If there are any, no other
	 * scope can be granted.
	 */
	private Map<String, String> scopes = new LinkedHashMap<>();

	public Jpa getJpa() {
		return this.jpa;
	}

	public Token getToken() {
		return this.token;
	}

	public Hash getHash() {
		return this.hash;
	}

	public Expiry getExpiry() {
		return this.expiry;
	}

	public Rotation getRotation() {
		return this.rotation;
	}

	public Owner getOwner() {
		return this.owner;
	}

	public Principal getPrincipal() {
		return this.principal;
	}

	public FirstKey getFirstKey() {
		return this.firstKey;
	}

	public Security getSecurity() {
		return this.security;
	}

	public Cache getCache() {
		return this.cache;
	}

	public Usage getUsage() {
		return this.usage;
	}

	public RateLimit getRateLimit() {
		return this.rateLimit;
	}

	public FailedAttempts getFailedAttempts() {
		return this.failedAttempts;
	}

	public Logging getLogging() {
		return this.logging;
	}

	public Observations getObservations() {
		return this.observations;
	}

	public Database getDatabase() {
		return this.database;
	}

	public Map<String, String> getScopes() {
		return this.scopes;
	}

	public void setScopes(Map<String, String> scopes) {
		this.scopes = scopes;
	}

	/**
	 * How tokens are written.
	 */
	public static class Token {

		/**
		 * Prefix of new tokens: 2 to 16 lower case letters and digits, optionally
		 * followed by one or two parts like '_live'.
		 */
		private String prefix = "ak";

		/**
		 * Former prefixes whose tokens are still accepted.
		 */
		private List<String> acceptedPrefixes = new ArrayList<>();

		/**
		 * Prefixes of new tokens by key type, which is the discriminator value of the
		 * class. Other types have the prefix of api-key.token.prefix.
		 */
		private Map<String, String> typePrefixes = new LinkedHashMap<>();

		public String getPrefix() {
			return this.prefix;
		}

		public void setPrefix(String prefix) {
			this.prefix = prefix;
		}

		public Map<String, String> getTypePrefixes() {
			return this.typePrefixes;
		}

		public void setTypePrefixes(Map<String, String> typePrefixes) {
			this.typePrefixes = typePrefixes;
		}

		public List<String> getAcceptedPrefixes() {
			return this.acceptedPrefixes;
		}

		public void setAcceptedPrefixes(List<String> acceptedPrefixes) {
			this.acceptedPrefixes = acceptedPrefixes;
		}

	}

	/**
	 * How tokens are stored.
	 */
	public static class Hash {

		/**
		 * Scheme of new hashes: 'sha256', or the scheme of an ApiKeyHasher bean. By
		 * default HMAC-SHA-256 with the default pepper if there is one, and 'sha256'
		 * otherwise.
		 */
		private @Nullable String scheme;

		/**
		 * Peppers by id, at least 32 bytes each. Keep a pepper until no stored hash names
		 * its id any more.
		 */
		private Map<String, String> peppers = new LinkedHashMap<>();

		/**
		 * Id of the pepper for new hashes. Without it, peppers only verify hashes that
		 * name them. Every node must know a pepper before one node prefers it.
		 */
		private @Nullable String defaultPepper;

		public @Nullable String getScheme() {
			return this.scheme;
		}

		public void setScheme(@Nullable String scheme) {
			this.scheme = scheme;
		}

		public Map<String, String> getPeppers() {
			return this.peppers;
		}

		public void setPeppers(Map<String, String> peppers) {
			this.peppers = peppers;
		}

		public @Nullable String getDefaultPepper() {
			return this.defaultPepper;
		}

		public void setDefaultPepper(@Nullable String defaultPepper) {
			this.defaultPepper = defaultPepper;
		}

	}

	/**
	 * How long keys live.
	 */
	public static class Expiry {

		private @Nullable Duration defaultLifetime;

		/**
		 * Longest time from the creation of a key to its end, with a unit, for example
		 * '365d'. If it is set, every key must have an end: set the default, too, unless
		 * each creator says when.
		 */
		private @Nullable Duration max;

		/**
		 * Whether every key must have an end.
		 */
		private boolean required;

		public @Nullable Duration getDefault() {
			return this.defaultLifetime;
		}

		public void setDefault(@Nullable Duration defaultLifetime) {
			this.defaultLifetime = defaultLifetime;
		}

		public @Nullable Duration getMax() {
			return this.max;
		}

		public void setMax(@Nullable Duration max) {
			this.max = max;
		}

		public boolean isRequired() {
			return this.required;
		}

		public void setRequired(boolean required) {
			this.required = required;
		}

	}

	/**
	 * How keys are replaced.
	 */
	public static class Rotation {

		/**
		 * Longest grace period, in which a key goes on working after it was rotated. With
		 * '0s' it always ends at once.
		 */
		private Duration maxGrace = Duration.ofDays(30);

		public Duration getMaxGrace() {
			return this.maxGrace;
		}

		public void setMaxGrace(Duration maxGrace) {
			this.maxGrace = maxGrace;
		}

	}

	/**
	 * What owners may have.
	 */
	public static class Owner {

		/**
		 * How many keys an owner may have that are neither revoked nor expired. A key and
		 * those that replaced it by rotation count as one. Unlimited by default.
		 */
		private @Nullable Integer maxKeys;

		public @Nullable Integer getMaxKeys() {
			return this.maxKeys;
		}

		public void setMaxKeys(@Nullable Integer maxKeys) {
			this.maxKeys = maxKeys;
		}

	}

	/**
	 * What an application knows of its caller.
	 */
	public static class Principal {

		/**
		 * Names of metadata that each verified key brings along as
		 * ApiKeyPrincipal.metadata(), at most 10. It is read and cached with the key.
		 * None by default.
		 */
		private List<String> metadata = new ArrayList<>();

		public List<String> getMetadata() {
			return this.metadata;
		}

		public void setMetadata(List<String> metadata) {
			this.metadata = metadata;
		}

	}

	/**
	 * A key that is there before anybody can create one.
	 */
	public static class FirstKey {

		/**
		 * Hash of the token of the first API key, as
		 * io.github.apikeys.core.FirstKeyCommand prints it. The key is created at the
		 * first start of the first node, and never again. Without it, or if it is empty,
		 * there is none.
		 */
		private @Nullable String hash;

		/**
		 * Name of the first API key, 1 to 100 characters.
		 */
		private String name = "First key";

		/**
		 * Scopes of the first API key. Without any, it has no scoped access.
		 */
		private List<String> scopes = new ArrayList<>();

		/**
		 * Owner of the first API key, 1 to 255 characters. By default it belongs to
		 * nobody.
		 */
		private @Nullable String owner;

		/**
		 * Time from the creation of the first API key to its end, with a unit, for
		 * example '30d'. By default that of 'api-key.expiry.default'.
		 */
		private @Nullable Duration expiresIn;

		public @Nullable String getHash() {
			return this.hash;
		}

		public void setHash(@Nullable String hash) {
			this.hash = hash;
		}

		public String getName() {
			return this.name;
		}

		public void setName(String name) {
			this.name = name;
		}

		public List<String> getScopes() {
			return this.scopes;
		}

		public void setScopes(List<String> scopes) {
			this.scopes = scopes;
		}

		public @Nullable String getOwner() {
			return this.owner;
		}

		public void setOwner(@Nullable String owner) {
			this.owner = owner;
		}

		public @Nullable Duration getExpiresIn() {
			return this.expiresIn;
		}

		public void setExpiresIn(@Nullable Duration expiresIn) {
			this.expiresIn = expiresIn;
		}

	}

	/**
	 * How keys are read from requests.
	 */
	public static class Security {

		/**
		 * Headers that hold nothing but a key.
		 */
		private List<String> headerNames = List.of("X-API-Key");

		/**
		 * Words before a key in the Authorization header. 'Bearer' claims only what
		 * starts like a key.
		 */
		private List<String> schemes = List.of("Api-Key");

		/**
		 * Path patterns where keys are read. By default everywhere but on actuator
		 * endpoints and the admin pages.
		 */
		private List<String> paths = new ArrayList<>();

		/**
		 * Whether Spring Boot's default filter chain accepts keys. Chains of the
		 * application are not affected.
		 */
		private boolean defaultChain = true;

		/**
		 * Whether an answer 403 names the scopes that a key must have, in
		 * WWW-Authenticate and in the body.
		 */
		private boolean tellRequiredScopes = true;

		/**
		 * Whether a 401 of another mechanism says, in one more WWW-Authenticate, that API
		 * keys are accepted as well.
		 */
		private boolean challengeBesideOthers;

		public List<String> getHeaderNames() {
			return this.headerNames;
		}

		public void setHeaderNames(List<String> headerNames) {
			this.headerNames = headerNames;
		}

		public List<String> getSchemes() {
			return this.schemes;
		}

		public void setSchemes(List<String> schemes) {
			this.schemes = schemes;
		}

		public List<String> getPaths() {
			return this.paths;
		}

		public void setPaths(List<String> paths) {
			this.paths = paths;
		}

		public boolean isTellRequiredScopes() {
			return this.tellRequiredScopes;
		}

		public void setTellRequiredScopes(boolean tellRequiredScopes) {
			this.tellRequiredScopes = tellRequiredScopes;
		}

		public boolean isChallengeBesideOthers() {
			return this.challengeBesideOthers;
		}

		public void setChallengeBesideOthers(boolean challengeBesideOthers) {
			this.challengeBesideOthers = challengeBesideOthers;
		}

		public boolean isDefaultChain() {
			return this.defaultChain;
		}

		public void setDefaultChain(boolean defaultChain) {
			this.defaultChain = defaultChain;
		}

	}

	/**
	 * How verified keys are remembered.
	 */
	public static class Cache {

		/**
		 * Whether verified keys are cached. Otherwise each verification reads the key.
		 */
		private boolean enabled = true;

		/**
		 * Maximum number of keys in the cache.
		 */
		private int maxEntries = 10_000;

		/**
		 * Time after the commit of a change from which on every verification honours it,
		 * on every node. At most 15 seconds.
		 */
		private Duration maxStaleness = Duration.ofSeconds(2);

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public int getMaxEntries() {
			return this.maxEntries;
		}

		public void setMaxEntries(int maxEntries) {
			this.maxEntries = maxEntries;
		}

		public Duration getMaxStaleness() {
			return this.maxStaleness;
		}

		public void setMaxStaleness(Duration maxStaleness) {
			this.maxStaleness = maxStaleness;
		}

	}

	/**
	 * How the use of keys is counted.
	 */
	public static class Usage {

		/**
		 * How long the use of keys is summed up in memory before it is written.
		 */
		private Duration flushInterval = Duration.ofSeconds(10);

		public Duration getFlushInterval() {
			return this.flushInterval;
		}

		public void setFlushInterval(Duration flushInterval) {
			this.flushInterval = flushInterval;
		}

	}

	/**
	 * How many requests keys may make.
	 */
	public static class RateLimit {

		private @Nullable String defaultLimits;

		/**
		 * What happens to requests of limited keys while Redis does not answer.
		 */
		private WhenRedisIsDown whenRedisIsDown = WhenRedisIsDown.COUNT_LOCALLY;

		public @Nullable String getDefault() {
			return this.defaultLimits;
		}

		public void setDefault(@Nullable String defaultLimits) {
			this.defaultLimits = defaultLimits;
		}

		public WhenRedisIsDown getWhenRedisIsDown() {
			return this.whenRedisIsDown;
		}

		public void setWhenRedisIsDown(WhenRedisIsDown whenRedisIsDown) {
			this.whenRedisIsDown = whenRedisIsDown;
		}

		/**
		 * What happens while Redis does not answer.
		 */
		public enum WhenRedisIsDown {

			/**
			 * Each node counts by itself.
			 */
			COUNT_LOCALLY,

			/**
			 * Requests of keys with limits are answered with 503.
			 */
			REFUSE

		}

	}

	/**
	 * What happens to those who present keys that do not exist.
	 */
	public static class FailedAttempts {

		/**
		 * Whether failed attempts are limited by address.
		 */
		private boolean limited = true;

		/**
		 * How many well-formed keys that do not exist or whose secret is wrong may come
		 * from one address in the window, until it must wait for the window's end.
		 */
		private int max = 100;

		/**
		 * Time in which failed attempts are counted, from the first one on.
		 */
		private Duration window = Duration.ofMinutes(1);

		/**
		 * Whether requests from a loopback or private address with a Forwarded or
		 * X-Forwarded-For header are limited, too. By default false if nothing takes the
		 * remote address from such headers, because it is that of a proxy then, and true
		 * if the server or a filter does. Set it to true if there is no proxy.
		 */
		private @Nullable Boolean countForwarded;

		public boolean isLimited() {
			return this.limited;
		}

		public void setLimited(boolean limited) {
			this.limited = limited;
		}

		public int getMax() {
			return this.max;
		}

		public void setMax(int max) {
			this.max = max;
		}

		public Duration getWindow() {
			return this.window;
		}

		public void setWindow(Duration window) {
			this.window = window;
		}

		public @Nullable Boolean getCountForwarded() {
			return this.countForwarded;
		}

		public void setCountForwarded(@Nullable Boolean countForwarded) {
			this.countForwarded = countForwarded;
		}

	}

	/**
	 * What the log says of keys.
	 */
	public static class Logging {

		/**
		 * Whether the public id of the key is in the logging context (MDC), as apiKeyId,
		 * while its request is handled.
		 */
		private boolean includeKeyId;

		public boolean isIncludeKeyId() {
			return this.includeKeyId;
		}

		public void setIncludeKeyId(boolean includeKeyId) {
			this.includeKeyId = includeKeyId;
		}

	}

	/**
	 * What is observed of keys.
	 */
	public static class Observations {

		/**
		 * Whether each authentication with a key is an observation,
		 * api.key.authentication, which takes time at each request.
		 */
		private boolean enabled;

		/**
		 * Whether the observation api.key.authentication has the public id of the key, as
		 * api.key.id, a value of high cardinality: in traces, not in metrics.
		 */
		private boolean includeKeyId;

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public boolean isIncludeKeyId() {
			return this.includeKeyId;
		}

		public void setIncludeKeyId(boolean includeKeyId) {
			this.includeKeyId = includeKeyId;
		}

	}

	/**
	 * How the tables come into the database.
	 */
	public static class Database extends DatabaseInitializationProperties {

		private final Flyway flyway = new Flyway();

		/**
		 * Whether all tenants share one set of API keys. Matters only with a data source
		 * that routes, with multi-tenancy of Hibernate, or with other code of the
		 * application between a statement and the driver, such as a statement inspector.
		 * Verified keys are then cached, and their use is counted, only if set to true.
		 */
		private boolean tenantsShareKeys;

		/**
		 * Unlike elsewhere in Spring Boot, a script that fails stops the start.
		 */
		public Database() {
			setContinueOnError(false);
		}

		public Flyway getFlyway() {
			return this.flyway;
		}

		public boolean isTenantsShareKeys() {
			return this.tenantsShareKeys;
		}

		public void setTenantsShareKeys(boolean tenantsShareKeys) {
			this.tenantsShareKeys = tenantsShareKeys;
		}

		@Override
		public String getDefaultSchemaLocation() {
			return "classpath:" + ApiKeySchemaAutoConfiguration.MIGRATIONS + "@@platform@@/V*.sql";
		}

		/**
		 * Whether Flyway creates the tables.
		 */
		public static class Flyway {

			/**
			 * Whether to create the tables with Flyway, after the application's own
			 * migrations, if the application uses Flyway.
			 */
			private boolean enabled = true;

			public boolean isEnabled() {
				return this.enabled;
			}

			public void setEnabled(boolean enabled) {
				this.enabled = enabled;
			}

		}

	}

	/**
	 * The persistence unit.
	 */
	public static class Jpa {

		/**
		 * Name of the EntityManagerFactory bean in whose persistence unit API keys are
		 * stored. By default the only or primary one, or the one that is marked with
		 * ApiKeyEntityManagerFactory.
		 */
		private @Nullable String entityManagerFactory;

		public @Nullable String getEntityManagerFactory() {
			return this.entityManagerFactory;
		}

		public void setEntityManagerFactory(@Nullable String entityManagerFactory) {
			this.entityManagerFactory = entityManagerFactory;
		}

	}

}
