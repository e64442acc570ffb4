package com.example.selfservice;

import java.util.UUID;

import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

@ExtendWith(OutputCaptureExtension.class)
class LiquibaseTests {

	private static final String WITHOUT_KEYS = "--spring.liquibase.change-log=classpath:db/changelog/reports.yaml";

	private final String database = "--spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

	@Test
	void changelogWhenItIncludesThatOfKeysThenTheyWorkAndHibernateFindsTheTables() {
		try (ConfigurableApplicationContext context = start()) {
			assertThat(context.getBean(JdbcTemplate.class)
				.queryForList(
						"select id || ' ' || author || ' ' || exectype from databasechangelog order by orderexecuted",
						String.class))
				.startsWith("1 example EXECUTED", "0 io.github.apikeys EXECUTED", "1 io.github.apikeys EXECUTED");
			assertKeysWork(context);
		}
		try (ConfigurableApplicationContext again = start()) {
			assertKeysWork(again);
		}
	}

	@Test
	void changelogWhenItLacksThatOfKeysThenTheStartSaysSo(CapturedOutput output) {
		assertThatException().isThrownBy(() -> start(WITHOUT_KEYS));
		assertPrinted(output, "Liquibase does not create them unless your changelog includes ours");
	}

	@Test
	void changelogWhenItLacksThatOfKeysAndHibernateDoesNotValidateThenTheStartSaysSo(CapturedOutput output) {
		assertThatException().isThrownBy(() -> start(WITHOUT_KEYS, "--spring.jpa.hibernate.ddl-auto=none"));
		assertPrinted(output, "Liquibase does not create them unless your changelog includes ours");
	}

	@Test
	void changelogWhenLiquibaseIsSwitchedOffThenTheStartSaysSo(CapturedOutput output) {
		assertThatException().isThrownBy(() -> start("--spring.liquibase.enabled=false"));
		assertPrinted(output, "'spring.liquibase.enabled' is false");
	}

	private static void assertPrinted(CapturedOutput output, String cause) {
		assertThat(output).containsOnlyOnce("APPLICATION FAILED TO START")
			.contains("missing: api_key, ", cause, "Choose one of three ways",
					"include 'classpath:io/github/apikeys/core/migration/liquibase/changelog.xml' in your changelog");
	}

	private static void assertKeysWork(ConfigurableApplicationContext context) {
		JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
		assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("laptop").scopes("reports:read")).token()))
			.isPresent();
	}

	private ConfigurableApplicationContext start(String... arguments) {
		return new SpringApplicationBuilder(SelfServiceApplication.class).registerShutdownHook(false)
			.run(StringUtils.concatenateStringArrays(new String[] { this.database, "--server.port=0" }, arguments));
	}

}
