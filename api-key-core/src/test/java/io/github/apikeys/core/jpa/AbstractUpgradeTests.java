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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.type.TenantApiKey;
import org.awaitility.Awaitility;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.core.io.FileSystemResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What was written by version 0.1.0 survives an upgrade: the tables come from the scripts
 * as they were then, the rows from a dump, and only then the shipped migrations run.
 * <p>
 * Once 0.1.0 is released, neither its script nor its dump nor {@link GoldenKey} changes
 * any more. A version that changes the tables adds a script, not a line to an old one.
 */
abstract class AbstractUpgradeTests extends AbstractDatabaseTests {

	static final Path RESOURCES = Path.of("src", "test", "resources", "io", "github", "apikeys", "core",
			"schema-0.1.0");

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00Z");

	private static final Pattern INSERT = Pattern.compile("^insert into (\\w+)", Pattern.MULTILINE);

	private final List<ApiKeyRefusal> refusals = new ArrayList<>();

	private DataSource dataSource;

	private JpaApiKeyService service;

	@Override
	final void createTables(DataSource dataSource, TestDatabase database) throws IOException {
		this.dataSource = dataSource;
		flyway(dataSource, frozen()).migrate();
		createTypeTables(dataSource, database);
		new ResourceDatabasePopulator(new FileSystemResource(folder().resolve("data.sql"))).execute(dataSource);
		Map<String, Long> dumped = new TreeMap<>();
		INSERT.matcher(Files.readString(folder().resolve("data.sql")))
			.results()
			.forEach((insert) -> dumped.merge(insert.group(1), 1L, Long::sum));
		flyway(dataSource, shipped(database)).migrate();
		assertThat(new SchemaDump(dataSource, database.platform()).rows()).containsExactlyInAnyOrderEntriesOf(dumped);
	}

	private Path folder() {
		return RESOURCES.resolve(database().platform());
	}

	private String frozen() {
		return "filesystem:" + folder();
	}

	@BeforeEach
	void createService() {
		this.refusals.clear();
		this.service = GoldenKey.service(unit(), GoldenKey.tokenFormats(), Sha256ApiKeyHasher.SCHEME, NOW);
		this.service.setApplicationEventPublisher((event) -> {
			if (event instanceof ApiKeyRefusedEvent refused) {
				this.refusals.add(refused.getReason());
			}
		});
	}

	@AfterEach
	void closeService() {
		this.service.close();
	}

	@ParameterizedTest
	@EnumSource
	void keyThenAnsweredAsBefore(GoldenKey key) {
		assertThat(this.service.verify(key.token(), "192.0.2.7").isPresent()).isEqualTo(key.refusal() == null);
		assertThat(this.refusals).isEqualTo((key.refusal() == null) ? List.of() : List.of(key.refusal()));
		assertThat(this.service.verify(key.token() + "x", "192.0.2.7")).isEmpty();
	}

	@Test
	void keyThenEverythingIsAsItWas() {
		ApiKey key = golden(GoldenKey.SHA256);
		assertThat(key.getName()).isEqualTo("Billing, \u00fcber Nacht");
		assertThat(key.getOwner()).isEqualTo("org-42");
		assertThat(key.getDescription()).isEqualTo("Sends invoices.\nIt's for the night.");
		assertThat(key.getScopes()).containsExactly("orders:read", "orders:write");
		assertThat(key.getMetadata()).isEqualTo(Map.of("team", "finance", "cost-centre", "4711"));
		assertThat(key.getAllowedAddresses()).containsExactlyInAnyOrder("192.0.2.0/24", "2001:db8::1");
		assertThat(key.getRateLimits()).hasToString("100/1m, 5000/1d");
		assertThat(key.getQuota()).isEqualTo(1000);
		assertThat(key.getQuotaUsed()).isEqualTo(1);
		assertThat(key.getCreatedAt()).isEqualTo("2026-06-01T12:00:00.123456Z");
		assertThat(key.getNotBefore()).isEqualTo("2026-06-01T11:59:00.123456Z");
		assertThat(key.getExpiresAt()).isEqualTo("2999-12-31T23:59:59.999999Z");
		assertThat(this.service.verify(GoldenKey.SHA256.token(), "203.0.113.1")).isEmpty();
		assertThat(this.refusals).containsExactly(ApiKeyRefusal.ADDRESS);
	}

	@Test
	void keyOfATypeThenItsOwnColumnsAreThere() {
		ApiKey key = golden(GoldenKey.OF_A_TENANT);
		assertThat(this.service.find(TenantApiKey.class, key.getId())).hasValueSatisfying((ofATenant) -> {
			assertThat(ofATenant.getTenant()).isEqualTo("Mountain Inn");
			assertThat(ofATenant.getKeyType()).isEqualTo("tenant");
		});
	}

