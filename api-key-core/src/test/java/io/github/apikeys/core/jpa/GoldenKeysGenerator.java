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

import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyActor;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.HmacSha256ApiKeyHasher;
import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.type.TenantApiKey;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Wrote the frozen dumps of version 0.1.0, with
 * {@code mvn test -pl api-key-core -Dtest=GoldenKeysGenerator}. It is no test of the
 * build: what was written once is not written again.
 */
class GoldenKeysGenerator {

	private static final Instant THEN = Instant.parse("2026-06-01T12:00:00.123456Z");

	static Stream<TestDatabase> databases() {
		return Stream.of(new H2Database(), PostgresqlDatabase.newest(), new MariaDbDatabase(), new MySqlDatabase());
	}

	@ParameterizedTest
	@MethodSource("databases")
	void write(TestDatabase database) throws Exception {
		DataSource dataSource = database.start();
		AbstractDatabaseTests.flyway(dataSource, AbstractDatabaseTests.shipped(database)).migrate();
		AbstractDatabaseTests.createTypeTables(dataSource, database);
		try (PersistenceUnit unit = new PersistenceUnit(dataSource, Map.of("hibernate.hbm2ddl.auto", "validate"),
				"io.github.apikeys.core")) {
			create(unit);
		}
		Files.writeString(AbstractUpgradeTests.RESOURCES.resolve(database.platform()).resolve("data.sql"),
				new SchemaDump(dataSource, database.platform()).sql());
	}

	private void create(PersistenceUnit unit) {
		ApiKeyTokenFormats formats = GoldenKey.tokenFormats();
		JpaApiKeyService service = GoldenKey.service(unit, formats, Sha256ApiKeyHasher.SCHEME, THEN);
		service.setActorResolver(() -> ApiKeyActor.of("alice", "192.0.2.1"));
		ApiKey full = create(service, GoldenKey.SHA256,
				NewApiKey.named("Billing, \u00fcber Nacht")
					.owner("org-42")
					.description("Sends invoices.\nIt's for the night.")
					.scopes("orders:read", "orders:*")
					.metadata("team", "finance")
					.metadata("cost-centre", "4711")
					.allowedAddresses("192.0.2.0/24", "2001:db8::1")
					.rateLimits("100/1m, 5000/1d")
					.quota(1000)
					.notBefore(THEN.minusSeconds(60))
					.expiresAt(Instant.parse("2999-12-31T23:59:59.999999Z")));
		service.consumeQuota(full.getId());
		assertThat(service.verify(GoldenKey.SHA256.token(), "192.0.2.7")).isPresent();
		assertThat(service.verify(GoldenKey.SHA256.token(), "203.0.113.1")).isEmpty();
		service.update(full.getId(), (change) -> change.scopes("orders:read", "orders:write"));
		service.setGenerator(GoldenKey.OF_A_TENANT.generator());
		TenantApiKey ofATenant = new TenantApiKey();
		ofATenant.setTenant("Mountain Inn");
		assertThat(service.create(ofATenant, NewApiKey.named("till").owner("org-7")).token())
			.isEqualTo(GoldenKey.OF_A_TENANT.token());
		service.invalidateOwner("org-7");
		ApiKey rotated = create(service, GoldenKey.ROTATED, NewApiKey.named("rotated").owner("org-42"));
		service.setGenerator(GoldenKey.SUCCESSOR.generator());
		assertThat(service.rotate(rotated.getId(), Duration.ofDays(1)).token()).isEqualTo(GoldenKey.SUCCESSOR.token());
		service.disable(create(service, GoldenKey.DISABLED, NewApiKey.named("disabled")).getId());
		create(service, GoldenKey.EXPIRED, NewApiKey.named("expired").expiresIn(Duration.ofDays(1)));
		service.revoke(create(service, GoldenKey.REVOKED, NewApiKey.named("revoked").scopes("orders:read")).getId(),
				"Found in a repository");
		create(service, GoldenKey.NOT_YET_VALID,
				NewApiKey.named("not yet valid").notBefore(Instant.parse("2999-01-01T00:00:00Z")));
		importKeys(service);
		service.close();
		JpaApiKeyService former = GoldenKey.service(unit, GoldenKey.tokenFormats("old", List.of()),
				Sha256ApiKeyHasher.SCHEME, THEN);
		create(former, GoldenKey.FORMER_PREFIX, NewApiKey.named("former prefix"));
		former.close();
		JpaApiKeyService peppered = GoldenKey.service(unit, formats, HmacSha256ApiKeyHasher.scheme("2026"), THEN);
		create(peppered, GoldenKey.HMAC, NewApiKey.named("peppered"));
		peppered.close();
		JpaApiKeyService past = GoldenKey.service(unit, formats, Sha256ApiKeyHasher.SCHEME,
				THEN.minus(Duration.ofDays(500)));
		past.revoke(create(past, GoldenKey.PURGED, NewApiKey.named("purged")).getId());
		past.close();
		JpaApiKeyService present = GoldenKey.service(unit, formats, Sha256ApiKeyHasher.SCHEME, THEN);
		unit.jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00' where name = 'purged'");
		assertThat(present.purge(Duration.ofDays(365))).isEqualTo(1);
		present.close();
	}

	private static ApiKey create(JpaApiKeyService service, GoldenKey golden, NewApiKey newApiKey) {
		service.setGenerator(golden.generator());
		CreatedApiKey created = service.create(newApiKey);
		assertThat(created.token()).isEqualTo(golden.token());
		return created.apiKey();
	}

	private static void importKeys(JpaApiKeyService service) {
		service.importKey(
				ImportedApiKey.ofDjango("kQ3xYz9A",
						"pbkdf2_sha256$1000$saltSALT123$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4="),
				NewApiKey.named("django, pbkdf2").scopes("orders:read"));
		service.importKey(ImportedApiKey.ofDjango("mN4pQr5S",
				"sha512$$49541f64a4c6c5fbbd2e616c7a44151898ab84a223b3842f5435fbc3c72525517477023049140c5defb2ec665cb15cf9264a75f1f59793c64bd3c037a9619de6"),
				NewApiKey.named("django, sha512"));
		service
			.importKey(
					ImportedApiKey.ofHash("pair", "bcrypt",
							ImportedHash.encoded("{bcrypt}"
									+ new BCryptPasswordEncoder(4).encode("abcdefghijklmnopqrstuvwxyz012345"))),
					NewApiKey.named("bcrypt"));
		service.importKey(ImportedApiKey.ofHash("pair", "sha512", ImportedHash.sha512(
				"dc97d1755d27842d25d4755849776e4704aa7f469fe861538c26eddb0aaaa09a6caa7ab1e998a05d0571f2c34377afc123aef33f0f7ee3647a1cbf1ef542d9a0")),
				NewApiKey.named("sha512"));
		String sha256 = "aa9ed57a25085a7eb81bc9ea6aaab2f271179951ddbfe35d6c1605d4dbe49fe4";
		service.importKey(ImportedApiKey.ofHash("opaque", GoldenKey.opaque().idOf(sha256), ImportedHash.sha256(sha256)),
				NewApiKey.named("opaque"));
	}

}
