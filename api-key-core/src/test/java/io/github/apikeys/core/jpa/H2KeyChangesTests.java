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

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatRuntimeException;

class H2KeyChangesTests extends AbstractKeyChangesTests {

	@Override
	TestDatabase database() {
		return new H2Database();
	}

	/**
	 * The transaction manager says then that it was rolled back.
	 */
	@Test
	void changeWhenTheAnswerToTheCommitIsLostThenHonouredAtOnce() {
		FailingCommits dataSource = new FailingCommits(unit().dataSource());
		try (PersistenceUnit unit = new PersistenceUnit(dataSource, Map.of(), "io.github.apikeys.core");
				JpaApiKeyService service = unit.service(
						new ApiKeyTokenFormats(new ApiKeyTokenFormat("acme", List.of())),
						new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())))) {
			service.setTenantsShareKeys(true);
			service.setCache(100, Duration.ofSeconds(15));
			CreatedApiKey created = service.create(NewApiKey.named("key"));
			assertThat(service.verify(created.token())).isPresent();
			dataSource.failAfterNext(Thread.currentThread().getName(), new SQLException("lost", "08006"));
			assertThatRuntimeException().isThrownBy(() -> service.revoke(created.apiKey().getId()));
			assertThat(service.find(created.apiKey().getId()).orElseThrow().getRevokedAt()).isNotNull();
			assertThat(service.verify(created.token())).isEmpty();
		}
	}

}
