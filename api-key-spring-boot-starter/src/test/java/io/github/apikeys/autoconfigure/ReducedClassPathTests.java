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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.github.apikeys.core.jpa.JpaApiKeyService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starts an application that really lacks what is optional. A filtered class loader would
 * not do: it hides classes from conditions, but not from the classes that use them.
 */
@ExtendWith(OutputCaptureExtension.class)
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

	private static final String[] SERVLET = { "jakarta.servlet", "tomcat-embed-core", "tomcat-embed-websocket",
			"spring-webmvc", "spring-boot-webmvc", "spring-boot-starter-webmvc", "spring-boot-servlet",
			"spring-boot-tomcat", "springdoc-", "swagger-" };

	/** Folders of classes, or archives. */
	private static final String[] LIBRARY = { "classes", "api-key-" };

	private static final String[] JPA = { "hibernate-", "jakarta.persistence", "spring-boot-hibernate",
			"spring-boot-jpa", "spring-boot-data-jpa", "spring-boot-persistence", "spring-data-jpa", "spring-orm" };

	/** What comes with JPA, and a database. */
	private static final String[] DATA = { "spring-data-commons", "spring-boot-data-commons", "spring-boot-jdbc",
			"spring-boot-sql", "spring-boot-transaction", "spring-jdbc", "spring-tx", "HikariCP", "h2-" };

	@Test
	void withoutFlywayActuatorRateLimitsOpenApiAndGraphQl() throws Exception {
		assertThat(startWithout(FLYWAY, ACTUATOR, LIMITS, OPEN_API, GRAPH_QL))
			.isEqualTo("service, 404 with key, 401 with a wrong one");
	}

	@Test
	void withoutWeb() throws Exception {
		assertThat(startWithout(WEB, ACTUATOR)).matches("service, no server, [1-9]\\d* tables");
	}

	@Test
	void withoutJpaThenNoTablesOfKeys() throws Exception {
		assertThat(startWithout(JPA, ACTUATOR)).isEqualTo("no service, server, 0 tables");
		assertThat(startWithout(JPA, FLYWAY, ACTUATOR)).isEqualTo("no service, server, 0 tables");
	}

	@Test
	void withoutJpaWhenTheApplicationVerifiesTokensThenGuarded(CapturedOutput output) throws Exception {
		assertThat(startWithout("ReducedVerifyingApplication", JPA, DATA, FLYWAY, ACTUATOR, LIMITS, OPEN_API, GRAPH_QL))
			.isEqualTo("[/chain 200, /chain 403, /chain 401, /annotated 200, /annotated 403, /annotated 401]");
		assertThat(output).doesNotContain(" WARN ", " ERROR ");
	}

	@Test
	void withoutServletsThenOneWarningAndGuardedMethodsDeny(CapturedOutput output) throws Exception {
		assertThat(startWithout("ReducedReactiveApplication", SERVLET))
			.isEqualTo("[/open 200, /one 500, /many 500, /routed 500]");
		assertThat(output).containsOnlyOnce("This is a reactive web application");
	}

	/**
	 * Keys are data of the application, and stay until it drops their tables.
	 */
	@Test
	void withoutTheLibraryThenTheApplicationGoesOnAndKeysStay(@TempDir Path folder) throws Exception {
		Files.writeString(folder.resolve("V2__create_order.sql"), "create table customer_order (id bigint);");
		String url = "jdbc:h2:file:" + folder.resolve("shop");
		WebApplicationContextRunner application = HostRunner.bare()
			.withUserConfiguration(ReducedApplication.class)
			.withPropertyValues("spring.datasource.url=" + url);
		AtomicReference<String> token = new AtomicReference<>();
		application.run((context) -> token.set(HostRunner.key(context)));
		assertThat(runWithout(LIBRARY, url, "filesystem:" + folder)).contains("migration 2, keys 1, API keys false");
		application
			.run((context) -> assertThat(context.getBean(JpaApiKeyService.class).verify(token.get())).isPresent());
	}

	private static String startWithout(String[]... absent) throws Exception {
		return startWithout("ReducedApplication", absent);
	}

	private static String startWithout(String application, String[]... absent) throws Exception {
		ClassLoader before = Thread.currentThread().getContextClassLoader();
		List<URL> classPath = new ArrayList<>();
		for (String entry : classPathWithout(absent)) {
			classPath.add(Path.of(entry).toUri().toURL());
		}
		try (URLClassLoader classLoader = new URLClassLoader(classPath.toArray(URL[]::new),
				ClassLoader.getPlatformClassLoader())) {
			Thread.currentThread().setContextClassLoader(classLoader);
			return (String) classLoader.loadClass("io.github.apikeys.autoconfigure." + application)
				.getMethod("start")
				.invoke(null);
		}
		finally {
			Thread.currentThread().setContextClassLoader(before);
		}
	}

	/**
	 * Hibernate looks for its services in the class path of the virtual machine, too.
	 */
	private static String runWithout(String[] absent, String... arguments) throws Exception {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
						String.join(File.pathSeparator, classPathWithout(absent)), FormerApplication.class.getName()));
		command.addAll(List.of(arguments));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as(output).isZero();
		return output;
	}

	private static List<String> classPathWithout(String[]... absent) {
		List<String> prefixes = Arrays.stream(absent).flatMap(Arrays::stream).toList();
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> prefixes.stream().noneMatch(Path.of(entry).getFileName().toString()::startsWith))
			.toList();
	}

}
