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
package io.github.apikeys.leaks;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import org.springframework.mock.web.MockHttpSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What the other tests rely on: a key that leaks is found, wherever it is.
 */
class LeakCheckTests {

	private static final String SECRET = Secrets.learn("LeakLeakLeakLeakLeakLeakLeakLeak");

	private static final String TOKEN = "shop_leakLeakLeak_" + SECRET + "000000";

	private static final String HASH = "{sha256}" + "0123456789abcdef".repeat(4);

	private final Logger logger = LoggerFactory.getLogger(LeakCheckTests.class);

	@AfterAll
	static void forget() {
		Secrets.forget(SECRET);
	}

	@Test
	void logWhenTokenAtTraceThenFound() {
		this.logger.trace("Got {}", TOKEN);
		assertFound("a plaintext in the log of " + LeakCheckTests.class.getName() + " at TRACE");
	}

	@Test
	void logWhenSecretOrHashAloneThenFound() {
		this.logger.debug("Got x{}x", SECRET);
		assertFound("a plaintext in the log of");
		this.logger.debug("Got {}", HASH);
		assertFound("a hash in the log of");
	}

	@Test
	void logWhenTokenInCauseThenFound() {
		this.logger.debug("Failed", new IllegalStateException("it", new IllegalArgumentException(TOKEN)));
		assertFound("a plaintext in the log of");
	}

	@Test
	void logWhenTokenInContextThenFound() {
		try (MDC.MDCCloseable closeable = MDC.putCloseable("key", TOKEN)) {
			this.logger.debug("Innocent");
		}
		assertFound("a plaintext in the log of");
	}

	@Test
	void logWhenKeyIdThenNotFound() {
		this.logger.debug("Key {} is disabled", TOKEN.substring(0, 17));
		assertThat(Leaks.take()).isEmpty();
	}

	@Test
	void databaseWhenTokenOrHashInAColumnThenFound() throws Exception {
		JdbcDataSource database = new JdbcDataSource();
		database.setUrl("jdbc:h2:mem:leaks");
		try (Connection connection = database.getConnection(); Statement jdbc = connection.createStatement()) {
			jdbc.execute("create table api_key (hash varchar(100), name varchar(100))");
			jdbc.execute("insert into api_key (hash, name) values ('" + HASH + "', 'fine')");
			assertThat(ContextSearch.search(database)).isEqualTo(2);
			assertThat(Leaks.take()).isEmpty();
			jdbc.execute("update api_key set name = hash");
			ContextSearch.search(database);
			assertFound("a hash in the column API_KEY.NAME");
			jdbc.execute("update api_key set hash = '" + TOKEN + "', name = 'fine'");
			ContextSearch.search(database);
			assertFound("a plaintext in the column API_KEY.HASH");
		}
	}

	@Test
	void sessionWhenTokenInAnAttributeThenFound() throws Exception {
		MockHttpSession session = new MockHttpSession();
		for (Serializable value : List.of(TOKEN, TOKEN.toCharArray(), (Serializable) Map.of("key", List.of(TOKEN)),
				new IllegalStateException(TOKEN))) {
			session.setAttribute("attribute", value);
			ContextSearch.search(session);
			assertFound("a plaintext in the session's attribute");
		}
		session.setAttribute("attribute", TOKEN.substring(0, 17));
		ContextSearch.search(session);
		assertThat(Leaks.take()).isEmpty();
	}

	@Test
	void thrownMessageWhenTokenThenFoundThoughNobodyLogsIt() throws Exception {
		ThrownMessages messages = new ThrownMessages();
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> {
			throw new IllegalStateException(TOKEN);
		});
		messages.search();
		assertFound("a plaintext in the message of java.lang.IllegalStateException");
	}

	private static void assertFound(String find) {
		assertThat(Leaks.take()).isNotEmpty().allSatisfy((leak) -> assertThat(leak).startsWith(find));
	}

}
