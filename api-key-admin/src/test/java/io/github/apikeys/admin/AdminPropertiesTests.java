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

package io.github.apikeys.admin;

import io.github.apikeys.autoconfigure.ApiKeyAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class AdminPropertiesTests {

	@Test
	void startWhenAPropertyOfThePagesIsMisspeltThenAWarningWithTheNearest(CapturedOutput output) {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(ApiKeyAutoConfiguration.class))
			.withUserConfiguration(Pages.class)
			.withPropertyValues("api-key.admin.path=/keys", "api-key.admin.authorities=ROLE_KEYS")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("API keys have no property '")
			.contains("'api-key.admin.authorities'", "The nearest that they have is 'api-key.admin.authority'.");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(ApiKeyAdminProperties.class)
	static class Pages {

	}

}
