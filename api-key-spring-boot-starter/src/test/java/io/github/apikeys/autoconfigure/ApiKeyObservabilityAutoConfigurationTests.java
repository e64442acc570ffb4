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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.health.actuate.endpoint.CompositeHealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.IndicatedHealthDescriptor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.http.HttpHeaders;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.web.context.WebApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

class ApiKeyObservabilityAutoConfigurationTests {

	// the first poll evicts what was cached before
	private static final String STAYS_CACHED = "api-key.cache.max-staleness=15s";

	@Test
	void verificationsThenCountedByOutcomeAndMemory() {
		withMeters().withPropertyValues(STAYS_CACHED).run((context) -> {
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			CreatedApiKey created = apiKeys.create(NewApiKey.named("client"));
			for (int i = 0; i < 3; i++) {
				apiKeys.verify(created.token());
			}
			apiKeys.verify("nonsense");
			apiKeys.verify("nonsense");
			apiKeys.revoke(created.apiKey().getId());
			apiKeys.verify(created.token());
			apiKeys.verify(created.token());
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			assertThat(verifications(meters, "success", "miss")).isOne();
			assertThat(verifications(meters, "success", "hit")).isEqualTo(2);
			assertThat(verifications(meters, "malformed", "none")).isEqualTo(2);
			assertThat(verifications(meters, "revoked", "miss")).isOne();
			assertThat(verifications(meters, "revoked", "hit")).isOne();
			assertThat(verifications(meters, "unknown", "miss")).isZero();
			assertThat(verifications(meters, "unavailable", "none")).isZero();
			assertThat(meters.find("api.key.verify").functionCounters().stream().mapToDouble(FunctionCounter::count))
				.satisfies((counts) -> assertThat(counts.stream().mapToDouble(Double::doubleValue).sum()).isEqualTo(7));
			assertThat(meters.get("api.key.cache.size").gauge().value()).isOne();
			assertThat(meters.get("api.key.cache.staleness").timeGauge().value(TimeUnit.SECONDS)).isBetween(0.0, 60.0);
			assertThat(meters.get("api.key.usage.lag").timeGauge().value(TimeUnit.SECONDS)).isBetween(0.0, 60.0);
			assertThat(meters.get("api.key.usage.dropped").functionCounter().count()).isZero();
		});
	}

	@Test
	void verificationWhenTheDatabaseIsAwayThenCountedAsUnavailable() {
		withMeters().withPropertyValues("api-key.cache.enabled=false").run((context) -> {
			String token = HostRunner.key(context);
			context.getBean(JdbcTemplate.class).execute("alter table api_key rename to away");
			MvcTestResult result = HostRunner.get(HostRunner.mvc(context), "/orders", "X-API-Key", token);
			assertThat(result).hasStatus(503);
			assertThat(verifications(context.getBean(MeterRegistry.class), "unavailable", "none")).isOne();
		});
	}

	/**
	 * Anybody can make more ids, names and owners than a registry of meters can bear.
	 */
	@Test
	void metersThenNeitherKeyNorOwnerIsATag() {
		withMeters().withPropertyValues("api-key.observations.enabled=true", "api-key.observations.include-key-id=true")
			.run((context) -> {
				CreatedApiKey created = context.getBean(ApiKeyService.class)
					.create(NewApiKey.named("client-name").owner("some-owner"));
				HostRunner.get(HostRunner.mvc(context), "/orders", "X-API-Key", created.token());
				assertThat(context.getBean(MeterRegistry.class).getMeters().stream().map(Meter::getId).toList())
					.extracting(Meter.Id::toString)
					.anyMatch((id) -> id.contains("api.key.verify"))
					.anyMatch((id) -> id.contains("api.key.authentication"))
					.noneMatch((id) -> id.contains(created.apiKey().getKeyId()) || id.contains("client-name")
							|| id.contains("some-owner"));
			});
	}

