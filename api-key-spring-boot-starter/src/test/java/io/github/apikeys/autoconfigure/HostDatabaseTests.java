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

import java.nio.file.Path;

import io.github.apikeys.host.CustomerRepository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

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
	void scriptsThatNeverRunNeedNotBeThere() {
		this.unknownDatabase.withPropertyValues("api-key.database.initialize-schema=never")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ApiKeySchemaInitializer.class));
	}

}
