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

package io.github.apikeys.databases;

import java.nio.file.Path;
import java.util.List;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What docs/guide/tables.md says of keys in a database of their own.
 */
class DatabasesGuideTests {

	private static final String SCRIPTS = "io/github/apikeys/core/migration/h2/";

	@Test
	void keysAreInTheirOwnDatabase(@TempDir Path directory) {
		String application = url(directory, "shop");
		String keys = url(directory, "keys");
		new ResourceDatabasePopulator(new ClassPathResource(SCRIPTS + "V1__create_api_key_tables.sql"),
				new ClassPathResource(SCRIPTS + "V2__add_line_of_successors.sql"))
			.execute(new DriverManagerDataSource(keys));
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(DatabasesApplication.class)
			.web(WebApplicationType.NONE)
			.run("--spring.config.location=optional:classpath:/none/", "--spring.datasource.url=" + application,
					"--keys.datasource.url=" + keys, "--spring.jpa.hibernate.ddl-auto=update",
					"--spring.flyway.locations=classpath:/none", "--api-key.database.flyway.enabled=false",
					"--api-key.database.initialize-schema=never")) {
			String token = context.getBean(ApiKeyService.class).create(NewApiKey.named("client")).token();
			assertThat(context.getBean(ApiKeyTokenVerifier.class).verify(token)).isPresent();
			assertThat(context.getBean(JdbcTemplate.class).queryForList("select * from customer")).isEmpty();
		}
		assertThat(tables(keys)).contains("API_KEY").doesNotContain("CUSTOMER");
		assertThat(tables(application)).contains("CUSTOMER").doesNotContain("API_KEY");
	}

	private static String url(Path directory, String name) {
		return "jdbc:h2:file:" + directory.resolve(name) + ";DB_CLOSE_ON_EXIT=FALSE";
	}

	private static List<String> tables(String url) {
		return new JdbcTemplate(new DriverManagerDataSource(url))
			.queryForList("select table_name from information_schema.tables", String.class);
	}

}
