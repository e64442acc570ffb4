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
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.apikeys.core.ApiKeyImport;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.FirstApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.persistence.PersistenceException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.util.StringUtils;

/**
 * Creates the key of which the operator has configured the hash, before the application
 * answers requests. No message shows what is configured: it may be the token by mistake.
 */
final class FirstKey implements SmartInitializingSingleton {

	private static final String COMMAND = "java -Dloader.main=io.github.apikeys.core.FirstKeyCommand -cp "
			+ "application.jar org.springframework.boot.loader.launch.PropertiesLauncher";

	private static final String ANOTHER_KEY = "To create another first key, set 'api-key.first-key.hash' to the hash of "
			+ "another token.";

	private static final Log logger = LogFactory.getLog(FirstKey.class);

	private final ApiKeyProperties properties;

	private final ApiKeyTokenFormats tokenFormats;

	private final ObjectProvider<ApiKeyService> apiKeys;

	private final ObjectProvider<JpaApiKeyService> store;

	private final ObjectProvider<ApiKeyReports> reports;

	FirstKey(ApiKeyProperties properties, ApiKeyTokenFormats tokenFormats, ObjectProvider<ApiKeyService> apiKeys,
			ObjectProvider<JpaApiKeyService> store, ObjectProvider<ApiKeyReports> reports) {
		this.properties = properties;
		this.tokenFormats = tokenFormats;
		this.apiKeys = apiKeys;
		this.store = store;
		this.reports = reports;
	}

	@Override
	public void afterSingletonsInstantiated() {
		String hash = this.properties.getFirstKey().getHash();
		if (!StringUtils.hasText(hash)) {
			return;
		}
		if (this.tokenFormats.parse(hash.strip()) != null) {
			throw new ApiKeyConfigurationException(
					"'api-key.first-key.hash' is a token, and not its hash: everyone who can read the configuration has "
							+ "the API key.",
					"Generate another token, and set the property to its hash: '" + COMMAND + "' prints both.");
		}
		ApiKeyService apiKeys = service();
		ApiKeyReports reports = this.reports.getIfUnique();
		if (apiKeys == null || reports == null) {
			throw new ApiKeyConfigurationException(
					"'api-key.first-key.hash' is set, and there is no single bean of type "
							+ ((apiKeys == null) ? "ApiKeyService" : "ApiKeyReports") + " to create the API key with.",
					"Let API keys be configured automatically, or remove the property.");
		}
		this.store.forEach(this::checkTenants);
		try {
			create(new FirstApiKey(apiKeys, reports), hash.strip(), this.properties.getFirstKey());
		}
		catch (ApiKeyConfigurationException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			if (apiKeys instanceof JpaApiKeyService) {
				throw ex;
			}
			throw notCreatedBy(apiKeys, ex);
		}
	}

	/**
	 * It may not support what a first key needs, or ask who is calling.
	 */
	private static ApiKeyConfigurationException notCreatedBy(ApiKeyService apiKeys, RuntimeException failure) {
		ApiKeyConfigurationException exception = new ApiKeyConfigurationException(
				"The first API key cannot be created by the application's own ApiKeyService, "
						+ AopUtils.getTargetClass(apiKeys).getName() + ", which failed with "
						+ failure.getClass().getName() + ".",
				"Remove 'api-key.first-key.hash', and create the key in the way of that service. To use the property, "
						+ "support find and importIfAbsent at the start, when nobody is signed in, or let API keys be "
						+ "stored by the JpaApiKeyService of the auto-configuration.");
		exception.initCause(failure);
		return exception;
	}

	/**
	 * A service of the application that stands before ours may ask who is calling, and
	 * nobody is.
	 */
	private @Nullable ApiKeyService service() {
		ApiKeyService store = this.store.getIfUnique();
		return (store != null) ? store : this.apiKeys.getIfUnique();
	}

	/**
	 * A service of the application may stand before the one that knows.
	 */
	private void checkTenants(JpaApiKeyService store) {
		String tenantRouting = store.getTenantRouting();
		if (tenantRouting != null && !this.properties.getDatabase().isTenantsShareKeys()) {
			throw new ApiKeyConfigurationException(
					"'api-key.first-key.hash' is set, and each tenant may have API keys of its own, because of "
							+ tenantRouting + ".",
					"Remove the property, and create the first API key of a tenant with ApiKeyService in the context "
							+ "of that tenant. If all tenants share one set of keys, set "
							+ "'api-key.database.tenants-share-keys=true'.");
		}
	}

	private static void create(FirstApiKey firstKey, String hash, ApiKeyProperties.FirstKey properties) {
		try {
			Optional<ApiKeyImport> outcome = firstKey.create(hash, describe(properties));
			String what = "The first API key '" + hash.substring(0, hash.indexOf('{')) + "' ";
			if (outcome.isEmpty()) {
				logger.info(what + "was purged and is not created again. " + ANOTHER_KEY);
			}
			else if (outcome.get().isCreated()) {
				logger.info(what + "was created. A first key with another hash remains valid until it is revoked.");
			}
			else {
				tellDifferences(what, outcome.get());
			}
		}
		catch (InvalidApiKeyAttributeException ex) {
			throw new ApiKeyConfigurationException("The first API key cannot be created: " + ex.getMessage() + ".",
					advice(ex.getAttribute()));
		}
		catch (DataAccessException | TransactionException | PersistenceException ex) {
			logger.warn("It is not known whether the first API key exists, and it was not created. Start the "
					+ "application again when the database answers.", ex);
		}
	}

	/**
	 * What is configured describes a new key, and has no effect on this one.
	 */
	private static void tellDifferences(String what, ApiKeyImport present) {
		ApiKeyState state = present.getApiKey().getState();
		Set<String> differences = present.getDifferences();
		if (state == ApiKeyState.ACTIVE && differences.isEmpty()) {
			return;
		}
		String attributes = differences.stream().map(FirstKey::property).collect(Collectors.joining(", "));
		logger.info(what + "exists and is " + state + ". "
				+ (differences.isEmpty() ? "" : "It differs from " + attributes + ", which describe a new key only. ")
				+ (state.isEnded() ? ANOTHER_KEY : "Change the key with ApiKeyService or on the admin pages."));
	}

	private static String property(String attribute) {
		return "api-key.first-key." + (attribute.equals("expiresAt") ? "expires-in" : attribute);
	}

	private static NewApiKey describe(ApiKeyProperties.FirstKey properties) {
		NewApiKey newApiKey = NewApiKey.named(properties.getName()).scopes(properties.getScopes());
		String owner = properties.getOwner();
		if (owner != null) {
			newApiKey.owner(owner);
		}
		Duration expiresIn = properties.getExpiresIn();
		return (expiresIn != null) ? newApiKey.expiresIn(expiresIn) : newApiKey;
	}

	private static String advice(@Nullable String attribute) {
		String name = String.valueOf(attribute);
		return switch (name) {
			case "name", "scopes", "owner" -> "Change '" + property(name) + "'.";
			case "expiresAt" -> "Change '" + property(name) + "', for example to '30d'.";
			default -> "Set 'api-key.first-key.hash' to what '" + COMMAND + "' prints for a new token. The prefix of "
					+ "the token, 'ak' unless it is the last argument of that command, must be "
					+ "'api-key.token.prefix' or one of 'api-key.token.accepted-prefixes'.";
		};
	}

}
