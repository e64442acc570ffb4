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

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts an application that really lacks what is optional. A filtered class loader would
 * not do: it hides classes from conditions, but not from the classes that use them.
 */
class ReducedClassPathTests {

	private static final String[] FLYWAY = { "flyway-", "spring-boot-flyway", "spring-boot-starter-flyway" };

	private static final String[] ACTUATOR = { "spring-boot-actuator", "spring-boot-starter-actuator",
			"spring-boot-health", "spring-boot-micrometer", "micrometer-core", "micrometer-jakarta9" };

	private static final String[] LIMITS = { "bucket4j", "spring-data-redis", "spring-boot-data-redis", "lettuce" };

	private static final String[] OPEN_API = { "springdoc-", "swagger-" };

	private static final String[] GRAPH_QL = { "spring-graphql", "spring-boot-graphql", "spring-boot-starter-graphql",
			"graphql-java" };

	private static final String[] WEB = { "spring-webmvc", "spring-webflux", "spring-web-", "spring-boot-webmvc",
			"spring-boot-starter-webmvc", "spring-boot-servlet", "spring-boot-tomcat", "spring-boot-web-server",
			"tomcat-", "jakarta.servlet", "spring-security-web", "spring-security-oauth2", "hibernate-validator" };

	private static final String[] JPA = { "hibernate-", "jakarta.persistence", "spring-boot-hibernate",
			"spring-boot-jpa", "spring-boot-data-jpa", "spring-boot-persistence", "spring-data-jpa", "spring-orm" };

	@Test
	void withoutFlywayActuatorRateLimitsOpenApiAndGraphQl() throws Exception {
		assertThat(startWithout(FLYWAY, ACTUATOR, LIMITS, OPEN_API, GRAPH_QL))
			.isEqualTo("service, 404 with key, 401 with a wrong one");
	}

	@Test
	void withoutWeb() throws Exception {
		assertThat(startWithout(WEB, ACTUATOR)).isEqualTo("service, no server");
	}

	@Test
	void withoutJpa() throws Exception {
		assertThat(startWithout(JPA, ACTUATOR)).isEqualTo("no service, server");
	}

	private static String startWithout(String[]... absent) throws Exception {
		ClassLoader before = Thread.currentThread().getContextClassLoader();
		try (URLClassLoader classLoader = new URLClassLoader(classPathWithout(absent),
				ClassLoader.getPlatformClassLoader())) {
			Thread.currentThread().setContextClassLoader(classLoader);
			Class<?> application = classLoader.loadClass("io.github.apikeys.autoconfigure.ReducedApplication");
			return (String) application.getMethod("start").invoke(null);
		}
		finally {
			Thread.currentThread().setContextClassLoader(before);
		}
	}

	private static URL[] classPathWithout(String[]... absent) throws Exception {
		List<String> prefixes = Arrays.stream(absent).flatMap(Arrays::stream).toList();
		List<URL> remaining = new ArrayList<>();
		for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
			Path path = Path.of(entry);
			if (prefixes.stream().noneMatch(path.getFileName().toString()::startsWith)) {
				remaining.add(path.toUri().toURL());
			}
		}
		return remaining.toArray(URL[]::new);
	}

}
