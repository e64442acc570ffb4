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

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.actuate.web.exchanges.HttpExchangeRepository;
import org.springframework.boot.actuate.web.exchanges.InMemoryHttpExchangeRepository;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.debug.DebugFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What keeps or shows keys and cannot be prevented is said at the start.
 */
@ExtendWith(OutputCaptureExtension.class)
class KeyExposureWarningsTests {

	private static final String RECORDED = "HTTP exchanges are recorded";

	private static final String DEBUGGED = "prints the headers of each request";

	private static final String INHERITED = "Security contexts are inherited";

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withUserConfiguration(Warnings.class);

	@Test
	void startWhenNothingShowsKeysThenNoWarning(CapturedOutput output) {
		this.runner.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(RECORDED, DEBUGGED, INHERITED);
	}

	@ParameterizedTest
	@CsvSource(delimiter = ';', value = { "; true", "request-headers,response-headers; true", "REQUEST_HEADERS; true",
			"response-headers,time-taken; false" })
	void startWhenExchangesAreRecordedThenAWarningIfHeadersAre(String included, boolean warned, CapturedOutput output) {
		this.runner.withBean(HttpExchangeRepository.class, InMemoryHttpExchangeRepository::new)
			.withPropertyValues(
					(included != null) ? "management.httpexchanges.recording.include=" + included : "other=x")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output.toString().contains(RECORDED)).isEqualTo(warned);
	}

	@Test
	void startWhenTheChainsAreDebuggedThenAWarning(CapturedOutput output) {
		this.runner
			.withBean("springSecurityFilterChain", DebugFilter.class, () -> new DebugFilter(new FilterChainProxy()))
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains(DEBUGGED);
	}

	@Test
	void startWhenContextsAreInheritedThenAWarning(CapturedOutput output) {
		SecurityContextHolder.setStrategyName(SecurityContextHolder.MODE_INHERITABLETHREADLOCAL);
		try {
			this.runner.run((context) -> assertThat(context).hasNotFailed());
		}
		finally {
			SecurityContextHolder.setStrategyName(SecurityContextHolder.MODE_THREADLOCAL);
		}
		assertThat(output).contains(INHERITED);
	}

	@Configuration(proxyBeanMethods = false)
	static class Warnings {

		@Bean
		KeyExposureWarnings keyExposureWarnings(ApplicationContext context) {
			return new KeyExposureWarnings(context, List.of("X-API-Key"));
		}

	}

}
