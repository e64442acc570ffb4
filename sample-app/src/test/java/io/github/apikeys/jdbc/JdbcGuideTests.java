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

package io.github.apikeys.jdbc;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.NestedTransactionNotSupportedException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What docs/guide/jdbc.md says, on an H2 database in a file with a table of the
 * application.
 */
@ExtendWith(OutputCaptureExtension.class)
class JdbcGuideTests {

	private String url;

	@BeforeEach
	void createTheTableOfTheApplication(@TempDir Path directory) {
		this.url = "jdbc:h2:file:" + directory.resolve("shop") + ";DB_CLOSE_ON_EXIT=FALSE";
		new JdbcTemplate(new DriverManagerDataSource(this.url))
			.execute("create table customer (id bigint primary key, name varchar(100) not null)");
	}

	@Test
	void tablesWhenNobodyCreatesThemThenNoStart(CapturedOutput output) {
		assertThatException().isThrownBy(() -> start("api-key.database.initialize-schema=embedded").close());
		assertThat(output).contains("api-key.database.initialize-schema=always");
	}

	@Test
	void transactionThenKeysAndJdbcCommitTogether(CapturedOutput output) {
		with((context) -> {
			assertThat(context.getBean(PlatformTransactionManager.class)).isInstanceOf(JpaTransactionManager.class);
			Customers customers = context.getBean(Customers.class);
			ApiKeyTokenVerifier verifier = context.getBean(ApiKeyTokenVerifier.class);
			String token = rolledBack(context, () -> customers.register(1, "Ada"));
			assertThat(verifier.verify(token)).isEmpty();
			assertThat(customers(context)).isEmpty();
			String kept = customers.register(1, "Ada");
			assertThat(verifier.verify(kept)).isPresent();
			rolledBack(context, () -> {
				customers.remove(1);
				return "";
			});
			assertThat(verifier.verify(kept)).isPresent();
			assertThat(customers(context)).hasSize(1);
			customers.remove(1);
			assertThat(verifier.verify(kept)).isEmpty();
			assertThat(customers(context)).isEmpty();
			assertThatExceptionOfType(NestedTransactionNotSupportedException.class).isThrownBy(() -> nested(context));
		});
		assertThat(output).containsOnlyOnce("PROPAGATION_NESTED");
	}

	@Test
	void transactionManagerOfJpaWhenItIsTheApplicationsThenTogetherAndWithoutTheWarning(CapturedOutput output) {
		with((context) -> {
			String token = rolledBack(context, () -> context.getBean(Customers.class).register(1, "Ada"));
			assertThat(context.getBean(ApiKeyTokenVerifier.class).verify(token)).isEmpty();
			assertThat(customers(context)).isEmpty();
		}, "spring.profiles.active=jpa");
		assertThat(output).doesNotContain("PROPAGATION_NESTED");
	}

	@Test
	void transactionManagerOfJdbcThenKeysCommitOnTheirOwn(CapturedOutput output) {
		with((context) -> {
			String token = rolledBack(context, () -> context.getBean(Customers.class).register(1, "Ada"));
			assertThat(context.getBean(ApiKeyTokenVerifier.class).verify(token)).isPresent();
			assertThat(customers(context)).isEmpty();
			nested(context);
		}, "spring.profiles.active=jdbc");
		assertThat(output).doesNotContain("PROPAGATION_NESTED");
	}

	@Test
	void flywayWhenItComesLaterThenItBeginsWithTheTablesThatExist() {
		String[] token = new String[1];
		with((context) -> token[0] = context.getBean(Customers.class).register(1, "Ada"));
		assertThatException().isThrownBy(() -> start("spring.flyway.enabled=true").close());
		with((context) -> {
			assertThat(context.getBean(ApiKeyTokenVerifier.class).verify(token[0])).isPresent();
			assertThat(customers(context)).hasSize(1);
			assertThat(context.getBean(JdbcTemplate.class).queryForList("select * from \"api_key_schema_history\""))
				.isNotEmpty();
			assertThat(context.getBean(ApiKeyService.class).revokeAll("customer-1", "Test ended")).isOne();
		}, "spring.flyway.enabled=true", "spring.flyway.baseline-on-migrate=true", "spring.flyway.baseline-version=0");
	}

	private void nested(ConfigurableApplicationContext context) {
		TransactionTemplate outer = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
		TransactionTemplate inner = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
		inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
		outer.executeWithoutResult((status) -> inner.executeWithoutResult((nested) -> customers(context)));
	}

	private static List<Map<String, Object>> customers(ConfigurableApplicationContext context) {
		return context.getBean(JdbcTemplate.class).queryForList("select * from customer");
	}

	private static String rolledBack(ConfigurableApplicationContext context, Supplier<String> work) {
		return new TransactionTemplate(context.getBean(PlatformTransactionManager.class)).execute((status) -> {
			status.setRollbackOnly();
			return work.get();
		});
	}

	private void with(Consumer<ConfigurableApplicationContext> test, String... properties) {
		try (ConfigurableApplicationContext context = start(properties)) {
			test.accept(context);
		}
	}

	private ConfigurableApplicationContext start(String... properties) {
		Map<String, String> arguments = new LinkedHashMap<>();
		Stream
			.concat(Stream.of("spring.config.location=optional:classpath:/none/", "spring.datasource.url=" + this.url,
					"spring.flyway.enabled=false", "spring.flyway.locations=classpath:/none",
					"api-key.database.initialize-schema=always"), Stream.of(properties))
			.forEach((property) -> arguments.put(property.substring(0, property.indexOf('=')), "--" + property));
		return new SpringApplicationBuilder(JdbcApplication.class).web(WebApplicationType.NONE)
			.run(arguments.values().toArray(String[]::new));
	}

}
