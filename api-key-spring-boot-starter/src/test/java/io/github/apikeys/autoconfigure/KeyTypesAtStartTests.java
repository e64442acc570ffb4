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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A class that cannot be a type of keys is noticed at the start.
 */
@ExtendWith(OutputCaptureExtension.class)
class KeyTypesAtStartTests {

	@Test
	void typeWhenNoEntityThenAWarning(CapturedOutput output) {
		HostRunner.bare().withUserConfiguration(NoEntity.class).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output)
			.containsOnlyOnce(
					"io.github.apikeys.type.noentity.PartnerKey is to be a type of API keys, and is no entity")
			.contains("Annotate it with @Entity");
	}

	@Test
	void typeWhenWithoutADiscriminatorValueThenAdvice() {
		assertAdvice(NoName.class,
				"io.github.apikeys.type.noname.PartnerKey needs an annotation @DiscriminatorValue(\"...\")",
				"stays the same when the class is renamed");
	}

	@Test
	void typeWhenAnotherHasTheSameDiscriminatorValueThenAdvice() {
		assertAdvice(SameName.class, "have the same @DiscriminatorValue(\"partner\")", "a value of its own");
	}

	private static void assertAdvice(Class<?> host, String description, String action) {
		HostRunner.bare().withUserConfiguration(host).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis advice = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(advice).isNotNull();
			assertThat(advice.getDescription()).contains(description);
			assertThat(advice.getAction()).contains(action);
		});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EntityScan(basePackageClasses = io.github.apikeys.type.noentity.PartnerKey.class)
	static class NoEntity {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EntityScan(basePackageClasses = io.github.apikeys.type.noname.PartnerKey.class)
	static class NoName {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EntityScan(basePackageClasses = io.github.apikeys.type.samename.PartnerKey.class)
	static class SameName {

	}

}
