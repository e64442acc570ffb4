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

import java.util.HashMap;
import java.util.Map;

import io.github.apikeys.core.hash.ApiKeyHashers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.autoconfigure.context.properties.ConfigurationPropertiesReportEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.env.EnvironmentEndpointAutoConfiguration;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint;
import org.springframework.boot.actuate.env.EnvironmentEndpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.test.util.TestPropertyValues.Type;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class ApiKeyAutoConfigurationTests {

	private static final String PEPPER = "0123456789-pepper-fedcba9876543210";

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApiKeyAutoConfiguration.class));

	/**
	 * An application that had a key of its own is likely to have such a variable. Its
	 * value may be a secret.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "API_KEY_TOKEN", "API_KEY_HASH", "API_KEY_OWNER", "API_KEY_SCOPES", "API_KEY_EXPIRY",
			"API_KEY_SECURITY", "API_KEY_USAGE", "API_KEY_DATABASE", "APIKEY_CACHE", "APIKEY_TOKEN",
			"API_KEY_RATE_LIMIT", "APIKEY_RATELIMIT", "API_KEY_HASH_PEPPERS", "APIKEY_TOKEN_TYPEPREFIXES", "API_KEY",
			"API_KEY_ADMIN" })
	void startWhenTheEnvironmentHasAVariableOfThatNameThenIgnoredWithAWarning(String variable, CapturedOutput output) {
		withEnvironment(variable, "a-secret-of-theirs").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(ApiKeyHashers.class).hash("x", true)).startsWith("{sha256}");
		});
		assertThat(output).doesNotContain("a-secret-of-theirs");
		if (!variable.equals("API_KEY") && !variable.equals("API_KEY_ADMIN")) {
			assertThat(output).contains(variable).contains("is ignored");
		}
	}

	@Test
	void startWhenTheEnvironmentHasAVariableOfThatNameThenOtherPropertiesStillCount() {
		withEnvironment("API_KEY_TOKEN", "a-secret-of-theirs").withPropertyValues("api-key.token.prefix=acme")
			.run((context) -> assertThat(context.getBean(ApiKeyProperties.class).getToken().getPrefix())
				.isEqualTo("acme"));
	}

	/**
	 * In a file it is a mistake, and a rule would silently not hold.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "api-key.expiry", "api-key.hash.peppers", "api-key.scopes", "api-key.security" })
	void startWhenAFileHasAValueInPlaceOfSeveralPropertiesThenAdviceWithoutTheValue(String name) {
		this.context.withPropertyValues(name + "=secret-or-not").run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription()).contains("'" + name + "'").doesNotContain("secret-or-not");
			assertThat(analysis.getAction()).contains(name + ".").doesNotContain("secret-or-not");
		});
	}

	@Test
	void pepperWhenItIsNotTheDefaultThenKnownAndNotUsed(CapturedOutput output) {
		this.context.withPropertyValues("api-key.hash.peppers.one=" + PEPPER, "api-key.hash.peppers.two=" + PEPPER)
			.run((context) -> {
				ApiKeyHashers hashers = context.getBean(ApiKeyHashers.class);
				assertThat(hashers.hash("x", true)).startsWith("{sha256}");
				assertThat(hashers.read("{hmac-sha256:one}00").isKnown()).isTrue();
				assertThat(hashers.read("{hmac-sha256:two}00").isKnown()).isTrue();
			});
		assertThat(output).contains("api-key.hash.default-pepper").contains("[one, two]").doesNotContain(PEPPER);
	}

	@Test
	void pepperWhenItIsTheDefaultThenUsed() {
		this.context.withPropertyValues("api-key.hash.peppers.one=" + PEPPER, "api-key.hash.default-pepper=one")
			.run((context) -> assertThat(context.getBean(ApiKeyHashers.class).hash("x", true))
				.startsWith("{hmac-sha256:one}"));
	}

	/**
	 * Somebody may take the name of the property for the place of the pepper.
	 */
	@Test
	void pepperWhenItIsGivenAsTheDefaultThenAdviceWithoutIt() {
		this.context.withPropertyValues("api-key.hash.peppers.one=" + PEPPER, "api-key.hash.default-pepper=" + PEPPER)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(failure(() -> context.getBean(ApiKeyHashers.class))).contains("api-key.hash.default-pepper")
					.doesNotContain(PEPPER);
			});
	}

	@Test
	void actuatorWhenValuesAreShownThenNoPepper() {
		Map<String, Object> environment = new HashMap<>();
		environment.put("API_KEY_HASH_PEPPERS_FROMENV", "of-env-" + PEPPER);
		environment.put("SPRING_APPLICATION_JSON",
				"{\"api-key\":{\"hash\":{\"peppers\":{\"json\":\"" + PEPPER + "\"}}}}");
		environment.put("PEPPER_2027", "placed-" + PEPPER);
		environment.put("HARMLESS", "harmless-value");
		this.context
			.withConfiguration(AutoConfigurations.of(ApiKeyObservabilityAutoConfiguration.class,
					EnvironmentEndpointAutoConfiguration.class,
					ConfigurationPropertiesReportEndpointAutoConfiguration.class))
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", environment)))
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addLast(new MapPropertySource("arguments",
						Map.of("sun.java.command", "app.jar --api-key.hash.peppers.one=" + PEPPER))))
			.withPropertyValues("management.endpoints.web.exposure.include=*",
					"management.endpoint.env.show-values=always", "management.endpoint.configprops.show-values=always",
					"management.endpoints.jmx.exposure.include=*", "spring.jmx.enabled=true",
					"api-key.hash.peppers.one=" + PEPPER, "api-key.hash.peppers[two/2027]=${PEPPER_2027}",
					"app.copy=${api-key.hash.peppers.one}", "api-key.first-key.hash=ak_hash-of-the-first-key",
					"api-key.token.prefix=acme")
			.run((context) -> {
				JsonMapper json = JsonMapper.builder().build();
				String env = json.writeValueAsString(context.getBean(EnvironmentEndpoint.class).environment(null));
				String entry = json.writeValueAsString(
						context.getBean(EnvironmentEndpoint.class).environmentEntry("api-key.hash.peppers.one"));
				String properties = json.writeValueAsString(
						context.getBean(ConfigurationPropertiesReportEndpoint.class).configurationProperties());
				assertThat(env).contains("harmless-value", "HARMLESS", "acme");
				assertThat(properties).contains("acme", "peppers");
				assertThat(env + entry + properties).doesNotContain(PEPPER, "hash-of-the-first-key");
			});
	}

	private static String failure(Runnable action) {
		try {
			action.run();
			return "";
		}
		catch (RuntimeException ex) {
			FailureAnalysis analysis = new ApiKeyConfigurationFailureAnalyzer().analyze(ex);
			return analysis.getDescription() + analysis.getAction();
		}
	}

	private ApplicationContextRunner withEnvironment(String variable, String value) {
		return this.context.withInitializer((context) -> TestPropertyValues.of(variable + "=" + value)
			.applyTo(context.getEnvironment(), Type.SYSTEM_ENVIRONMENT, "test-systemEnvironment"));
	}

}
