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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.host.CustomerRepository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose tables somebody else creates is left in peace, on every database.
 */
class HostDatabaseTests {

	private final WebApplicationContextRunner unknownDatabase = HostRunner.withoutFlyway()
		.withPropertyValues("api-key.database.platform=unknown", "spring.jpa.hibernate.ddl-auto=update",
				"spring.sql.init.mode=always",
				"spring.sql.init.schema-locations=classpath:io/github/apikeys/core/migration/h2/V*.sql");

	@Test
	void databaseThatIsNotEmbeddedNeedsNoScripts(@TempDir Path directory) {
		this.unknownDatabase.withPropertyValues("spring.datasource.url=jdbc:h2:file:" + directory.resolve("host"))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(CustomerRepository.class).count()).isZero();
			});
	}

	@Test
	void scriptsThatAreACopyOfTheApplicationAreRunInTheirPlace(@TempDir Path directory) throws IOException {
		Path folder = Files.createDirectory(directory.resolve("mine"));
		for (Resource script : new PathMatchingResourcePatternResolver()
			.getResources("classpath:io/github/apikeys/core/migration/h2/V*.sql")) {
			Files.writeString(folder.resolve(String.valueOf(script.getFilename())),
					script.getContentAsString(StandardCharsets.UTF_8));
		}
		Files.writeString(folder.resolve("V9__more.sql"), "create table ours (id integer);");
		HostRunner.withoutFlyway()
			.withPropertyValues("api-key.database.schema=" + directory.toUri() + "@@platform@@/V*.sql",
					"api-key.database.platform=mine")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(JdbcTemplate.class).queryForList("select id from ours")).isEmpty();
				ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
				assertThat(apiKeys.find(apiKeys.create(NewApiKey.named("key")).apiKey().getId())).isPresent();
			});
	}

	@Test
	void scriptsThatNeverRunNeedNotBeThere() {
		this.unknownDatabase.withPropertyValues("api-key.database.initialize-schema=never")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ApiKeySchemaInitializer.class));
	}

}
