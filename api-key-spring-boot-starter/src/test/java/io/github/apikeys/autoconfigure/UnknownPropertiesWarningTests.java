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

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A property that is misspelt has no effect, and the start says so.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnknownPropertiesWarningTests {

	@ParameterizedTest
	@CsvSource({ "api-key.security.header-name, api-key.security.header-names",
			"api-key.security.headerName, api-key.security.header-names", "api-key.expiry.maximum, api-key.expiry.max",
			"api-key.securty.paths, api-key.security.paths", "api-key.cache.max-stale, api-key.cache.max-staleness",
			"api-key.database.flyway.enable, api-key.database.flyway.enabled",
			"api-key.scope.[orders:read], api-key.scopes", "api-key.rate-limits, api-key.rate-limit.default",
			"api-keys.expiry.max, api-key.expiry.max", "apiKeys.expiry.max, api-key.expiry.max",
			"api.key.expiry.max, api-key.expiry.max", "api.keys.expiry.max, api-key.expiry.max",
			"spring.api-key.security.headerNames, api-key.security.header-names",
			"spring.security.api-key.security.header-names[0], api-key.security.header-names",
			"spring.api-keys.scopes.[orders:read], api-key.scopes" })
	void startWhenAPropertyIsMisspeltThenOneWarningWithTheNearest(String property, String nearest,
			CapturedOutput output) {
		start(Map.of(property, "a-secret"));
		assertThat(output).containsOnlyOnce("API keys have no property '");
		assertThat(output).contains("The nearest that they have is '" + nearest + "'.").doesNotContain("a-secret");
	}

	@ParameterizedTest
	@ValueSource(strings = { "api-key.security.headerNames", "api-key.security.HEADER_NAMES[0]",
			"api-key.scopes.[orders:read]", "api-key.token.type-prefixes.a.b", "api-key.token.accepted-prefixes[0]",
			"api-key.partner.timeout", "api-key.security.partner.name", "api-key.stripe", "api-key",
			"other.security.header-name", "api-keys.partner.expiry.max", "api-keys.expiry.maximum", "api-keys.stripe",
			"api-keys", "api.key", "api.key.expiry", "spring.api-key.partner.max", "other.api-key.expiry.max",
			"api.keys.cache.max-entries" })
	void startWhenAPropertyIsOneOrSomebodyElsesThenNoWarning(String property, CapturedOutput output) {
		start(Map.of(property, "acme"));
		assertThat(output).doesNotContain("API keys have no property");
	}

	@Test
	void startWhenAnEnvironmentVariableBeginsLikeOursThenNoWarning(CapturedOutput output) {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(ApiKeyAutoConfiguration.class))
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("test", Map.of("API_KEY_SECURITY_HEADER_NAME", "x"))))
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("API keys have no property");
	}

	/**
	 * Who else reads a property cannot be known.
	 */
	@Test
	void startWhenTheApplicationReadsAPropertyItselfThenNothingFalseIsSaid(CapturedOutput output) {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(ApiKeyAutoConfiguration.class))
			.withPropertyValues("api-key.expiry.maximum=1d")
			.withBean(ReadsAProperty.class)
			.run((context) -> assertThat(context.getBean(ReadsAProperty.class).maximum).isEqualTo("1d"));
		assertThat(output).doesNotContain("no effect", "There is no property");
	}

	/**
	 * What the documentation and the tooltips of editors know.
	 */
	@Test
	void namesThenThoseOfTheMetadata() throws IOException {
		TreeSet<String> documented = new TreeSet<>();
		for (URL metadata : Collections
			.list(getClass().getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
			try (InputStream input = metadata.openStream()) {
				for (JsonNode property : JsonMapper.shared().readTree(input).path("properties")) {
					if (property.path("name").asString().startsWith("api-key.")) {
						documented.add(property.path("name").asString());
					}
				}
			}
		}
		List<String> names = UnknownPropertiesWarning
			.names(ConfigurationPropertyName.of("api-key"), ApiKeyProperties.class)
			.stream()
			.map(ConfigurationPropertyName::toString)
			.toList();
		assertThat(documented).hasSizeGreaterThan(30);
		assertThat(names).containsExactlyInAnyOrderElementsOf(documented);
	}

	private static void start(Map<String, String> properties) {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(ApiKeyAutoConfiguration.class))
			.withUserConfiguration(Partner.class)
			.withInitializer((context) -> TestPropertyValues.of(properties).applyTo(context))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	static class ReadsAProperty {

		@Value("${api-key.expiry.maximum}")
		private String maximum;

	}

	@ConfigurationProperties("api-key.partner")
	record PartnerProperties(String timeout) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(PartnerProperties.class)
	static class Partner {

		@Bean
		@ConfigurationProperties("api-key.security.partner")
		StringBuilder partner() {
			return new StringBuilder();
		}

		@Bean
		@ConfigurationProperties("api.keys.cache")
		StringBuilder cache() {
			return new StringBuilder();
		}

	}

}
