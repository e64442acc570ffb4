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
import java.util.List;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import io.github.apikeys.security.StubApiKeyService;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.data.domain.Pageable;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * The operator has configured the hash of a token.
 */
@ExtendWith(OutputCaptureExtension.class)
class FirstKeyTests {

	private final ApiKeyToken token = new ApiKeyTokenFormat("ak", List.of())
		.generate(new SecureRandomApiKeyGenerator());

	private final String hash = hash(this.token);

	private final WebApplicationContextRunner host = HostRunner.withoutFlyway()
		.withPropertyValues("spring.datasource.url=" + HostRunner.database(),
				"api-key.first-key.scopes=orders:read,orders:write", "api-key.first-key.owner=operations",
				"api-key.first-key.expires-in=30d");

	@Test
	void startThenTheTokenOpensItAndFurtherStartsChangeNothing(CapturedOutput output) {
		WebApplicationContextRunner application = with("api-key.first-key.hash=" + this.hash);
		application.run((context) -> {
			assertThat(HostRunner.get(HostRunner.mvc(context), "/orders", "X-API-Key", this.token.value()))
				.hasStatus(200);
			assertThat(keys(context)).singleElement().satisfies((key) -> {
				assertThat(key.getName()).isEqualTo("First key");
				assertThat(key.getOwner()).isEqualTo("operations");
				assertThat(key.getScopes()).containsExactly("orders:read", "orders:write");
				assertThat(key.getExpiresAt()).isNotNull();
			});
			assertThat(output).contains("The first API key 'ak_" + this.token.keyId());
		});
		application.withPropertyValues("api-key.first-key.name=Another").run((context) -> {
			assertThat(keys(context)).extracting(ApiKey::getName).containsExactly("First key");
			context.getBean(ApiKeyService.class).revoke(keys(context).get(0).getId());
		});
		application.run((context) -> {
			assertThat(context.getBean(ApiKeyTokenVerifier.class).verify(this.token.value())).isEmpty();
			assertThat(keys(context)).hasSize(1);
		});
		ApiKeyToken other = new ApiKeyTokenFormat("ak", List.of()).generate(new SecureRandomApiKeyGenerator());
		with("api-key.first-key.hash= " + hash(other) + " ").run((context) -> {
			assertThat(context.getBean(ApiKeyTokenVerifier.class).verify(other.value())).isPresent();
			assertThat(keys(context)).hasSize(2);
		});
		assertThat(output)
			.containsOnlyOnce("'ak_" + this.token.keyId() + "_" + this.token.lastCharacters() + "' was created")
			.doesNotContain(this.token.value(), this.hash.substring(this.hash.length() - 64));
	}

	/**
	 * For example, its scopes were forgotten at the first start.
	 */
	@Test
	void furtherStartWhenTheKeyDiffersThenOneLineNamesThePropertiesAndTheState(CapturedOutput output) {
		WebApplicationContextRunner application = with("api-key.first-key.hash=" + this.hash);
		application.run((context) -> assertThat(keys(context)).hasSize(1));
		String what = "The first API key 'ak_" + this.token.keyId() + "_" + this.token.lastCharacters() + "' ";
		application.run((context) -> assertThat(output).doesNotContain(what + "exists"));
		application
			.withPropertyValues("api-key.first-key.name=Other", "api-key.first-key.scopes=orders:delete",
					"api-key.first-key.owner=others", "api-key.first-key.expires-in=60d", "api-key.expiry.max=40d")
			.run((context) -> {
				assertThat(output).containsOnlyOnce(what + "exists and is ACTIVE. It differs from "
						+ "api-key.first-key.expires-in, api-key.first-key.name, api-key.first-key.owner, "
						+ "api-key.first-key.scopes, which describe a new key only. Change the key with ApiKeyService");
				context.getBean(ApiKeyService.class).disable(keys(context).get(0).getId());
			});
		application.run((context) -> {
			assertThat(output).containsOnlyOnce(what + "exists and is DISABLED. Change the key with ApiKeyService");
			context.getBean(ApiKeyService.class).revoke(keys(context).get(0).getId());
		});
		application.run((context) -> {
			assertThat(output).containsOnlyOnce(what + "exists and is REVOKED. To create another first key, set "
					+ "'api-key.first-key.hash' to the hash of another token.");
			context.getBean(JdbcTemplate.class)
				.update("update api_key set revoked_at = '2026-01-01 00:00:00', changed_at = '2026-01-01 00:00:00'");
			assertThat(context.getBean(ApiKeyService.class).purge(Duration.ofDays(1))).isOne();
		});
		application
			.run((context) -> assertThat(output).containsOnlyOnce(what + "was purged and is not created again."));
		assertThat(output).doesNotContain(this.token.value(), this.hash.substring(this.hash.length() - 64));
	}

