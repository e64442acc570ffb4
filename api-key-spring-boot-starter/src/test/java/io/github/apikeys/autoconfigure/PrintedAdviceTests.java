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

import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.ForeignTokenFormat;
import io.github.apikeys.core.token.SecretShape;
import io.github.apikeys.host.HostApplication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportSelector;
import org.springframework.core.type.AnnotationMetadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Advice is what a failed start prints: no other analyzer is asked first.
 */
@ExtendWith(OutputCaptureExtension.class)
class PrintedAdviceTests {

	@Test
	void startWhenNobodyCreatesTablesThenThreeWaysOut(@TempDir Path directory, CapturedOutput output) {
		start(HostApplication.class, "--spring.datasource.url=jdbc:h2:file:" + directory.resolve("shop"),
				"--spring.flyway.enabled=false");
		assertPrinted(output, "missing: api_key, ", "'spring.flyway.enabled' is false", "Choose one of three ways");
	}

	@Test
	void startWhenThereIsNoDatabaseThenWhatNeedsOne(CapturedOutput output) {
		start(HostApplication.class, "--spring.datasource.url=",
				"--spring.datasource.embedded-database-connection=none");
		assertPrinted(output, "Failed to determine a suitable driver class", "stored in a relational database",
				"remove the dependency");
	}

	@Test
	void startWhenSecretsOfImportedTokensAreShortThenTheirShape(CapturedOutput output) {
		start(WithShortSecrets.class);
		assertPrinted(output, "Imported API keys cannot have such tokens", "without a SecretShape");
	}

	@Test
	void startWhenThePersistenceUnitLacksTheEntityThenItsPackage(CapturedOutput output) {
		start(WithoutTheEntity.class);
		assertPrinted(output, "does not manage io.github.apikeys.core.ApiKey", "packages(\"com.example\", ");
	}

	@Test
	void startWhenJpaReplacedTheTransactionManagerThenHowToKeepIt(CapturedOutput output) {
		start(WithJdbcTransactionManager.class);
		assertPrinted(output, "API keys require JPA", "Inject a PlatformTransactionManager",
				"publish a bean 'transactionManager'");
	}

	@Test
	void startWhenSpringBootIsTooOldThenTheRequiredVersion(CapturedOutput output) {
		start(OnSpringBoot40.class);
		assertPrinted(output, "requires Spring Boot 4.1 or newer, and this application has 4.0.9",
				"Upgrade Spring Boot");
	}

	private static void assertPrinted(CapturedOutput output, String... advice) {
		assertThat(output).containsOnlyOnce("APPLICATION FAILED TO START").contains(advice);
	}

	private static void start(Class<?> application, String... arguments) {
		SpringApplicationBuilder builder = new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.registerShutdownHook(false)
			.properties("spring.datasource.url=" + HostRunner.database());
		assertThatException().isThrownBy(() -> builder.run(arguments).close());
	}

	@Configuration(proxyBeanMethods = false)
	@Import(HostApplication.class)
	static class WithShortSecrets {

		@Bean
		ForeignTokenFormat old() {
			return new DelimitedTokenFormat("old", '.', true).withSecret(SecretShape.of(8, SecretShape.HEXADECIMAL));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ HostApplication.class, HostPersistenceTests.OwnPersistenceUnit.class })
	static class WithoutTheEntity {

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ HostPersistenceTests.KeysOnly.class, HostPersistenceTests.InjectsJdbcTransactionManager.class })
	static class WithJdbcTransactionManager {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(SelectsOnSpringBoot40.class)
	static class OnSpringBoot40 {

	}

	static class SelectsOnSpringBoot40 implements ImportSelector {

		@Override
		public String[] selectImports(AnnotationMetadata importing) {
			return new SpringBootVersionCheck("4.0.9").selectImports(importing);
		}

	}

}