	@Test
	void refusalsByLimitsThenCounted() {
		withMeters().withPropertyValues("api-key.failed-attempts.max=2").run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
			String limited = apiKeys.create(NewApiKey.named("limited").scopes("orders:read").rateLimits("1/1h"))
				.token();
			String counted = apiKeys.create(NewApiKey.named("counted").scopes("orders:read").quota(1)).token();
			for (String key : List.of(limited, limited, limited, counted, counted)) {
				HostRunner.get(mvc, "/orders", "X-API-Key", key);
			}
			assertThat(meters.get("api.key.rate.limit.refused").counter().count()).isEqualTo(2);
			assertThat(meters.get("api.key.quota.refused").counter().count()).isOne();
			assertThat(meters.get("api.key.failed.attempts.refused").functionCounter().count()).isZero();
			String unknown = HostRunner.key(context);
			context.getBean(JdbcTemplate.class).execute("delete from api_key where name = 'client'");
			for (int i = 0; i < 5; i++) {
				HostRunner.get(mvc, "/orders", "X-API-Key", unknown);
			}
			assertThat(verifications(meters, "unknown", "miss")).isEqualTo(2);
			assertThat(meters.get("api.key.failed.attempts.refused").functionCounter().count()).isEqualTo(3);
		});
	}

	@Test
	void startWhenThereIsNoRegistryThenNothingIsCounted() {
		HostRunner.withoutFlyway()
			.withPropertyValues("spring.autoconfigure.exclude="
					+ "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration,"
					+ "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration,"
					+ "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(MeterRegistry.class)
				.doesNotHaveBean(ApiKeyLimitMetrics.class));
	}

	@Test
	void startWhenTheServiceOfTheApplicationStandsBeforeOursThenOursIsMeasured() {
		withMeters().withBean("own", ApiKeyService.class, () -> mock(ApiKeyService.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(ApiKeyVerificationMetrics.class)
				.hasSingleBean(ApiKeysHealthIndicator.class));
	}

	@Test
	void startWhenTheServiceIsTheApplicationsAloneThenItsVerificationsAreItsBusiness() {
		withMeters().withBean("own", ApiKeyService.class, () -> mock(ApiKeyService.class))
			.withPropertyValues("spring.autoconfigure.exclude=" + ApiKeyJpaAutoConfiguration.class.getName())
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(ApiKeyVerificationMetrics.class)
				.doesNotHaveBean(ApiKeysHealthIndicator.class));
	}

	@Test
	void healthWhenTheDatabaseDoesNotSayWhatChangedThenDownUntilItDoes() {
		HostRunner.withoutFlyway().withPropertyValues("api-key.cache.max-staleness=500ms").run((context) -> {
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			String token = HostRunner.key(context);
			// the first question makes it forget what it knew before
			Awaitility.await()
				.pollDelay(Duration.ofSeconds(1))
				.ignoreExceptionsInstanceOf(ApiKeyStoreException.class)
				.until(() -> context.getBean(ApiKeyTokenVerifier.class).verify(token).isPresent()
						&& health(context).getStatus().equals(Status.UP));
			context.getBean(JdbcTemplate.class).execute("alter table api_key rename to away");
			Awaitility.await().until(() -> health(context).getStatus().equals(Status.DOWN));
			context.getBean(JdbcTemplate.class).execute("alter table away rename to api_key");
			Awaitility.await().until(() -> health(context).getStatus().equals(Status.UP));
		});
	}

	@Test
	void healthThenDetailsNameNoKey() {
		HostRunner.withoutFlyway().withPropertyValues(STAYS_CACHED).run((context) -> {
			CreatedApiKey created = context.getBean(ApiKeyService.class).create(NewApiKey.named("client"));
			context.getBean(ApiKeyTokenVerifier.class).verify(created.token());
			IndicatedHealthDescriptor health = health(context);
			assertThat(health.getDetails()).containsOnlyKeys("staleness", "entries").containsEntry("entries", 1L);
			assertThat(health.getDetails().get("staleness")).asString().matches("\\d+ms");
			assertThat(health.getDetails().toString()).doesNotContain(created.apiKey().getKeyId());
		});
	}

	@Test
	void healthWhenSwitchedOffThenAbsent() {
		HostRunner.withoutFlyway()
			.withPropertyValues("management.health.api-keys.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ApiKeysHealthIndicator.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "apiKeys", "apiKeysHealthIndicator", "apiKeysHealthContributor" })
	void healthWhenTheApplicationHasItsOwnThenThatAnswers(String name) {
		HealthIndicator own = () -> Health.unknown().build();
		HostRunner.withoutFlyway()
			.withBean(name, HealthIndicator.class, () -> own)
			.run((context) -> assertThat(health(context).getStatus()).isEqualTo(Status.UNKNOWN));
	}

	@Test
	void healthWhenAnotherBeanHasItsNameThenThereAllTheSame() {
		HostRunner.withoutFlyway()
			.withBean("apiKeysHealthIndicator", StringBuilder.class)
			.run((context) -> assertThat(health(context).getStatus()).isEqualTo(Status.UP));
	}

	@Test
	void healthThenMemberOfAGroupUnderItsName() {
		HostRunner.withoutFlyway()
			.withPropertyValues("management.endpoint.health.group.keys.include=apiKeys")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				HealthEndpoint endpoint = context.getBean(HealthEndpoint.class);
				assertThat(endpoint.healthForPath("keys", "apiKeys").getStatus()).isEqualTo(Status.UP);
				assertThat(((CompositeHealthDescriptor) endpoint.health()).getComponents().keySet()).contains("apiKeys")
					.noneMatch((name) -> name.contains("."));
			});
	}

	/**
	 * All nodes have the same database: if each were taken out, nobody would be left.
	 */
	@Test
	void healthThenNoPartOfReadinessByDefault() {
		HostRunner.withoutFlyway()
			.withPropertyValues("management.endpoint.health.probes.enabled=true")
			.run((context) -> {
				HealthEndpoint endpoint = context.getBean(HealthEndpoint.class);
				assertThat(endpoint.healthForPath("readiness", "readinessState")).isNotNull();
				assertThat(endpoint.healthForPath("readiness", "apiKeys")).isNull();
			});
	}

	@Test
	void endpointWhenNotExposedThenAbsent() {
		HostRunner.withoutFlyway().run((context) -> {
			assertThat(context).doesNotHaveBean(ApiKeysEndpoint.class);
			assertThat(HostRunner.get(HostRunner.mvc(context), "/actuator/apikeys", HttpHeaders.AUTHORIZATION,
					HostRunner.BASIC))
				.hasStatus(404);
		});
	}

	@Test
	void endpointWhenSwitchedOffThenAbsent() {
		exposed().withPropertyValues("management.endpoint.apikeys.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(ApiKeysEndpoint.class));
	}

	@Test
	void endpointThenListsKeysWithoutWhatIsSecret() {
		exposed().run((context) -> {
			ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
			CreatedApiKey first = apiKeys.create(NewApiKey.named("first").owner("org-42").scopes("orders:read", "a:b"));
			CreatedApiKey second = apiKeys.create(NewApiKey.named("second"));
			apiKeys.revoke(second.apiKey().getId());
			MvcTestResult result = read(context, "/actuator/apikeys");
			assertThat(result).hasStatusOk();
			assertThat(result).bodyJson().extractingPath("$.states.ACTIVE").isEqualTo(1);
			assertThat(result).bodyJson().extractingPath("$.states.REVOKED").isEqualTo(1);
			assertThat(result).bodyJson().extractingPath("$.states.EXPIRED").isEqualTo(0);
			assertThat(result).bodyJson().extractingPath("$.keys[*].name").asArray().containsExactly("second", "first");
			assertThat(result).bodyJson()
				.extractingPath("$.keys[1]")
				.asMap()
				.containsOnlyKeys("keyId", "name", "owner", "type", "state", "scopes", "createdAt", "expiresAt",
						"lastUsedAt")
				.containsEntry("keyId", first.apiKey().getKeyId())
				.containsEntry("owner", "org-42")
				.containsEntry("state", "ACTIVE");
			assertThat(result).bodyJson()
				.extractingPath("$.keys[1].scopes")
				.asArray()
				.containsExactlyInAnyOrder("a:b", "orders:read");
			assertThat(result).bodyText()
				.contains("\"next\":null")
				.doesNotContain("sha256", "\"hash\"", first.token().substring(16), second.token().substring(16));
		});
	}

	@Test
	void endpointWhenThereAreManyThenPageByPage() {
		exposed().run((context) -> {
			for (int i = 1; i <= 5; i++) {
				context.getBean(ApiKeyService.class).create(NewApiKey.named("key-" + i));
				Thread.sleep(2);
			}
			String path = "/actuator/apikeys?limit=2";
			for (List<String> expected : List.of(List.of("key-5", "key-4"), List.of("key-3", "key-2"))) {
				MvcTestResult page = read(context, path);
				assertThat(page).bodyJson()
					.extractingPath("$.keys[*].name")
					.asArray()
					.containsExactlyElementsOf(expected);
				String body = page.getResponse().getContentAsString();
				path = "/actuator/apikeys?limit=2&after=" + body.replaceAll(".*\"next\":\"([^\"]+)\".*", "$1");
			}
			MvcTestResult last = read(context, path);
			assertThat(last).bodyJson().extractingPath("$.keys[*].name").asArray().containsExactly("key-1");
			assertThat(last).bodyText().contains("\"states\":null", "\"next\":null");
			assertThat(read(context, "/actuator/apikeys?limit=0")).bodyJson()
				.extractingPath("$.keys.length()")
				.isEqualTo(1);
			assertThat(read(context, "/actuator/apikeys?after=nobody")).hasStatus(400);
		});
	}

	@Test
	void endpointThenShowsOneKey() {
		exposed().run((context) -> {
			String keyId = context.getBean(ApiKeyService.class).create(NewApiKey.named("one")).apiKey().getKeyId();
			MvcTestResult result = read(context, "/actuator/apikeys/" + keyId);
			assertThat(result).hasStatusOk().bodyJson().extractingPath("$.name").isEqualTo("one");
			assertThat(read(context, "/actuator/apikeys/nobody")).hasStatus(404);
		});
	}

	@Test
	void endpointThenReadOnly() {
		exposed().run((context) -> {
			CreatedApiKey created = context.getBean(ApiKeyService.class).create(NewApiKey.named("one"));
			assertThat(delete(context, created.apiKey().getKeyId())).hasStatus(405);
			assertThat(delete(context, created.apiKey().getKeyId() + "?delete=true")).hasStatus(405);
			assertThat(context.getBean(ApiKeyTokenVerifier.class).verify(created.token())).isPresent();
		});
	}

	@Test
	void endpointWhenUnrestrictedThenRevokes() {
		exposed().withPropertyValues("management.endpoint.apikeys.access=UNRESTRICTED").run((context) -> {
			CreatedApiKey created = context.getBean(ApiKeyService.class).create(NewApiKey.named("one"));
			MvcTestResult result = delete(context, created.apiKey().getKeyId());
			assertThat(result).hasStatusOk().bodyJson().extractingPath("$.state").isEqualTo("REVOKED");
			assertThat(context.getBean(ApiKeyTokenVerifier.class).verify(created.token())).isEmpty();
			assertThat(changes(context, created)).containsExactly(ApiKeyChange.REVOKED, ApiKeyChange.CREATED);
			assertThat(delete(context, "nobody")).hasStatus(404);
		});
	}

	@Test
	void endpointWhenUnrestrictedThenDeletesIfAskedTo() {
		exposed().withPropertyValues("management.endpoint.apikeys.access=UNRESTRICTED").run((context) -> {
			CreatedApiKey created = context.getBean(ApiKeyService.class).create(NewApiKey.named("one"));
			String keyId = created.apiKey().getKeyId();
			assertThat(delete(context, keyId + "?delete=perhaps")).hasStatus(400);
			assertThat(context.getBean(ApiKeyTokenVerifier.class).verify(created.token())).isPresent();
			assertThat(delete(context, keyId + "?delete=false")).hasStatusOk();
			assertThat(changes(context, created)).doesNotContain(ApiKeyChange.DELETED);
			for (int i = 0; i < 2; i++) {
				assertThat(delete(context, keyId + "?delete=true&reason=lost")).hasStatusOk()
					.bodyJson()
					.extractingPath("$.state")
					.isEqualTo("REVOKED");
				assertThat(changes(context, created)).containsExactly(ApiKeyChange.DELETED, ApiKeyChange.REVOKED,
						ApiKeyChange.CREATED);
			}
			assertThat(delete(context, "nobody?delete=true")).hasStatus(404);
		});
	}

	private static List<ApiKeyChange> changes(WebApplicationContext context, CreatedApiKey created) {
		return context.getBean(ApiKeyReports.class)
			.history(created.apiKey().getId())
			.stream()
			.map(ApiKeyEvent::getChange)
			.toList();
	}

	/**
	 * Whoever has a key, with whatever scopes, does not see those of others.
	 */
	@Test
	void endpointWhenAKeyIsPresentedThenItMeansNothing() {
		exposed().run((context) -> {
			String token = HostRunner.key(context, "*");
			MockMvcTester mvc = HostRunner.mvc(context);
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", token)).hasStatusOk();
			for (String path : List.of("/actuator/apikeys", "/actuator/apikeys/x",
					"/actuator/metrics/api.key.verify")) {
				MvcTestResult result = HostRunner.get(mvc, path, "X-API-Key", token);
				assertThat(result).hasStatus(401);
				assertThat(HostRunner.isBasicChallenge(result)).isTrue();
				assertThat(HostRunner.get(mvc, path, HttpHeaders.AUTHORIZATION, "Api-Key " + token)).hasStatus(401);
			}
		});
	}

	@Test
	void endpointWhenTheApplicationHasItsOwnThenOursIsAbsent() {
		exposed().withBean("own", ApiKeysEndpoint.class, () -> new ApiKeysEndpoint(null, null))
			.run((context) -> assertThat(context).hasSingleBean(ApiKeysEndpoint.class).hasBean("own"));
	}

	@Test
	void observationWhenNobodyAsksThenNone() {
		List<Observation.Context> observed = new CopyOnWriteArrayList<>();
		observing(observed).withPropertyValues("api-key.observations.include-key-id=true").run((context) -> {
			assertThat(context).hasSingleBean(ObservationRegistry.class);
			HostRunner.get(HostRunner.mvc(context), "/orders", "X-API-Key", HostRunner.key(context));
			assertThat(observed).isEmpty();
		});
	}

	@Test
	void observationWhenAskedForThenWithItsOutcomeAndWithoutTheKey() {
		List<Observation.Context> observed = new CopyOnWriteArrayList<>();
		observing(observed).withPropertyValues("api-key.observations.enabled=true", "api-key.cache.enabled=false")
			.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.run((context) -> {
				MockMvcTester mvc = HostRunner.mvc(context);
				String token = HostRunner.key(context);
				HostRunner.get(mvc, "/orders", "X-API-Key", token);
				HostRunner.get(mvc, "/orders", "X-API-Key", "nonsense");
				HostRunner.get(mvc, "/orders");
				context.getBean(JdbcTemplate.class).execute("alter table api_key rename to away");
				HostRunner.get(mvc, "/orders", "X-API-Key", token);
				assertThat(observed).extracting((one) -> one.getLowCardinalityKeyValue("outcome").getValue())
					.containsExactly("success", "refused", "unavailable");
				assertThat(observed).allSatisfy((one) -> assertThat(one.getHighCardinalityKeyValues()).isEmpty());
				for (String outcome : List.of("success", "refused", "unavailable")) {
					assertThat(context.getBean(MeterRegistry.class)
						.get("api.key.authentication")
						.tag("outcome", outcome)
						.timer()
						.count()).isOne();
				}
			});
	}

	@Test
	void observationWhenTheKeyIsAskedForThenNamesTheKeyThatWasAccepted() {
		List<Observation.Context> observed = new CopyOnWriteArrayList<>();
		observing(observed)
			.withPropertyValues("api-key.observations.enabled=true", "api-key.observations.include-key-id=true")
			.run((context) -> {
				CreatedApiKey created = context.getBean(ApiKeyService.class).create(NewApiKey.named("client"));
				MockMvcTester mvc = HostRunner.mvc(context);
				HostRunner.get(mvc, "/orders", "X-API-Key", created.token());
				HostRunner.get(mvc, "/orders", "X-API-Key", "nonsense");
				assertThat(observed).hasSize(2);
				assertThat(observed.get(0).getHighCardinalityKeyValues())
					.containsExactly(KeyValue.of("api.key.id", created.apiKey().getKeyId()));
				assertThat(observed.get(0).getLowCardinalityKeyValues().stream().map(KeyValue::getKey))
					.containsExactly("outcome");
				assertThat(observed.get(1).getHighCardinalityKeyValues()).isEmpty();
				assertThat(observed.toString()).doesNotContain(created.token().substring(16));
			});
	}

	private static WebApplicationContextRunner withMeters() {
		return HostRunner.withoutFlyway().withBean(MeterRegistry.class, SimpleMeterRegistry::new);
	}

	private static WebApplicationContextRunner exposed() {
		return HostRunner.withoutFlyway()
			.withPropertyValues("management.endpoints.web.exposure.include=apikeys,metrics");
	}

	private static WebApplicationContextRunner observing(List<Observation.Context> observed) {
		ObservationHandler<Observation.Context> handler = new ObservationHandler<>() {

			@Override
			public void onStop(Observation.Context context) {
				if ("api.key.authentication".equals(context.getName())) {
					observed.add(context);
				}
			}

			@Override
			public boolean supportsContext(Observation.Context context) {
				return true;
			}

		};
		return HostRunner.withoutFlyway().withBean("observing", ObservationHandler.class, () -> handler);
	}

	private static double verifications(MeterRegistry meters, String outcome, String cache) {
		return meters.get("api.key.verify").tag("outcome", outcome).tag("cache", cache).functionCounter().count();
	}

	private static IndicatedHealthDescriptor health(WebApplicationContext context) {
		return (IndicatedHealthDescriptor) context.getBean(HealthEndpoint.class).healthForPath("apiKeys");
	}

	private static MvcTestResult read(WebApplicationContext context, String path) {
		return HostRunner.get(HostRunner.mvc(context), path, HttpHeaders.AUTHORIZATION, HostRunner.BASIC);
	}

	private static MvcTestResult delete(WebApplicationContext context, String keyId) {
		return HostRunner.mvc(context)
			.delete()
			.uri("/actuator/apikeys/" + keyId)
			.with(csrf())
			.header(HttpHeaders.AUTHORIZATION, HostRunner.BASIC)
			.exchange();
	}

}