	@Test
	void rotatedKeyThenItsSuccessorIsKnown() {
		ApiKey rotated = golden(GoldenKey.ROTATED);
		ApiKey successor = golden(GoldenKey.SUCCESSOR);
		assertThat(rotated.getSuccessorId()).isEqualTo(successor.getId());
		assertThat(successor.getPredecessorId()).isEqualTo(rotated.getId());
	}

	@Test
	void rotatedKeyThenItAndItsSuccessorAreOneLine() {
		UUID first = golden(GoldenKey.ROTATED).getId();
		assertThat(golden(GoldenKey.ROTATED).getLineId()).isEqualTo(first);
		assertThat(golden(GoldenKey.SUCCESSOR).getLineId()).isEqualTo(first);
		assertThat(this.service.verify(GoldenKey.SUCCESSOR.token()))
			.hasValueSatisfying((successor) -> assertThat(successor.lineId()).isEqualTo(first));
		ApiKey other = golden(GoldenKey.SHA256);
		assertThat(other.getLineId()).isEqualTo(other.getId());
	}

	@Test
	void historyAndUsageThenStillThere() {
		JpaApiKeyReports reports = new JpaApiKeyReports(unit().entityManagerFactory(), unit().transactionManager());
		ApiKey key = golden(GoldenKey.SHA256);
		assertThat(reports.history(key.getId())).extracting(ApiKeyEvent::getChange)
			.containsExactlyInAnyOrder(ApiKeyChange.CREATED, ApiKeyChange.UPDATED);
		assertThat(reports.history(golden(GoldenKey.REVOKED).getId())).extracting(ApiKeyEvent::getDetail)
			.contains("Found in a repository");
		LocalDate then = LocalDate.of(2026, 6, 1);
		assertThat(reports.usage(key.getId(), then, then)).singleElement().satisfies((usage) -> {
			assertThat(usage.getRequests()).isEqualTo(1);
			assertThat(usage.getRefusals()).isEqualTo(1);
		});
		assertThat(reports.usage(then, then)).singleElement()
			.satisfies((usage) -> assertThat(usage.getRequests()).isEqualTo(1));
	}

	@Test
	void newChangesFollowTheOldOnes() {
		CreatedApiKey created = this.service.create(NewApiKey.named("new").owner("org-42"));
		assertThat(this.service.verify(created.token())).isPresent();
		assertThat(this.service.revoke(created.apiKey().getId()).getRevokedAt()).isEqualTo(NOW);
		ApiKey disabled = golden(GoldenKey.DISABLED);
		this.service.enable(disabled.getId());
		assertThat(this.service.verify(GoldenKey.DISABLED.token())).isPresent();
		this.service.disable(disabled.getId());
		assertThat(this.service.verify(GoldenKey.DISABLED.token())).isEmpty();
	}

	@Test
	void slowHashThenReplacedAfterItsFirstUse() {
		String keyId = "django:kQ3xYz9A";
		assertThat(this.service.verify(GoldenKey.DJANGO_PBKDF2.token())).isPresent();
		Awaitility.await()
			.until(() -> unit().jdbc()
				.queryForObject("select hash from api_key where key_id = ?", String.class, keyId)
				.startsWith("{sha256}"));
		assertThat(this.service.verify(GoldenKey.DJANGO_PBKDF2.token())).isPresent();
	}

	/**
	 * As the next version that changes the tables will do.
	 */
	@Test
	void nextMigrationThenRunsOnTop(@TempDir Path next) throws IOException {
		Files.writeString(next.resolve("V3__add_note.sql"), "alter table api_key add note varchar(10);");
		assertThat(flyway(this.dataSource, shipped(database()), "filesystem:" + next).migrate().migrationsExecuted)
			.isEqualTo(1);
		assertThat(this.service.verify(GoldenKey.HMAC.token())).isPresent();
		assertThat(this.service.verify(this.service.create(NewApiKey.named("new")).token())).isPresent();
	}

	@Test
	void scriptWhenChangedAfterItsReleaseThenRefused(@TempDir Path edited) throws IOException {
		String script = Files.readString(folder().resolve("V1__create_api_key_tables.sql"));
		Files.writeString(edited.resolve("V1__create_api_key_tables.sql"),
				script.replace("name varchar(100)", "name varchar(200)"));
		assertThatExceptionOfType(FlywayValidateException.class)
			.isThrownBy(() -> flyway(this.dataSource, "filesystem:" + edited).migrate())
			.withMessageContaining("checksum");
	}

	private ApiKey golden(GoldenKey key) {
		String keyId = key.generator().generateKeyId();
		return this.service.findByKeyId(keyId).orElseThrow();
	}

}
