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

package io.github.apikeys.core.jpa;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyActor;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyImport;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyStatistics;
import io.github.apikeys.core.ApiKeyUsage;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.FirstApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.NewToken;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.HmacSha256ApiKeyHasher;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import io.github.apikeys.core.type.TenantApiKey;
import org.assertj.core.groups.Tuple;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.domain.KeysetScrollPosition;
import org.springframework.data.domain.ScrollPosition;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * What {@link JpaApiKeyReports} promises, on every database.
 */
abstract class AbstractApiKeyReportsTests extends AbstractDatabaseTests {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00.123456Z");

	private static final LocalDate TODAY = LocalDate.parse("2027-01-01");

	private final List<JpaApiKeyService> services = new ArrayList<>();

	private JpaApiKeyService service;

	private JpaApiKeyReports reports;

	@BeforeEach
	void createServices() {
		for (String table : List.of("api_key_usage", "api_key_usage_total", "api_key_event", "tenant_api_key",
				"api_key")) {
			unit().jdbc().update("delete from " + table);
		}
		this.service = serviceAt(NOW);
		this.reports = new JpaApiKeyReports(unit().entityManagerFactory(), unit().transactionManager());
		this.reports.setClock(Clock.fixed(NOW, ZoneOffset.UTC));
	}

	@AfterEach
	void closeServices() {
		this.services.forEach(JpaApiKeyService::close);
	}

	@ParameterizedTest
	@CsvSource({ "name,ASC,a1 B2 c3 D4 e5", "name,DESC,e5 D4 c3 B2 a1", "createdAt,ASC,c3 a1 e5 B2 D4",
			"createdAt,DESC,D4 B2 e5 a1 c3", "expiresAt,ASC,D4 B2 c3", "expiresAt,DESC,c3 B2 D4" })
	void scrollForwardAndBackThenEveryKeyOnce(String property, Sort.Direction direction, String expected) {
		create("c3", 0, 30);
		create("a1", 1, 0);
		create("e5", 2, 0);
		create("B2", 3, 20);
		create("D4", 4, 10);
		Sort.Order order = new Sort.Order(direction, property);
		List<String> all = names(this.reports.scroll(ApiKeyQuery.all(), order, ScrollPosition.keyset(), 10));
		assertThat(String.join(" ", all)).startsWith(expected);
		assertThat(all).hasSize(5);
		for (int limit = 1; limit <= 5; limit++) {
			List<String> forward = new ArrayList<>();
			List<ApiKey> keys = new ArrayList<>();
			KeysetScrollPosition position = ScrollPosition.keyset();
			Window<ApiKey> window;
			do {
				window = this.reports.scroll(ApiKeyQuery.all(), order, position, limit);
				assertThat(window.size()).isBetween(1, limit);
				forward.addAll(names(window));
				assertThat(forward).hasSizeLessThanOrEqualTo(all.size());
				keys.addAll(window.getContent());
				position = after(window.getContent().get(window.size() - 1));
			}
			while (window.hasNext());
			assertThat(forward).isEqualTo(all);
			for (int end = 1; end < 5; end++) {
				Window<ApiKey> back = this.reports.scroll(ApiKeyQuery.all(), order, before(keys.get(end)), limit);
				assertThat(names(back)).isEqualTo(all.subList(Math.max(0, end - limit), end));
				assertThat(back.hasNext()).isEqualTo(end > limit);
			}
		}
	}

	@Test
	void scrollWhenValuesAreTheSameThenStillEveryKeyOnce() {
		for (int i = 0; i < 5; i++) {
			this.service.create(NewApiKey.named("same").expiresAt(NOW.plusSeconds(5)));
		}
		for (String property : List.of("name", "createdAt", "expiresAt", "lastUsedAt")) {
			List<ApiKey> seen = new ArrayList<>();
			KeysetScrollPosition position = ScrollPosition.keyset();
			for (int i = 0; i < 3; i++) {
				Window<ApiKey> window = this.reports.scroll(ApiKeyQuery.all(), Sort.Order.desc(property), position, 2);
				seen.addAll(window.getContent());
				position = after(seen.get(seen.size() - 1));
			}
			assertThat(seen).hasSize(5).doesNotHaveDuplicates();
		}
	}

