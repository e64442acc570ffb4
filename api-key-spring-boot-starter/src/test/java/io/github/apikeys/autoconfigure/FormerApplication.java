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

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.ClassUtils;

/**
 * An application that had API keys once, started by {@link ReducedClassPathTests} where
 * there is nothing of them.
 */
@EnableAutoConfiguration
public class FormerApplication {

	/**
	 * Starts the application, says what it did and how many keys there still are, and
	 * stops it again.
	 * @param args where its database is, and where it has more migrations
	 */
	public static void main(String[] args) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(FormerApplication.class)
			.web(WebApplicationType.NONE)
			.run("--spring.datasource.url=" + args[0], "--spring.jpa.hibernate.ddl-auto=validate",
					"--spring.flyway.locations=classpath:db/migration," + args[1])) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			System.out.println("migration "
					+ jdbc.queryForObject("select max(\"version\") from \"flyway_schema_history\"", String.class)
					+ ", keys " + jdbc.queryForObject("select count(*) from api_key", String.class) + ", API keys "
					+ ClassUtils.isPresent("io.github.apikeys.core.ApiKey", null));
		}
	}

}
