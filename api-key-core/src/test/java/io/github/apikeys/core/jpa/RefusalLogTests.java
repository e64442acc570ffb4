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

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.RefusalLog;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A developer finds one line for each refusal, with what there is to know about the key.
 */
class RefusalLogTests {

	private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.apikeys.refusals");

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	@BeforeEach
	void read() {
		this.log.start();
		this.logger.addAppender(this.log);
		this.logger.setLevel(Level.DEBUG);
	}

	@AfterEach
	void leave() {
		this.logger.setLevel(null);
		this.logger.detachAppender(this.log);
	}

	@Test
	void verifyWhenRefusedThenOneLineWithTheReason() {
		ApiKeyTokenFormat format = new ApiKeyTokenFormat("ak", List.of());
		Sha256ApiKeyHasher hasher = new Sha256ApiKeyHasher();
		JdbcConnectionPool database = JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID(), "sa", "");
		try (PersistenceUnit unit = new PersistenceUnit(database, Map.of("hibernate.hbm2ddl.auto", "create-drop"),
				"io.github.apikeys.core");
				JpaApiKeyService service = unit.service(new ApiKeyTokenFormats(format),
						new ApiKeyHashers(hasher.getScheme(), List.of(hasher)))) {
			service.setPolicies(List.of((key) -> !key.displayName().equals("barred")));
			Instant now = Instant.now();
			CreatedApiKey plain = service.create(NewApiKey.named("plain").expiresAt(now.plus(Duration.ofDays(1))));
			CreatedApiKey later = service
				.create(NewApiKey.named("later").notBefore(Instant.parse("2150-01-01T00:00:00Z")));
			CreatedApiKey bound = service.create(NewApiKey.named("bound").allowedAddresses("203.0.113.0/24"));
			CreatedApiKey barred = service.create(NewApiKey.named("barred"));
			CreatedApiKey disabled = service.create(NewApiKey.named("disabled"));
			service.disable(disabled.apiKey().getId());
			CreatedApiKey revoked = service.create(NewApiKey.named("revoked"));
			service.revoke(revoked.apiKey().getId());
			assertThat(service.verify(bound.token(), "203.0.113.9")).isPresent();
			assertThat(this.log.list).isEmpty();
			String unknown = format.generate(new SecureRandomApiKeyGenerator()).value();
			assertLine(service, unknown, null, "refused: UNKNOWN, there is no such key");
			assertLine(service, "null", null, "API key of unknown id refused: MALFORMED");
			assertLine(service, null, null, "API key of unknown id refused: MALFORMED");
			assertLine(service, later.token(), null, keyId(later) + "NOT_YET_VALID, it is valid from 2150-01-01T");
			assertLine(service, bound.token(), "198.51.100.1\nforged", keyId(bound)
					+ "ADDRESS, it may be used from [203.0.113.0/24] only, and was presented from 198.51.100.1?forged");
			assertLine(service, barred.token(), null, keyId(barred) + "POLICY");
			assertLine(service, disabled.token(), null, keyId(disabled) + "DISABLED, it is disabled since 20");
			assertLine(service, revoked.token(), null, keyId(revoked) + "REVOKED, it was revoked at 20");
			service.setClock(Clock.fixed(now.plus(Duration.ofDays(2)), ZoneOffset.UTC));
			assertLine(service, plain.token(), null, keyId(plain) + "EXPIRED, it expired at 20");
		}
		finally {
			database.dispose();
		}
	}

	@Test
	void writeWhenOffThenNothingAndWhenOnThenPrintableAndShort() {
		RefusalLog.write("a\r\nb\u001b[31m\u2028\u00e4" + "x".repeat(2000));
		assertThat(lines()).singleElement().asString().hasSize(1000).startsWith("a??b?[31m??xx");
		this.logger.setLevel(Level.INFO);
		assertThat(RefusalLog.isEnabled()).isFalse();
		RefusalLog.write("nobody reads it");
		assertThat(lines()).isEmpty();
	}

	private static String keyId(CreatedApiKey created) {
		return "API key '" + created.apiKey().getKeyId() + "' refused: ";
	}

	private void assertLine(JpaApiKeyService service, String token, String address, String expected) {
		assertThat(service.verify(token, address)).isEmpty();
		assertThat(lines()).singleElement().asString().contains(expected);
	}

	private List<String> lines() {
		List<String> lines = new ArrayList<>(this.log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
		this.log.list.clear();
		return lines;
	}

}
