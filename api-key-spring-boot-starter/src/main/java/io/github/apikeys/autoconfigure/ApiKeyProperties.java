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

/**
 * Configuration properties of API keys. Values are validated where they are used, because
 * the message of a failed binding would print the value, and a pepper must not be
 * printed.
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
	 * Scopes that can be granted to API keys, with a description of each. If any scope is
	 * declared, no undeclared scope can be granted. Unrestricted by default.
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
	 * Format of tokens.
	 */
	public static class Token {

		/**
		 * Prefix of new API key tokens: 2 to 16 lower case letters and digits, optionally
		 * followed by one or two parts like '_live'.
		 */
		private String prefix = "ak";

		/**
		 * Former prefixes of API key tokens that are still accepted.
		 */
		private List<String> acceptedPrefixes = new ArrayList<>();

		/**
		 * Prefixes of new API key tokens by key type, which is the discriminator value of
		 * the class. Other types use 'api-key.token.prefix'.
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
	 * Hashes of tokens.
	 */
	public static class Hash {

		/**
		 * Scheme of new API key hashes: 'sha256', or the scheme of an ApiKeyHasher bean.
		 * By default HMAC-SHA-256 with the default pepper if
		 * 'api-key.hash.default-pepper' is set, and 'sha256' otherwise.
		 */
		private @Nullable String scheme;

		/**
		 * Peppers for API key hashes by id, at least 32 bytes each. A hash that names a
		 * removed pepper can no longer be verified, so keep a pepper until no stored hash
		 * names its id.
		 */
		private Map<String, String> peppers = new LinkedHashMap<>();

		/**
		 * Id of the pepper for new API key hashes. If not set, peppers are only used to
		 * verify existing hashes. Deploy a pepper to every node before it becomes the
		 * default.
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
	 * Expiry of keys.
	 */
	public static class Expiry {

		private @Nullable Duration defaultLifetime;

		/**
		 * Maximum time from the creation of an API key to its expiry, with a unit, for
		 * example '365d'. If set, every key must expire: set 'api-key.expiry.default' as
		 * well, unless each creator sets the expiry. Unlimited by default.
		 */
		private @Nullable Duration max;

		/**
		 * Whether every API key must have an expiry.
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
	 * Rotation of keys.
	 */
	public static class Rotation {

		/**
		 * Maximum grace period, with a unit, for example '30d', during which a rotated
		 * API key remains valid. With '0s' a rotated key expires at once.
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
	 * Limits for owners.
	 */
	public static class Owner {

		/**
		 * Maximum number of API keys of an owner that are neither revoked nor expired. A
		 * key and its successors by rotation count as one. Unlimited by default.
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
	 * Contents of the principal.
	 */
	public static class Principal {

		/**
		 * Names of metadata entries, at most 10, that ApiKeyPrincipal.metadata() contains
		 * for each verified API key. None by default.
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
	 * The key that exists before any other key is created.
	 */
	public static class FirstKey {

		/**
		 * Hash of the token of the first API key, as
		 * io.github.apikeys.core.FirstKeyCommand prints it. The first node that starts
		 * with this hash creates the key once, and never again. If not set or empty, no
		 * first key is created.
		 */
		private @Nullable String hash;

		/**
		 * Name of the first API key, 1 to 100 characters.
		 */
		private String name = "First key";

		/**
		 * Scopes of the first API key. Without scopes, the first key has no scoped
		 * access. None by default.
		 */
		private List<String> scopes = new ArrayList<>();

		/**
		 * Owner of the first API key, 1 to 255 characters. By default the first key has
		 * no owner.
		 */
		private @Nullable String owner;

		/**
		 * Time from the creation of the first API key to its expiry, with a unit, for
		 * example '30d'. By default 'api-key.expiry.default'.
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
	 * Keys in requests.
	 */
	public static class Security {

		/**
		 * Names of request headers whose whole value is an API key.
		 */
		private List<String> headerNames = List.of("X-API-Key");

		/**
		 * Schemes before an API key in the Authorization header. The scheme 'Bearer'
		 * claims only values that start like a key, so that JWTs are left to other
		 * mechanisms.
		 */
		private List<String> schemes = List.of("Api-Key");

		/**
		 * Path patterns on which API keys are read. By default all paths except those of
		 * actuator endpoints and the admin pages.
		 */
		private List<String> paths = new ArrayList<>();

		/**
		 * Whether Spring Boot's default security filter chain accepts API keys. Filter
		 * chains of the application are not affected.
		 */
		private boolean defaultChain = true;

		/**
		 * Whether a 403 response names the required scopes of an API key, in
		 * WWW-Authenticate and in the body.
		 */
		private boolean tellRequiredScopes = true;

		/**
		 * Whether a 401 response of another authentication mechanism has an additional
		 * WWW-Authenticate header that says that API keys are accepted.
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
	 * Cache of verified keys.
	 */
	public static class Cache {

		/**
		 * Whether verified API keys are cached. Otherwise each verification reads the key
		 * from the database.
		 */
		private boolean enabled = true;

		/**
		 * Maximum number of API keys in the cache of a node.
		 */
		private int maxEntries = 10_000;

		/**
		 * Time after the commit of a change of an API key from which every verification
		 * on every node honours the change. At most 15 seconds.
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
	 * Usage of keys.
	 */
	public static class Usage {

		/**
		 * Interval at which the usage of API keys, which is counted in memory, is written
		 * to the database.
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
	 * Rate limits of keys.
	 */
	public static class RateLimit {

		private @Nullable String defaultLimits;

		/**
		 * Behaviour for requests of API keys with rate limits while Redis does not
		 * answer.
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
		 * Behaviour while Redis does not answer.
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
	 * Limit of failed attempts.
	 */
	public static class FailedAttempts {

		/**
		 * Whether failed attempts to present an API key are limited by remote address.
		 */
		private boolean limited = true;

		/**
		 * Number of well-formed API keys that are unknown or have a wrong secret, from
		 * one remote address within 'api-key.failed-attempts.window', after which the
		 * address is blocked until the end of the window.
		 */
		private int max = 100;

		/**
		 * Time during which failed attempts to present an API key are counted, from the
		 * first attempt of a remote address.
		 */
		private Duration window = Duration.ofMinutes(1);

		/**
		 * Whether the limit of failed attempts applies to requests from a loopback or
		 * private address with a Forwarded or X-Forwarded-For header. By default true if
		 * the server or a filter takes the remote address from such headers, and false
		 * otherwise, because the remote address may then be that of a proxy. Set to true
		 * if there is no proxy.
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
	 * Log messages of requests with keys.
	 */
	public static class Logging {

		/**
		 * Whether the logging context (MDC) contains the public id of the API key as
		 * 'apiKeyId' while its request is handled.
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
	 * Observations of authentications.
	 */
	public static class Observations {

		/**
		 * Whether each authentication with an API key is an observation
		 * 'api.key.authentication', which costs time at each request.
		 */
		private boolean enabled;

		/**
		 * Whether the observation 'api.key.authentication' contains the public id of the
		 * API key as 'api.key.id', a high-cardinality value that appears in traces and
		 * not in metrics.
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
	 * Tables of keys.
	 */
	public static class Database {

		private final Flyway flyway = new Flyway();

		/**
		 * When to create the tables of API keys with scripts, if the application does not
		 * use Flyway.
		 */
		private SchemaInitialization initializeSchema = SchemaInitialization.EMBEDDED;

		/**
		 * Location of the scripts that create the tables of API keys.
		 */
		private String schema = "classpath:io/github/apikeys/core/migration/@@platform@@/V*.sql";

		/**
		 * Platform in the location of the scripts that create the tables of API keys.
		 * Detected by default.
		 */
		private @Nullable String platform;

		/**
		 * Whether to continue if a statement of the scripts that create the tables of API
		 * keys fails. The tables are checked in either case.
		 */
		private boolean continueOnError;

		/**
		 * Whether all tenants share one set of API keys. Matters only with a routing data
		 * source, with multi-tenancy of Hibernate, or with other code of the application
		 * between a statement and the driver, such as a statement inspector. With such
		 * code, verified keys are cached and usage is counted only if set to true.
		 */
		private boolean tenantsShareKeys;

		public Flyway getFlyway() {
			return this.flyway;
		}

		public SchemaInitialization getInitializeSchema() {
			return this.initializeSchema;
		}

		public void setInitializeSchema(SchemaInitialization initializeSchema) {
			this.initializeSchema = initializeSchema;
		}

		public String getSchema() {
			return this.schema;
		}

		public void setSchema(String schema) {
			this.schema = schema;
		}

		public @Nullable String getPlatform() {
			return this.platform;
		}

		public void setPlatform(@Nullable String platform) {
			this.platform = platform;
		}

		public boolean isContinueOnError() {
			return this.continueOnError;
		}

		public void setContinueOnError(boolean continueOnError) {
			this.continueOnError = continueOnError;
		}

		public boolean isTenantsShareKeys() {
			return this.tenantsShareKeys;
		}

		public void setTenantsShareKeys(boolean tenantsShareKeys) {
			this.tenantsShareKeys = tenantsShareKeys;
		}

		/**
		 * When scripts create the tables. The values are those of Spring Boot, whose type
		 * is not on the class path of an application without a database.
		 */
		public enum SchemaInitialization {

			/** In every database. */
			ALWAYS,

			/** In embedded databases only. */
			EMBEDDED,

			/** Never. */
			NEVER

		}

		/**
		 * Creation of the tables by Flyway.
		 */
		public static class Flyway {

			/**
			 * Whether to create the tables of API keys with Flyway, after the
			 * application's own migrations, if the application uses Flyway.
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
	 * Persistence unit of keys.
	 */
	public static class Jpa {

		/**
		 * Name of the EntityManagerFactory bean whose persistence unit stores API keys.
		 * By default the only or primary bean, or the bean that is annotated with
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
