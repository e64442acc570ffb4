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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import org.hibernate.boot.model.naming.Identifier;
import org.hibernate.boot.model.naming.PhysicalNamingStrategySnakeCaseImpl;
import org.hibernate.engine.jdbc.env.spi.JdbcEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where Hibernate calls our tables otherwise, an application that follows the advice of
 * the failure has keys that work.
 */
@ExtendWith(OutputCaptureExtension.class)
class RenamedTablesTests {

	private final String database = HostRunner.database();

	@Test
	void tablesWhenAStrategyGivesThemAPrefixThenTheAdviceWorks(CapturedOutput output) {
		assertAdviceWorks("app_api_key", (script) -> rename(script, "app_$0"), output,
				"spring.jpa.hibernate.naming.physical-strategy=" + WithPrefix.class.getName());
	}

	@Test
	void tablesWhenASchemaIsTheDefaultThenTheAdviceWorks(CapturedOutput output) {
		jdbc().execute("create schema app");
		assertAdviceWorks("app.api_key", (script) -> rename(script, "app.$0"), output,
				"spring.jpa.properties.hibernate.default_schema=app");
	}

	@Test
	void tablesWhenIdentifiersAreQuotedThenTheAdviceWorks(CapturedOutput output) {
		assertAdviceWorks("\"api_key\"", this::quote, output,
				"spring.jpa.properties.hibernate.globally_quoted_identifiers=true");
	}

	private void assertAdviceWorks(String name, UnaryOperator<String> copy, CapturedOutput output, String setting) {
		AtomicReference<ConfigurableApplicationContext> started = new AtomicReference<>();
		WebApplicationContextRunner application = HostRunner.bare()
			.withUserConfiguration(HostPersistenceTests.KeysOnly.class)
			.withInitializer(started::set)
			.withPropertyValues("spring.datasource.url=" + this.database, "spring.jpa.hibernate.ddl-auto=none",
					setting);
		application.run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis advice = new ApiKeyTablesFailureAnalyzer(started.get().getBeanFactory(),
					started.get().getEnvironment())
				.analyze(context.getStartupFailure());
			assertThat(advice).isNotNull();
			assertThat(advice.getDescription()).contains("missing: " + name, "a naming strategy");
			assertThat(advice.getAction()).contains("h2/V1__create_api_key_tables.sql", "h2/V2__", name)
				.contains("'api-key.database.flyway.enabled=false'", "'api-key.database.initialize-schema=never'");
		});
		jdbc().execute("drop all objects");
		if (name.contains(".")) {
			jdbc().execute("create schema " + name.substring(0, name.indexOf('.')));
		}
		for (String script : List.of("V1__create_api_key_tables.sql", "V2__add_line_of_successors.sql")) {
			run(this.database, copy.apply(read(script)));
		}
		application
			.withPropertyValues("api-key.database.flyway.enabled=false", "api-key.database.initialize-schema=never",
					"spring.flyway.enabled=false", "spring.jpa.hibernate.ddl-auto=validate")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
				CreatedApiKey created = apiKeys
					.create(NewApiKey.named("client").owner("org").scopes("orders:read").metadata("plan", "gold"));
				assertThat(apiKeys.verify(created.token())).isPresent();
				assertThat(apiKeys.revokeAll("org", "test")).isEqualTo(1);
				assertThat(apiKeys.verify(created.token())).isEmpty();
				assertThat(context.getBean(ApiKeyReports.class).statistics(Duration.ofDays(1))).isNotNull();
			});
		assertThat(output).doesNotContain("ERROR");
	}

	private static String rename(String script, String replacement) {
		return Pattern.compile("\\b(?<=table |on |references |update |into )api_key(_\\w+)?\\b")
			.matcher(script)
			.replaceAll(replacement);
	}

	/**
	 * As it is, each identifier of a script is written in capital letters.
	 */
	private String quote(String script) {
		String scratch = HostRunner.database();
		run(scratch, read("V1__create_api_key_tables.sql"));
		run(scratch, read("V2__add_line_of_successors.sql"));
		String names = new JdbcTemplate(new DriverManagerDataSource(scratch, "sa", ""))
			.queryForList(
					"select table_name from information_schema.tables where table_schema = 'PUBLIC' "
							+ "union select column_name from information_schema.columns where table_schema = 'PUBLIC'",
					String.class)
			.stream()
			.map((name) -> name.toLowerCase(Locale.ROOT))
			.collect(Collectors.joining("|"));
		return Pattern.compile("\\b(" + names + ")\\b").matcher(script.replaceAll("--.*", "")).replaceAll("\"$0\"");
	}

	private static String read(String script) {
		try {
			return new ClassPathResource("io/github/apikeys/core/migration/h2/" + script)
				.getContentAsString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void run(String database, String script) {
		new ResourceDatabasePopulator(new ByteArrayResource(script.getBytes(StandardCharsets.UTF_8)))
			.execute(new DriverManagerDataSource(database, "sa", ""));
	}

	private JdbcTemplate jdbc() {
		return new JdbcTemplate(new DriverManagerDataSource(this.database, "sa", ""));
	}

	/**
	 * As an application has it that shares a schema with others.
	 */
	public static class WithPrefix extends PhysicalNamingStrategySnakeCaseImpl {

		@Override
		public Identifier toPhysicalTableName(Identifier logical, JdbcEnvironment environment) {
			Identifier name = super.toPhysicalTableName(logical, environment);
			return Identifier.toIdentifier("app_" + name.getText(), name.isQuoted());
		}

	}

}
