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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.core.hash.PasswordEncoderApiKeyHasher;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.ForeignTokenFormat;
import io.github.apikeys.core.token.OpaqueTokenFormat;
import io.github.apikeys.core.token.SecretShape;
import io.github.apikeys.host.HostApplication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Bad configuration stops the start and says what to change, without telling secrets.
 */
@ExtendWith(OutputCaptureExtension.class)
class ApiKeyConfigurationFailureTests {

	private static final String PEPPER = "0123456789abcdef0123456789abcdef";

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', value = { "api-key.token.prefix=Acme|api-key.token.prefix",
			"api-key.token.prefix=|api-key.token.prefix",
			"api-key.token.type-prefixes.partner=P|api-key.token.type-prefixes",
			"api-key.expiry.default=0s|api-key.expiry.default", "api-key.expiry.max=-1d|api-key.expiry.max",
			"api-key.rotation.max-grace=-1d|api-key.rotation.max-grace",
			"api-key.owner.max-keys=0|api-key.owner.max-keys", "api-key.token.prefix=my-shop|'acme_live'",
			"api-key.token.prefix=x|2 to 16 lower case letters", "api-key.scopes.[Orders:Read]=x|in YAML write",
			"api-key.security.paths=api/**|'/api/**'", "api-key.rate-limit.default=100/min|'100/1m'",
			"api-key.rate-limit.default=many|api-key.rate-limit.default", "api-key.rate-limit.default=|unlimited",
			"api-key.failed-attempts.max=0|api-key.failed-attempts.max",
			"api-key.failed-attempts.window=0s|api-key.failed-attempts.limited",
			"api-key.failed-attempts.window=-1m|api-key.failed-attempts.window",
			"api-key.cache.max-entries=0|api-key.cache.max-entries",
			"api-key.cache.max-staleness=0s|api-key.cache.enabled",
			"api-key.cache.max-staleness=16s|api-key.cache.max-staleness",
			"api-key.token.accepted-prefixes=old,_x|api-key.token.accepted-prefixes",
			"api-key.security.header-names=X API Key|api-key.security.header-names",
			"api-key.security.header-names[0]=|api-key.security.header-names",
			"api-key.security.header-names=Authorization|api-key.security.schemes",
			"api-key.security.schemes=Api Key|api-key.security.schemes",
			"api-key.security.schemes=Basic|api-key.security.schemes",
			"api-key.security.paths=orders|api-key.security.paths", "api-key.security.paths=/{|api-key.security.paths",
			"api-key.usage.flush-interval=0s|api-key.usage.flush-interval",
			"api-key.hash.peppers.one=short-and-secret|api-key.hash.peppers.one",
			"api-key.hash.default-pepper=two|api-key.hash.peppers.two", "api-key.hash.scheme=argon2|only for [sha256]",
			"api-key.scopes.Orders=x|api-key.scopes", "api-key.scopes.orders=read]=Read orders|backslash",
			"api-key.scopes.orders=read=Read orders|backslash", "api-key.expiry.default=90|'90d' for days",
			"api-key.expiry.max=365|'api-key.expiry.max' is 365, a time without",
			"api-key.expiry.max=${days:365}|'365d' for days", "api-key.expiry.max=+0365|'365d' for days",
			"api-key.expiry.default=-90|'90d' for days", "api-key.rotation.max-grace=7|'7d' for days",
			"api-key.cache.max-staleness=5|'5s' for seconds", "api-key.usage.flush-interval=10|'10s' for seconds",
			"api-key.failed-attempts.window=60|'60s' for seconds",
			"api-key.principal.metadata=a,b,c,d,e,f,g,h,i,j,k|at most 10",
			"api-key.principal.metadata[0]=|'api-key.principal.metadata'",
			"api-key.scopes=a,b|'api-key.scopes.[orders:read]=Read orders'", "api-key.scopes[0]=a|is a list",
			"api-key.scopes.orders:read=Read|'api-key.scopes.[orders:read]'",
			"api-key.scopes.orders:read=Read|become 'ordersread'",
			"api-key.token.type-prefixes.partner/key=acme|'api-key.token.type-prefixes.[partner/key]'",
			"api-key.hash.peppers.2026/01=short-and-secret|'api-key.hash.peppers.[2026/01]'" })
	void startWhenConfigurationIsBadThenAdvice(String property, String advice) {
		int equals = property.indexOf('=');
		start(Map.of(property.substring(0, equals), property.substring(equals + 1))).run((context) -> {
			assertThat(context).hasFailed();
			var analysis = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(analysis).isNotNull();
			assertThat(analysis.getDescription() + analysis.getAction()).contains(advice);
			assertThat(analysis.getDescription() + analysis.getAction()).doesNotContain("short-and-secret");
		});
	}

	@ParameterizedTest
	@CsvSource({ "api-key.hash.peppers.2026_01", "api-key.hash.peppers.[2026]", "api-key.hash.peppers[2026]",
			"api-key.hash.peppers.[2026_01]" })
	void startWhenANameIsKeptAsItIsThenNoAdvice(String property) {
		start(Map.of(property, "0123456789abcdef0123456789abcdef")).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(ApiKeyProperties.class).getHash().getPeppers().keySet()).singleElement()
				.asString()
				.matches("2026(_01)?");
		});
	}

	@Test
	void startWhenTheApplicationHasPropertiesOfItsOwnBelowThePrefixThenTheyAreItsOwn() {
		start(Map.of("api-key.partner.timeout", "5", "api-key.partner.names.a/b", "c"))
			.withUserConfiguration(PartnerConfiguration.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(PartnerProperties.class).timeout()).isEqualTo(Duration.ofSeconds(5));
			});
	}

	@ConfigurationProperties("api-key.partner")
	record PartnerProperties(@DurationUnit(ChronoUnit.SECONDS) Duration timeout, Map<String, String> names) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(PartnerProperties.class)
	static class PartnerConfiguration {

	}

	@Test
	void startWhenThereIsNoSuchTypeThenAWarning(CapturedOutput output) {
		start(Map.of("api-key.token.type-prefixes.nobody", "acme")).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).contains("'api-key.token.type-prefixes.nobody' belongs to no type");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "api-key.database.initialize-schema", "api-key.rate-limit.when-redis-is-down" })
	void startWhenAChoiceIsMisspeltThenPrintedAdviceWithTheNameOfTheProperty(String property, CapturedOutput output) {
		assertThatException().isThrownBy(() -> run("--" + property + "=allways"));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.containsPattern("Property: " + property)
			.contains("allways")
			.contains("The following values are valid");
	}

	@Test
	void startWhenASwitchIsNeitherOnNorOffThenPrintedAdviceWithTheNameOfTheProperty(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run("--api-key.cache.enabled=maybe"));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.containsPattern("Property: api-key.cache.enabled")
			.contains("Invalid boolean value 'maybe'");
	}

	@Test
	void startWhenTokensFromElsewhereHaveNoPrefixThenTheyAreImportedAndFound() {
		String token = "0123456789abcdef0123456789abcdef01234567";
		start(Map.of())
			.withBean(ForeignTokenFormat.class,
					() -> new OpaqueTokenFormat("home", "", SecretShape.of(40, SecretShape.HEXADECIMAL), new byte[32]))
			.run((context) -> {
				JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
				apiKeys.importKey(ImportedApiKey.ofToken(token), NewApiKey.named("home-made"));
				assertThat(apiKeys.verify(token)).isPresent();
				assertThat(apiKeys.verify(token.replace('0', '1'))).isEmpty();
			});
	}

	@Test
	void startWhenThereAreLimitsAndNothingCountsThenAdvice() {
		start(Map.of("api-key.rate-limit.default", "100/1m"))
			.withClassLoader(new FilteredClassLoader("io.github.bucket4j"))
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure()).getAction())
					.contains("com.bucket4j:bucket4j_jdk17-core", "ApiKeyRateLimiter");
			});
	}

	@Test
	void startWhenPeppersAreKnownAndNoneIsPreferredThenAWarning(CapturedOutput output) {
		start(Map.of("api-key.hash.peppers.one", PEPPER, "api-key.hash.peppers.two", PEPPER)).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).contains("none is used for new hashes").contains("'api-key.hash.default-pepper'");
		});
	}

	@Test
	void createWhenABeanDoesSoWhileItIsMadeThenTheKeyWorks() {
		start(Map.of()).withUserConfiguration(CreatesEarly.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(JpaApiKeyService.class).verify(context.getBean(CreatedApiKey.class).token()))
				.isPresent();
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class CreatesEarly {

		@Bean
		CreatedApiKey early(JpaApiKeyService apiKeys) {
			return apiKeys.create(NewApiKey.named("early"));
		}

	}

	@Test
	void startWhenNoHeaderIsNamedThenAWarning(CapturedOutput output) {
		start(Map.of("api-key.security.header-names", "")).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).contains("'api-key.security.header-names' is empty");
		});
	}

	@Test
	void startWhenTimesHaveUnitsOrAreZeroThenTheyAreTaken() {
		start(Map.of("api-key.expiry.default", "P90D", "api-key.expiry.max", "8760h", "api-key.rotation.max-grace",
				"0"))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void startWhenSecretsOfImportedTokensAreShortThenAdvice() {
		start(Map.of())
			.withBean(ForeignTokenFormat.class,
					() -> new DelimitedTokenFormat("old", '.', true)
						.withSecret(SecretShape.of(8, SecretShape.HEXADECIMAL)))
			.run((context) -> {
				assertThat(context).hasFailed();
				var analysis = new InvalidTokenFormatFailureAnalyzer().analyze(context.getStartupFailure());
				assertThat(analysis.getDescription()).contains("has 32 bits, and must have at least 128");
				assertThat(analysis.getAction()).contains("without a SecretShape");
			});
	}

	@Test
	void createWhenAWildcardIsGrantedAndNoScopeIsDeclaredThenOneWarning(CapturedOutput output) {
		start(Map.of()).run((context) -> {
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			NewApiKey key = NewApiKey.named("client");
			apiKeys.create(key.scopes("orders:read"));
			assertThat(output).doesNotContain("was granted the wildcard");
			apiKeys.create(key.scopes("orders:*"));
			apiKeys.create(key.scopes("*"));
			assertThat(output.toString().split("was granted the wildcard")).hasSize(2);
		});
		start(Map.of("api-key.scopes.[orders:read]", "Read orders")).run((context) -> {
			context.getBean(JpaApiKeyService.class).create(NewApiKey.named("client").scopes("orders:*"));
			assertThat(output.toString().split("was granted the wildcard")).hasSize(2);
		});
	}

	@Test
	void createWhenThereIsALongestLifetimeAndNoExpiryThenRefusedWithBothProperties() {
		start(Map.of("api-key.expiry.max", "365d")).run((context) -> {
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			assertThatException().isThrownBy(() -> apiKeys.create(NewApiKey.named("client")))
				.withMessageContaining("must have an expiry, within 365 days")
				.withMessageContaining("default");
			apiKeys.create(NewApiKey.named("client").expiresIn(Duration.ofDays(30)));
		});
	}

	@Test
	void startWhenTheDefaultLifetimeIsLongerThanTheLongestThenAdvice() {
		start(Map.of("api-key.expiry.default", "10d", "api-key.expiry.max", "9d")).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(analysis.getDescription())
				.contains("the default lifetime, 10 days, must not be longer than the longest, 9 days");
			assertThat(analysis.getAction()).contains("api-key.expiry.max");
		});
	}

	@Test
	void startWhenTwoForeignFormatsHaveTheSameNameThenAdvice() {
		start(Map.of()).withBean("one", ForeignTokenFormat.class, DelimitedTokenFormat::django)
			.withBean("two", ForeignTokenFormat.class, DelimitedTokenFormat::django)
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure()).getAction())
					.contains("ForeignTokenFormat");
			});
	}

	@Test
	void startWhenRulesAreConfiguredThenTheyHold() {
		start(Map.of("api-key.expiry.default", "90d", "api-key.expiry.max", "365d", "api-key.owner.max-keys", "1"))
			.withBean(ForeignTokenFormat.class, DelimitedTokenFormat::django)
			.withBean(ApiKeyPolicy.class, () -> (key) -> !"closed".equals(key.owner()))
			.run((context) -> {
				JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
				CreatedApiKey created = apiKeys.create(NewApiKey.named("client").owner("closed"));
				assertThat(created.apiKey().getExpiresAt()).isBetween(Instant.now().plus(Duration.ofDays(89)),
						Instant.now().plus(Duration.ofDays(91)));
				assertThat(apiKeys.verify(created.token())).isEmpty();
				assertThatException().isThrownBy(() -> apiKeys.create(NewApiKey.named("client").owner("closed")))
					.withMessageContaining("may have 1");
				assertThatException().isThrownBy(() -> apiKeys.create(NewApiKey.named("client").neverExpires()))
					.withMessageContaining("must have an expiry");
				apiKeys.importKey(ImportedApiKey.ofToken("abc.defghijklmnopqrstuvwxyz012345678"),
						NewApiKey.named("old"));
				assertThat(apiKeys.verify("abc.defghijklmnopqrstuvwxyz012345678")).isPresent();
			});
	}

	@Test
	void startWhenAPolicyNeedsKeysItselfThenNoCircle() {
		start(Map.of()).withUserConfiguration(CountingPolicy.class).run((context) -> {
			assertThat(context).hasNotFailed();
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client")).token())).isPresent();
		});
	}

	@Test
	void startWhenPepperIsShortThenPrintedAdviceWithoutThePepper(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run("--api-key.hash.peppers.one=short-and-secret"));
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("A pepper for API keys is too short")
			.contains("openssl rand -base64 48")
			.doesNotContain("short-and-secret");
	}

	@Test
	void startWhenPrefixIsIllegalThenPrintedAdvice(CapturedOutput output) {
		assertThatException().isThrownBy(() -> run("--api-key.token.prefix=Acme"));
		assertThat(output).contains("APPLICATION FAILED TO START").contains("Change 'api-key.token.prefix'");
	}

	@Test
	void hashWhenNothingIsSetThenSha256() {
		assertHash(start(Map.of()), "{sha256}");
	}

	@Test
	void hashWhenPepperThenHmacIfItIsTheDefault() {
		assertHash(start(Map.of("api-key.hash.peppers.one", PEPPER)), "{sha256}");
		assertHash(start(Map.of("api-key.hash.peppers.one", PEPPER, "api-key.hash.peppers.two", PEPPER,
				"api-key.hash.default-pepper", "two")), "{hmac-sha256:two}");
	}

	@Test
	void hashWhenOwnHasherThenOnlyIfPreferred() {
		assertHash(startWithBcrypt(Map.of()), "{sha256}");
		assertHash(startWithBcrypt(Map.of("api-key.hash.scheme", "bcrypt")), "{bcrypt}");
	}

	private static WebApplicationContextRunner startWithBcrypt(Map<String, String> properties) {
		return start(properties).withBean(ApiKeyHasher.class,
				() -> new PasswordEncoderApiKeyHasher("bcrypt", new BCryptPasswordEncoder(4)));
	}

	private static void assertHash(WebApplicationContextRunner runner, String scheme) {
		runner.run((context) -> {
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client")).token())).isPresent();
			assertThat(context.getBean(JdbcTemplate.class).queryForObject("select hash from api_key", String.class))
				.startsWith(scheme);
		});
	}

	private static WebApplicationContextRunner start(Map<String, String> properties) {
		return HostRunner.application()
			.withInitializer((context) -> TestPropertyValues.of(properties).applyTo(context));
	}

	private static void run(String... arguments) {
		new SpringApplicationBuilder(HostApplication.class).web(WebApplicationType.SERVLET)
			.properties("server.port=0", "spring.datasource.url=" + HostRunner.database())
			.run(arguments)
			.close();
	}

	static class CountingPolicy implements ApiKeyPolicy {

		private final JpaApiKeyService apiKeys;

		CountingPolicy(JpaApiKeyService apiKeys) {
			this.apiKeys = apiKeys;
		}

		@Override
		public boolean permits(ApiKeyPrincipal apiKey) {
			return this.apiKeys.find(apiKey.id()).isPresent();
		}

	}

}
