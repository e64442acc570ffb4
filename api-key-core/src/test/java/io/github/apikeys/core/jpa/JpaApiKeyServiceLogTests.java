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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.HmacSha256ApiKeyHasher;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Nobody who reads the log, even at its most talkative, can use a key or guess at its
 * secret: Hibernate's logs of bound and extracted values hide hashes.
 */
class JpaApiKeyServiceLogTests {

	private static final String FOREIGN = "dGhpcyBpcyBhIHNlY3JldCB0b28x.b2Ygc29tZSBvdGhlciBzeXN0ZW0x";

	private static final String FOREIGN_SECRET = "correct-horse-battery-staple";

	private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);

	private final Level level = this.root.getLevel();

	private final List<Appender<ILoggingEvent>> appenders = new ArrayList<>();

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	@BeforeEach
	void recordEverything() {
		this.root.iteratorForAppenders().forEachRemaining(this.appenders::add);
		this.appenders.forEach(this.root::detachAppender);
		this.log.setContext(this.root.getLoggerContext());
		this.log.start();
		this.root.addAppender(this.log);
	}

	@AfterEach
	void restore() {
		this.root.setLevel(this.level);
		this.root.detachAppender(this.log);
		this.appenders.forEach(this.root::addAppender);
	}

	@Test
	void logWhenDebugIsOnThenNoPlaintextAndNoHash() {
		List<String> secrets = lifeAt(Level.DEBUG);
		assertThat(messages()).contains("refused: WRONG_SECRET", "refused: MALFORMED", "refused: REVOKED")
			.doesNotContain(secrets);
	}

	@Test
	void logWhenTraceIsOnThenNoPlaintextAndNoHash() {
		List<String> secrets = lifeAt(Level.TRACE);
		assertThat(messages()).contains("binding parameter", "extracted value", "[PROTECTED]")
			.doesNotContain(secrets)
			.doesNotContain("{sha256}", "{hmac-sha256:p}");
	}

	/**
	 * Returns the secrets of the right and of a wrong token, and the hashes of the right
	 * one.
	 */
	private List<String> lifeAt(Level level) {
		ApiKeyTokenFormat format = new ApiKeyTokenFormat("ak", List.of());
		JdbcConnectionPool database = JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID(), "sa", "");
		try (PersistenceUnit unit = new PersistenceUnit(database, Map.of("hibernate.hbm2ddl.auto", "create-drop"),
				"io.github.apikeys.core")) {
			this.root.setLevel(level);
			Sha256ApiKeyHasher sha256 = new Sha256ApiKeyHasher();
			HmacSha256ApiKeyHasher hmac = new HmacSha256ApiKeyHasher("p", new byte[32]);
			JpaApiKeyService service = unit.service(
					new ApiKeyTokenFormats(format, List.of(new DelimitedTokenFormat("dot", '.', false))),
					new ApiKeyHashers(sha256.getScheme(), List.of(sha256)));
			service.setTenantsShareKeys(true);
			JpaApiKeyService peppered = unit.service(new ApiKeyTokenFormats(format),
					new ApiKeyHashers(hmac.getScheme(), List.of(hmac, sha256)));
			peppered.setTenantsShareKeys(true);
			CreatedApiKey created = service.create(NewApiKey.named("key").scopes("orders:read"));
			String token = created.token();
			String forged = format.generate(randomSecretFor(created.apiKey().getKeyId())).value();
			UUID id = created.apiKey().getId();
			service.verify(token);
			service.verify(token + "x");
			service.verify(forged);
			// damaged, and tokens of other systems, none of which is a key here
			service.verify(token + ".json");
			service.verify('"' + forged + ".\"");
			service.verify(FOREIGN);
			service.importKey(ImportedApiKey.ofToken("partner." + FOREIGN_SECRET), NewApiKey.named("partner"));
			service.verify("partner." + FOREIGN_SECRET);
			service.revokeToken(FOREIGN, "leaked");
			service.update(id, (change) -> change.name("renamed"));
			peppered.verify(token);
			peppered.close();
			service.find(id);
			peppered.verify(token);
			service.revoke(id);
			peppered.verify(token);
			this.root.setLevel(Level.INFO);
			return List.of(token.substring(16, 48), forged.substring(16, 48), sha256.hash(token), hmac.hash(token),
					FOREIGN.substring(0, 20), FOREIGN.substring(FOREIGN.length() - 20), FOREIGN_SECRET);
		}
		finally {
			database.dispose();
		}
	}

	private static ApiKeyGenerator randomSecretFor(String keyId) {
		return new ApiKeyGenerator() {

			@Override
			public String generateKeyId() {
				return keyId;
			}

			@Override
			public String generateSecret() {
				return new SecureRandomApiKeyGenerator().generateSecret();
			}

		};
	}

	private String messages() {
		StringBuilder messages = new StringBuilder();
		for (ILoggingEvent event : this.log.list) {
			messages.append(event.getFormattedMessage()).append('\n');
			for (IThrowableProxy ex = event.getThrowableProxy(); ex != null; ex = ex.getCause()) {
				messages.append(ex.getMessage()).append('\n');
			}
		}
		return messages.toString();
	}

}