	@Test
	void scrollWhenTheKeyIsGoneThenFromTheStart() {
		create("a", 0, 0);
		Window<ApiKey> window = this.reports.scroll(ApiKeyQuery.all(), Sort.Order.asc("name"),
				ScrollPosition.forward(Map.of("id", UUID.randomUUID())), 5);
		assertThat(names(window)).containsExactly("a");
	}

	@Test
	void scrollByAnythingElseThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(
				() -> this.reports.scroll(ApiKeyQuery.all(), Sort.Order.asc("hash"), ScrollPosition.keyset(), 5));
	}

	@Test
	void searchThenNameKeyIdOrOwnerWhateverTheCase() {
		ApiKey named = this.service.create(NewApiKey.named("\u00c4rger 100%_!")).apiKey();
		ApiKey owned = this.service.create(NewApiKey.named("other").owner("\u00c4RGER-Ltd")).apiKey();
		this.service.create(NewApiKey.named("an \u00c4rger"));
		assertThat(search("\u00e4rGER")).containsExactlyInAnyOrder(named, owned);
		assertThat(search("\u00e4rger 100%_!")).containsExactly(named);
		assertThat(search("\u00e4rger 100__")).isEmpty();
		assertThat(search(owned.getKeyId().substring(0, 9).toLowerCase())).containsExactly(owned);
		assertThat(search(named.getKeyId())).containsExactly(named);
		assertThat(search("%")).isEmpty();
		assertThat(search("\ud83d\udd11")).isEmpty();
	}

	@Test
	void searchThenPagesAreCutAfterAllPlacesWereSearched() {
		for (int i = 0; i < 4; i++) {
			serviceAt(NOW.plusSeconds(i)).create(
					NewApiKey.named((i % 2 == 0) ? "match " + i : "x" + i).owner((i % 2 == 0) ? "match-too" : "match"));
		}
		Window<ApiKey> first = this.reports.scroll(ApiKeyQuery.all().search("match", List.of()),
				Sort.Order.desc("createdAt"), ScrollPosition.keyset(), 3);
		assertThat(names(first)).containsExactly("x3", "match 2", "x1");
		assertThat(first.hasNext()).isTrue();
		assertThat(names(this.reports.scroll(ApiKeyQuery.all().search("match", List.of()), Sort.Order.desc("createdAt"),
				after(first.getContent().get(2)), 3)))
			.containsExactly("match 0");
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 3, 4, 5, 100 })
	void scrollWhenFewOrManyMatchThenTheSameOrder(int maxSorted) {
		this.reports.setMaxSorted(maxSorted);
		for (String name : List.of("d", "b", "a", "c")) {
			this.service.create(NewApiKey.named(name).owner("owner").expiresAt(NOW.plusSeconds(name.charAt(0))));
		}
		this.service.create(NewApiKey.named("aa").owner("owner"));
		this.service.create(NewApiKey.named("other").owner("another"));
		for (ApiKeyQuery query : List.of(ApiKeyQuery.all().owner("owner"),
				ApiKeyQuery.all().search("owner", List.of()))) {
			Window<ApiKey> window = this.reports.scroll(query, Sort.Order.asc("name"), ScrollPosition.keyset(), 4);
			assertThat(names(window)).containsExactly("a", "aa", "b", "c");
			assertThat(names(this.reports.scroll(query, Sort.Order.asc("name"), after(window.getContent().get(1)), 4)))
				.containsExactly("b", "c", "d");
			assertThat(names(this.reports.scroll(query, Sort.Order.desc("expiresAt"), ScrollPosition.keyset(), 9)))
				.containsExactly("d", "c", "b", "a", "aa");
		}
	}

	@Test
	void searchWithAnAlternativeThenThatIsSearchedToo() {
		TenantApiKey tenantKey = new TenantApiKey();
		tenantKey.setTenant("wanted");
		this.service.create(tenantKey, NewApiKey.named("tenant's"));
		this.service.create(NewApiKey.named("wanted as well"));
		this.service.create(NewApiKey.named("another"));
		ApiKeyQuery query = ApiKeyQuery.all()
			.search("wanted", List.of((root, criteria, builder) -> builder
				.equal(builder.treat(root, TenantApiKey.class).get("tenant"), "wanted")));
		assertThat(names(this.reports.scroll(query, Sort.Order.asc("name"), ScrollPosition.keyset(), 5)))
			.containsExactly("tenant's", "wanted as well");
	}

	@Test
	void filtersThenOnlyWhatTheyName() {
		TenantApiKey tenantKey = new TenantApiKey();
		ApiKey tenant = this.service.create(tenantKey, NewApiKey.named("tenant")).apiKey();
		ApiKey old = serviceAt(NOW.minus(Duration.ofDays(100))).create(NewApiKey.named("old").scopes("a", "b"))
			.apiKey();
		ApiKey soon = this.service.create(NewApiKey.named("soon").expiresIn(Duration.ofDays(30)).scopes("a")).apiKey();
		ApiKey later = this.service.create(NewApiKey.named("later").expiresIn(Duration.ofDays(31))).apiKey();
		assertThat(find(ApiKeyQuery.all().type("tenant"))).containsExactly(tenant);
		assertThat(find(ApiKeyQuery.all().type("api_key"))).containsExactlyInAnyOrder(old, soon, later);
		assertThat(find(ApiKeyQuery.all().scope("a"))).containsExactlyInAnyOrder(old, soon);
		assertThat(find(ApiKeyQuery.all().scope("a").type("tenant"))).isEmpty();
		assertThat(find(ApiKeyQuery.all().createdBetween(null, NOW))).containsExactly(old);
		assertThat(find(ApiKeyQuery.all().createdBetween(NOW, null))).containsExactlyInAnyOrder(tenant, soon, later);
		assertThat(find(ApiKeyQuery.all().createdBetween(NOW, NOW))).isEmpty();
		assertThat(find(ApiKeyQuery.all().expiringWithin(Duration.ofDays(30)))).containsExactly(soon);
		assertThat(find(ApiKeyQuery.all().unusedFor(Duration.ofDays(90)))).containsExactly(old);
		assertThat(find(ApiKeyQuery.all().neverUsed())).hasSize(4);
		this.service.revoke(soon.getId());
		assertThat(find(ApiKeyQuery.all().expiringWithin(Duration.ofDays(30)))).isEmpty();
	}

	@Test
	void verifyThenUseIsWrittenSoon() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		UUID id = created.apiKey().getId();
		serviceAt(NOW.minus(Duration.ofDays(1))).verify(created.token(), "192.0.2.7");
		this.service.verify(created.token(), "2001:db8::1");
		this.service.verify(created.token());
		this.service.disable(id);
		this.service.verify(created.token(), "192.0.2.9");
		this.service.verify("malformed");
		this.service
			.verify(new ApiKeyTokenFormat("acme", List.of()).generate(new SecureRandomApiKeyGenerator()).value());
		Awaitility.await()
			.untilAsserted(() -> assertThat(usage(this.reports.usage(id, TODAY.minusDays(2), TODAY))).containsExactly(
					Tuple.tuple(TODAY.minusDays(2), 0L, 0L), Tuple.tuple(TODAY.minusDays(1), 1L, 0L),
					Tuple.tuple(TODAY, 2L, 1L)));
		Awaitility.await()
			.untilAsserted(() -> assertThat(usage(this.reports.usage(TODAY.minusDays(1), TODAY)))
				.containsExactly(Tuple.tuple(TODAY.minusDays(1), 1L, 0L), Tuple.tuple(TODAY, 2L, 3L)));
		ApiKey found = this.service.find(id).orElseThrow();
		assertThat(found.getLastUsedAt()).isEqualTo(NOW);
		assertThat(found.getVersion()).isEqualTo(1);
		assertThat(find(ApiKeyQuery.all().neverUsed())).isEmpty();
	}

	@Test
	void verifyThenTheLastUseNeverGoesBack() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		this.service.verify(created.token(), "192.0.2.1");
		this.service.close();
		JpaApiKeyService late = serviceAt(NOW.minusSeconds(60));
		late.verify(created.token(), "192.0.2.2");
		late.close();
		UUID id = created.apiKey().getId();
		Awaitility.await()
			.untilAsserted(() -> assertThat(usage(this.reports.usage(id, TODAY, TODAY)))
				.containsExactly(Tuple.tuple(TODAY, 2L, 0L)));
		ApiKey found = serviceAt(NOW).find(id).orElseThrow();
		assertThat(found.getLastUsedAt()).isEqualTo(NOW);
		assertThat(found.getLastUsedFrom()).isEqualTo("192.0.2.1");
	}

	@Test
	void useOfAThousandAtOnceThenOneUpdateOfTheKey() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		JpaApiKeyService node = serviceAt(NOW);
		node.setUsageInterval(Duration.ofHours(1));
		node.setCache(10, Duration.ofSeconds(2));
		List<String> statements = unit().statementsOf(() -> {
			List<Thread> clients = new ArrayList<>();
			for (int client = 0; client < 50; client++) {
				clients.add(new Thread(() -> {
					for (int i = 0; i < 20; i++) {
						node.verify(created.token(), "192.0.2.1");
					}
				}));
			}
			clients.forEach(Thread::start);
			clients.forEach((client) -> assertThatNoException().isThrownBy(client::join));
			node.close();
			// close() does not wait for long
			Awaitility.await()
				.until(() -> unit().jdbc()
					.queryForObject("select count(*) from api_key where last_used_at is not null", Integer.class) == 1);
		});
		assertThat(statements).filteredOn((sql) -> !sql.startsWith("select"))
			.hasSize(3)
			.filteredOn((sql) -> sql.startsWith("update api_key "))
			.hasSize(1);
		assertThat(usage(this.reports.usage(created.apiKey().getId(), TODAY, TODAY)))
			.containsExactly(Tuple.tuple(TODAY, 1000L, 0L));
	}

	@Test
	void useOnSeveralNodesAtOnceThenNoneIsLost() throws Exception {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		List<Thread> nodes = new ArrayList<>();
		for (int node = 0; node < 4; node++) {
			JpaApiKeyService service = serviceAt(NOW);
			nodes.add(new Thread(() -> {
				for (int i = 0; i < 25; i++) {
					service.verify(created.token(), "192.0.2.1");
				}
				service.close();
			}));
		}
		nodes.forEach(Thread::start);
		for (Thread node : nodes) {
			node.join();
		}
		Awaitility.await()
			.untilAsserted(() -> assertThat(usage(this.reports.usage(created.apiKey().getId(), TODAY, TODAY)))
				.containsExactly(Tuple.tuple(TODAY, 100L, 0L)));
		assertThat(usage(this.reports.usage(TODAY, TODAY))).containsExactly(Tuple.tuple(TODAY, 100L, 0L));
	}

	@Test
	void useIsCountedOnDaysInUtcWhateverTheTimeZone() {
		TimeZone before = TimeZone.getDefault();
		try {
			TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
			CreatedApiKey created = this.service.create(NewApiKey.named("key"));
			this.service.verify(created.token());
			this.service.close();
			TimeZone.setDefault(TimeZone.getTimeZone("America/Los_Angeles"));
			Awaitility.await()
				.untilAsserted(() -> assertThat(
						usage(this.reports.usage(created.apiKey().getId(), TODAY.minusDays(1), TODAY.plusDays(1))))
					.containsExactly(Tuple.tuple(TODAY.minusDays(1), 0L, 0L), Tuple.tuple(TODAY, 1L, 0L),
							Tuple.tuple(TODAY.plusDays(1), 0L, 0L)));
		}
		finally {
			TimeZone.setDefault(before);
		}
	}

	@Test
	void historyThenWhoDidWhatFromWhere() {
		this.service.setActorResolver(() -> ApiKeyActor.of("alice", "192.0.2.1"));
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		UUID id = created.apiKey().getId();
		this.service.update(id, (update) -> update.name("other").scopes("a"));
		this.service.disable(id);
		this.service.enable(id);
		this.service.setActorResolver(() -> ApiKeyActor.of("b".repeat(300), null));
		CreatedApiKey rotated = this.service.rotate(id, Duration.ofHours(1));
		this.service.revoke(id, "lea\0ked");
		this.service.revoke(id, "again");
		assertThat(this.reports.history(id))
			.extracting(ApiKeyEvent::getChange, ApiKeyEvent::getActor, ApiKeyEvent::getAddress, ApiKeyEvent::getDetail)
			.containsExactly(Tuple.tuple(ApiKeyChange.REVOKED, "b".repeat(255), null, "leaked"),
					Tuple.tuple(ApiKeyChange.ROTATED, "b".repeat(255), null, rotated.apiKey().getKeyId()),
					Tuple.tuple(ApiKeyChange.ENABLED, "alice", "192.0.2.1", null),
					Tuple.tuple(ApiKeyChange.DISABLED, "alice", "192.0.2.1", null),
					Tuple.tuple(ApiKeyChange.UPDATED, "alice", "192.0.2.1", "name, scopes"),
					Tuple.tuple(ApiKeyChange.CREATED, "alice", "192.0.2.1", null));
		assertThat(this.reports.history(id)).extracting(ApiKeyEvent::getOccurredAt).containsOnly(NOW);
		assertThat(this.reports.history(rotated.apiKey().getId())).singleElement()
			.extracting(ApiKeyEvent::getDetail)
			.isEqualTo(created.apiKey().getKeyId());
	}

	@Test
	void historyWhenALaterVersionWroteALineThenUnknownBesideTheOthers() {
		UUID id = this.service.create(NewApiKey.named("key")).apiKey().getId();
		this.service.disable(id);
		unit().jdbc()
			.update("update api_key_event set event_type = 'BLESSED', detail = 'twice' where key_id = ? "
					+ "and event_type = 'DISABLED'", this.service.find(id).orElseThrow().getKeyId());
		assertThat(this.reports.history(id)).extracting(ApiKeyEvent::getChange, ApiKeyEvent::getDetail)
			.containsExactly(Tuple.tuple(ApiKeyChange.UNKNOWN, "twice"), Tuple.tuple(ApiKeyChange.CREATED, null));
	}

	@Test
	void historyWhenTheChangeIsRolledBackThenItIsNotThere() {
		UUID id = this.service.create(NewApiKey.named("key")).apiKey().getId();
		transaction().executeWithoutResult((status) -> {
			this.service.disable(id);
			status.setRollbackOnly();
		});
		assertThat(this.reports.history(id)).hasSize(1);
	}

	@Test
	void statisticsThenEveryKeyInItsState() {
		assertThat(this.reports.statistics(Duration.ofDays(30)).getStates().values()).hasSize(5).containsOnly(0L);
		CreatedApiKey used = this.service.create(NewApiKey.named("active"));
		this.service.create(NewApiKey.named("soon").expiresIn(Duration.ofDays(30)));
		this.service.create(NewApiKey.named("later").notBefore(NOW.plusSeconds(1)));
		serviceAt(NOW.minusSeconds(60)).create(NewApiKey.named("expired").expiresIn(Duration.ofSeconds(60)));
		this.service.disable(this.service.create(NewApiKey.named("disabled")).apiKey().getId());
		this.service
			.revoke(this.service.create(NewApiKey.named("revoked").expiresIn(Duration.ofDays(1))).apiKey().getId());
		this.service.verify(used.token());
		this.service.close();
		Awaitility.await().until(() -> this.reports.statistics(Duration.ofDays(30)).getNeverUsed() == 3);
		ApiKeyStatistics statistics = this.reports.statistics(Duration.ofDays(30));
		assertThat(statistics.getStates()).isEqualTo(Map.of(ApiKeyState.ACTIVE, 2L, ApiKeyState.NOT_YET_VALID, 1L,
				ApiKeyState.EXPIRED, 1L, ApiKeyState.DISABLED, 1L, ApiKeyState.REVOKED, 1L));
		assertThat(statistics.getExpiringSoon()).isEqualTo(1);
		assertThat(statistics.getNeverUsed()).isEqualTo(3);
	}

	@Test
	void firstKeyThenItsTokenOpensItAndAnotherStartChangesNothing() {
		NewToken first = NewToken.of("acme");
		assertThat(introduce(first.hash(), NewApiKey.named("first").owner("org-1").scopes("orders:read"))).get()
			.matches(ApiKeyImport::isCreated);
		ApiKeyPrincipal key = this.service.verify(first.token()).orElseThrow();
		assertThat(key.displayName()).isEqualTo("first");
		assertThat(key.owner()).isEqualTo("org-1");
		assertThat(key.scopes()).containsExactly("orders:read");
		assertThat(this.service.find(key.id()).orElseThrow()).satisfies((apiKey) -> {
			assertThat(apiKey.getPrefix()).isEqualTo("acme");
			assertThat(first.token()).endsWith(apiKey.getLastCharacters()).contains("_" + apiKey.getKeyId() + "_");
			assertThat(apiKey.getLastCharacters()).hasSize(4);
		});
		assertThat(this.service.verify(first.token().replace(first.token().substring(20, 30), "0123456789"))).isEmpty();
		this.service.update(key.id(), (change) -> change.name("renamed").scopes());
		assertThat(introduce(first.hash(), NewApiKey.named("first").scopes("orders:read")))
			.hasValueSatisfying((again) -> {
				assertThat(again.isCreated()).isFalse();
				assertThat(again.getDifferences()).containsExactly("name", "owner", "scopes");
			});
		assertThat(this.service.verify(first.token()).orElseThrow().displayName()).isEqualTo("renamed");
		assertThat(this.reports.history(key.id())).extracting(ApiKeyEvent::getChange)
			.containsExactly(ApiKeyChange.UPDATED, ApiKeyChange.IMPORTED);
	}

	@Test
	void firstKeyWhenItsHashWasReplacedThenStillTheSame() {
		NewToken first = NewToken.of("acme");
		introduce(first.hash(), NewApiKey.named("first"));
		String pepper = "pepper of 2026 ".repeat(4);
		JpaApiKeyService peppered = service(new ApiKeyHashers("hmac-sha256:2026", List.of(new Sha256ApiKeyHasher(),
				new HmacSha256ApiKeyHasher("2026", pepper.getBytes(StandardCharsets.UTF_8)))), NOW);
		assertThat(peppered.verify(first.token())).isPresent();
		peppered.close();
		Awaitility.await()
			.until(() -> unit().jdbc()
				.queryForObject("select hash from api_key", String.class)
				.startsWith("{hmac-sha256"));
		assertThat(introduce(first.hash(), NewApiKey.named("first"))).get().matches((outcome) -> !outcome.isCreated());
	}

	@Test
	void firstKeyWhenItWasRevokedThenItStaysRevokedAlsoAfterItsRowIsGone() {
		NewToken first = NewToken.of("acme");
		introduce(first.hash(), NewApiKey.named("first"));
		UUID id = this.service.verify(first.token()).orElseThrow().id();
		serviceAt(NOW.minus(Duration.ofDays(2))).revoke(id);
		assertThat(introduce(first.hash(), NewApiKey.named("first"))).get().matches((outcome) -> !outcome.isCreated());
		assertThat(this.service.verify(first.token())).isEmpty();
		unit().jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00'");
		purgeOne(Duration.ofDays(1));
		assertThat(introduce(first.hash(), NewApiKey.named("first"))).isEmpty();
		assertThat(this.service.verify(first.token())).isEmpty();
		assertThat(this.service.find(id)).isEmpty();
	}

	/**
	 * The row of a key is marked as deleted by its history.
	 */
	@Test
	void firstKeyWhenItWasDeletedAndImportedAgainThenItIsNotDeletedAgain() {
		NewToken first = NewToken.of("acme");
		introduce(first.hash(), NewApiKey.named("first"));
		UUID id = this.service.verify(first.token()).orElseThrow().id();
		JpaApiKeyService before = serviceAt(NOW.minus(Duration.ofDays(2)));
		before.delete(id);
		unit().jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00'");
		purgeOne(Duration.ofDays(365));
		ApiKeyImport again = this.service.importIfAbsent(ImportedApiKey.ofHashedToken(first.hash()),
				NewApiKey.named("again"));
		assertThat(again.isCreated()).isTrue();
		UUID successor = again.getApiKey().getId();
		assertThat(this.reports.history(successor)).extracting(ApiKeyEvent::getChange)
			.containsExactly(ApiKeyChange.IMPORTED);
		assertThat(this.reports.history(id)).extracting(ApiKeyEvent::getChange).contains(ApiKeyChange.PURGED);
		before.revoke(successor);
		unit().jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00'");
		assertThat(this.service.purge(Duration.ofDays(365))).isZero();
		assertThat(introduce(first.hash(), NewApiKey.named("first"))).isEmpty();
	}

	@Test
	void firstKeyWhenItsTokenWasImportedThenItIsThere() {
		NewToken first = NewToken.of("acme");
		this.service.importKey(ImportedApiKey.ofToken(first.token()), NewApiKey.named("imported"));
		assertThat(introduce(first.hash(), NewApiKey.named("first"))).get().matches((outcome) -> !outcome.isCreated());
		assertThat(this.service.verify(first.token()).orElseThrow().displayName()).isEqualTo("imported");
	}

	@Test
	void firstKeyWhenTheHashIsAnotherThenAnotherKeyAndTheFormerGoesOn() {
		NewToken former = NewToken.of("acme");
		NewToken first = NewToken.of("acme");
		introduce(former.hash(), NewApiKey.named("first"));
		assertThat(introduce(first.hash(), NewApiKey.named("first"))).get().matches(ApiKeyImport::isCreated);
		assertThat(this.service.verify(first.token())).isPresent();
		assertThat(this.service.verify(former.token())).isPresent();
	}

	/**
	 * The token could not open it, and nobody would know.
	 */
	@Test
	void firstKeyWhenThereIsItsKeyIdWithAnotherHashThenRefused() {
		NewToken first = NewToken.of("acme");
		introduce(first.hash(), NewApiKey.named("first"));
		String changed = first.hash().substring(0, first.hash().length() - 1)
				+ (first.hash().endsWith("0") ? "1" : "0");
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> introduce(changed, NewApiKey.named("first")))
			.withMessageContaining("already")
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo("keyId"));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void firstKeyWhenNodesStartAtOnceThenThereIsOne(boolean owned) throws Exception {
		List<JpaApiKeyService> nodes = List.of(this.service, serviceAt(NOW), serviceAt(NOW));
		for (int round = 0; round < 10; round++) {
			NewToken first = NewToken.of("acme");
			CyclicBarrier start = new CyclicBarrier(nodes.size());
			List<Callable<Boolean>> starts = nodes.stream().<Callable<Boolean>>map((node) -> () -> {
				NewApiKey newApiKey = NewApiKey.named("first");
				start.await(2, TimeUnit.MINUTES);
				return new FirstApiKey(node, this.reports)
					.create(first.hash(), owned ? newApiKey.owner("org-1") : newApiKey)
					.orElseThrow()
					.isCreated();
			}).toList();
			ExecutorService executor = Executors.newFixedThreadPool(nodes.size());
			List<Boolean> created = new ArrayList<>();
			for (Future<Boolean> outcome : executor.invokeAll(starts)) {
				created.add(outcome.get());
			}
			executor.shutdown();
			assertThat(created).containsOnlyOnce(true);
			assertThat(this.service.verify(first.token())).isPresent();
		}
		assertThat(unit().jdbc().queryForObject("select count(*) from api_key", Integer.class)).isEqualTo(10);
	}

	/**
	 * A row to which use is being written is left for the next purge.
	 */
	private void purgeOne(Duration retention) {
		Awaitility.await()
			.atMost(2, TimeUnit.MINUTES)
			.until(() -> this.service.purge(retention), (number) -> number == 1);
	}

	private Optional<ApiKeyImport> introduce(String hash, NewApiKey newApiKey) {
		return new FirstApiKey(this.service, this.reports).create(hash, newApiKey);
	}

	private JpaApiKeyService serviceAt(Instant now) {
		return service(new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())), now);
	}

	private JpaApiKeyService service(ApiKeyHashers hashers, Instant now) {
		JpaApiKeyService service = unit().service(new ApiKeyTokenFormats(new ApiKeyTokenFormat("acme", List.of())),
				hashers);
		service.setTenantsShareKeys(true);
		service.setClock(Clock.fixed(now, ZoneOffset.UTC));
		service.setUsageInterval(Duration.ofMillis(40));
		this.services.add(service);
		return service;
	}

	private void create(String name, int createdAt, int expiresIn) {
		NewApiKey newApiKey = NewApiKey.named(name);
		if (expiresIn > 0) {
			newApiKey.expiresAt(NOW.plusSeconds(expiresIn));
		}
		serviceAt(NOW.plusSeconds(createdAt)).create(newApiKey);
	}

	private List<ApiKey> search(String text) {
		return find(ApiKeyQuery.all().search(text, List.of()));
	}

	private List<ApiKey> find(ApiKeyQuery query) {
		return this.reports.scroll(query, Sort.Order.desc("createdAt"), ScrollPosition.keyset(), 100).getContent();
	}

	private static KeysetScrollPosition after(ApiKey apiKey) {
		return ScrollPosition.forward(Map.of("id", apiKey.getId()));
	}

	private static KeysetScrollPosition before(ApiKey apiKey) {
		return ScrollPosition.backward(Map.of("id", apiKey.getId()));
	}

	private static List<String> names(Window<ApiKey> window) {
		return window.map(ApiKey::getName).getContent();
	}

	private static List<Tuple> usage(List<ApiKeyUsage> usage) {
		return usage.stream().map((day) -> Tuple.tuple(day.getDay(), day.getRequests(), day.getRefusals())).toList();
	}

}