	@Test
	void startWhenBeansAreLazyThenItIsThereAllTheSame() {
		with("api-key.first-key.hash=" + this.hash)
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> assertThat(keys(context)).hasSize(1));
	}

	@ParameterizedTest
	@ValueSource(strings = { "api-key.first-key.hash=", "api-key.first-key.hash=${FIRST_KEY_HASH:}",
			"api-key.first-key.name=First" })
	void startWhenThereIsNoHashThenNoKey(String property) {
		with(property).run((context) -> assertThat(keys(context)).isEmpty());
	}

	@Test
	void startWhenTheTokenItselfIsConfiguredThenAdviceWithoutIt() {
		with("api-key.first-key.hash=" + this.token.value()).run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains("is a token, and not its hash");
			assertThat(advice.getAction()).contains("Generate another token")
				.contains("io.github.apikeys.core.FirstKeyCommand");
			assertThat(advice.getDescription() + advice.getAction()).doesNotContain(this.token.value().substring(3));
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', value = { "api-key.first-key.hash=secret|FirstKeyCommand",
			"api-key.first-key.hash=secret|'api-key.first-key.hash'",
			"api-key.token.prefix=other|'api-key.token.accepted-prefixes'",
			"api-key.first-key.name=|'api-key.first-key.name'",
			"api-key.first-key.scopes=Orders Read|'api-key.first-key.scopes'",
			"api-key.scopes.orders=Orders|'api-key.first-key.scopes'",
			"api-key.first-key.owner=user:ann|'api-key.first-key.owner'",
			"api-key.first-key.expires-in=0s|'api-key.first-key.expires-in'",
			"api-key.expiry.max=7d|'api-key.first-key.expires-in'", "api-key.first-key.expires-in=30|'30d' for days" })
	void startWhenConfigurationIsBadThenAdvice(String property, String advice) {
		with("api-key.first-key.hash=" + this.hash)
			.withInitializer((context) -> TestPropertyValues.of(property).applyTo(context))
			.run((context) -> {
				FailureAnalysis analysis = advice(context);
				String text = analysis.getDescription() + " " + analysis.getAction();
				assertThat(text).contains(advice).doesNotContain("secret", this.hash, this.token.keyId());
			});
	}

	@Test
	void startWhenTheKeyIdHasAnotherHashThenAdvice() {
		with("api-key.first-key.hash=" + this.hash).run((context) -> assertThat(keys(context)).hasSize(1));
		String changed = this.hash.substring(0, this.hash.length() - 1) + (this.hash.endsWith("0") ? "1" : "0");
		with("api-key.first-key.hash=" + changed)
			.run((context) -> assertThat(advice(context).getDescription()).contains("already"));
	}

	/**
	 * Also where a service of the application stands before ours.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void startWhenEachTenantMayHaveKeysThenAdvice(boolean decorated) {
		WebApplicationContextRunner host = with("api-key.first-key.hash=" + this.hash).withPropertyValues(
				"spring.jpa.properties.hibernate.session_factory.statement_inspector=" + ByThread.class.getName());
		if (decorated) {
			host = host.withBean(ApiKeyService.class, StubApiKeyService::new);
		}
		host.run((context) -> {
			assertThat(advice(context).getDescription()).contains("each tenant may have API keys of its own");
			assertThat(advice(context).getAction()).contains("'api-key.database.tenants-share-keys=true'");
		});
	}

	/**
	 * It may ask who is calling, and at the start nobody is.
	 */
	@Test
	void startWhenAServiceOfTheApplicationStandsBeforeOursThenItIsNotAsked() {
		with("api-key.first-key.hash=" + this.hash).withBean(ApiKeyService.class, StubApiKeyService::new)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(JpaApiKeyService.class).verify(this.token.value())).isPresent();
			});
	}

	@Test
	void startWhenTheServiceIsOfTheApplicationAndTellsNoHistoryThenAdvice() {
		with("api-key.first-key.hash=" + this.hash)
			.withPropertyValues("spring.autoconfigure.exclude=" + ApiKeyJpaAutoConfiguration.class.getName())
			.run((context) -> assertThat(advice(context).getDescription())
				.contains("no single bean of type ApiKeyService"));
	}

	@Test
	void startWhenTheOnlyServiceIsOfTheApplicationAndCannotCreateItThenAdviceWithItsName() {
		with("api-key.first-key.hash=" + this.hash)
			.withPropertyValues("spring.autoconfigure.exclude=" + ApiKeyJpaAutoConfiguration.class.getName())
			.withBean(ApiKeyService.class, StubApiKeyService::new)
			.withBean(ApiKeyReports.class, () -> mock(ApiKeyReports.class))
			.run((context) -> {
				FailureAnalysis advice = advice(context);
				assertThat(advice.getDescription()).contains(StubApiKeyService.class.getName(),
						UnsupportedOperationException.class.getName());
				assertThat(advice.getAction()).contains("Remove 'api-key.first-key.hash'", "find and importIfAbsent");
				assertThat(advice.getCause()).hasCauseInstanceOf(UnsupportedOperationException.class);
			});
	}

	@Test
	void startWhenNothingStoresKeysThenAdvice() {
		WebApplicationContextRunner withoutJpa = new WebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ApiKeyAutoConfiguration.class, ApiKeyStartAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("jakarta.persistence"));
		withoutJpa.withPropertyValues("api-key.first-key.hash=").run((context) -> assertThat(context).hasNotFailed());
		withoutJpa.withPropertyValues("api-key.first-key.hash=" + this.hash)
			.run((context) -> assertThat(advice(context).getDescription()).contains("'api-key.first-key.hash' is set")
				.contains("stores no API keys"));
	}

	private WebApplicationContextRunner with(String property) {
		return this.host.withInitializer((context) -> TestPropertyValues.of(property).applyTo(context));
	}

	private static List<ApiKey> keys(AssertableWebApplicationContext context) {
		assertThat(context).hasNotFailed();
		return context.getBean(ApiKeyService.class).list(ApiKeyQuery.all(), Pageable.unpaged()).getContent();
	}

	private static FailureAnalysis advice(AssertableWebApplicationContext context) {
		assertThat(context).hasFailed();
		FailureAnalysis advice = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
		assertThat(advice).isNotNull();
		return advice;
	}

	private static String hash(ApiKeyToken token) {
		return "ak_" + token.keyId() + "_" + token.lastCharacters() + "{sha256}"
				+ new Sha256ApiKeyHasher().hash(token.value());
	}

	public static class ByThread implements StatementInspector {

		@Override
		public String inspect(String sql) {
			return sql;
		}

	}

}
