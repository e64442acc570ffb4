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

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.apikeys.core.IssuanceTerms;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.HmacSha256ApiKeyHasher;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.ForeignTokenFormat;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Auto-configuration of what a key looks like and how it is hashed.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@EnableConfigurationProperties(ApiKeyProperties.class)
@Import(SpringBootVersionCheck.class)
public final class ApiKeyAutoConfiguration {

	private static final Log logger = LogFactory.getLog(ApiKeyAutoConfiguration.class);

	@Bean("io.github.apikeys.apiKeyMisplacedValueAdvisor")
	static ConfigurationPropertiesBindHandlerAdvisor apiKeyMisplacedValueAdvisor() {
		return (parent) -> new AmbiguousValueHandler(new MisplacedValueHandler(parent));
	}

	@Bean("io.github.apikeys.apiKeyUnknownPropertiesWarning")
	@Lazy(false)
	UnknownPropertiesWarning apiKeyUnknownPropertiesWarning(ConfigurableListableBeanFactory beanFactory,
			ConfigurableEnvironment environment) {
		return new UnknownPropertiesWarning(beanFactory, environment);
	}

	@Bean("io.github.apikeys.apiKeyIssuanceTerms")
	IssuanceTerms apiKeyIssuanceTerms(ApiKeyProperties properties) {
		ApiKeyProperties.Expiry expiry = properties.getExpiry();
		return new IssuanceTerms(properties.getScopes(), expiry.getMax(), expiry.isRequired(),
				properties.getRotation().getMaxGrace());
	}

	@Bean("io.github.apikeys.unheardBeansCheck")
	@Lazy(false)
	@ImportRuntimeHints({ OptionalType.Hints.class, UnheardBeansCheck.Hints.class })
	UnheardBeansCheck unheardBeansCheck(ApplicationContext context) {
		return new UnheardBeansCheck(context);
	}

	@Bean("io.github.apikeys.apiKeyTokenFormat")
	@ConditionalOnMissingBean
	ApiKeyTokenFormat apiKeyTokenFormat(ApiKeyProperties properties) {
		ApiKeyProperties.Token token = properties.getToken();
		try {
			return new ApiKeyTokenFormat(token.getPrefix(), token.getAcceptedPrefixes(), token.getTypePrefixes());
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException("An API key cannot have such a prefix: " + ex.getMessage() + ".",
					"Change 'api-key.token.prefix', 'api-key.token.type-prefixes' or "
							+ "'api-key.token.accepted-prefixes', for example to 'acme' or 'acme_live'.");
		}
	}

	@Bean("io.github.apikeys.apiKeyTokenFormats")
	@ConditionalOnMissingBean
	ApiKeyTokenFormats apiKeyTokenFormats(ApiKeyTokenFormat issued, ObjectProvider<ForeignTokenFormat> foreign) {
		try {
			return new ApiKeyTokenFormats(issued, foreign.orderedStream().toList());
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException(
					"The formats of imported API keys cannot be told apart: " + ex.getMessage() + ".",
					"Change the name of a ForeignTokenFormat bean.");
		}
	}

	/**
	 * Lazy, so that tests of a slice do not need the hashers of the application.
	 */
	@Bean("io.github.apikeys.apiKeyHashers")
	@Lazy
	@ConditionalOnMissingBean
	ApiKeyHashers apiKeyHashers(ApiKeyProperties properties, ObjectProvider<ApiKeyHasher> applicationHashers) {
		ApiKeyProperties.Hash hash = properties.getHash();
		List<ApiKeyHasher> hashers = new ArrayList<>();
		hashers.add(new Sha256ApiKeyHasher());
		for (Map.Entry<String, String> pepper : hash.getPeppers().entrySet()) {
			hashers.add(hmac(pepper.getKey(), pepper.getValue()));
		}
		applicationHashers.orderedStream().forEach(hashers::add);
		try {
			return new ApiKeyHashers(preferredScheme(hash), hashers);
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException("API keys cannot be hashed as configured: " + ex.getMessage() + ".",
					"Change 'api-key.hash.scheme' or 'api-key.hash.default-pepper', or publish an ApiKeyHasher bean "
							+ "for the scheme. A test of a slice, such as @DataJpaTest, has that bean if it imports the "
							+ "class that publishes it.");
		}
	}

	private static HmacSha256ApiKeyHasher hmac(String pepperId, String pepper) {
		try {
			return new HmacSha256ApiKeyHasher(pepperId, pepper.getBytes(StandardCharsets.UTF_8));
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException("A pepper for API keys is too short: " + ex.getMessage() + ".",
					"Set 'api-key.hash.peppers." + pepperId
							+ "' to at least 32 random bytes, for example from 'openssl rand -base64 48'.");
		}
	}

	private static String preferredScheme(ApiKeyProperties.Hash hash) {
		if (hash.getScheme() != null) {
			return hash.getScheme();
		}
		String pepperId = preferredPepper(hash);
		return (pepperId != null) ? HmacSha256ApiKeyHasher.scheme(pepperId) : Sha256ApiKeyHasher.SCHEME;
	}

	private static @Nullable String preferredPepper(ApiKeyProperties.Hash hash) {
		String pepperId = hash.getDefaultPepper();
		if (pepperId == null && !hash.getPeppers().isEmpty()) {
			logger.warn("The peppers " + hash.getPeppers().keySet() + " for API keys are known, and none is used for "
					+ "new hashes: once every node knows one, set 'api-key.hash.default-pepper' to it");
		}
		if (pepperId != null && !hash.getPeppers().containsKey(pepperId)) {
			// somebody may have taken it for the place of the pepper itself
			String id = (pepperId.length() < HmacSha256ApiKeyHasher.MIN_PEPPER_LENGTH) ? pepperId : "<id>";
			throw new ApiKeyConfigurationException(
					"The default pepper for API keys is not there: 'api-key.hash.default-pepper' must be the id of a "
							+ "pepper.",
					"Set 'api-key.hash.peppers." + id + "', or set 'api-key.hash.default-pepper' to one of "
							+ hash.getPeppers().keySet() + ".");
		}
		return pepperId;
	}

}
