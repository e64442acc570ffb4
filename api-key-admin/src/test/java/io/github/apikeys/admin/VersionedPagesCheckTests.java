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

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.PathContainer;
import org.springframework.web.accept.ApiVersionResolver;
import org.springframework.web.servlet.config.annotation.ApiVersionConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class VersionedPagesCheckTests {

	private static final String USE_HEADER = "spring.mvc.apiversion.use.header=API-Version";

	@ParameterizedTest
	@ValueSource(strings = { USE_HEADER, "spring.mvc.apiversion.use.query-parameter=version",
			"spring.mvc.apiversion.use.path-segment=0" })
	void versionRequiredThenAWarningSaysWhyThePagesAnswer400(String property, CapturedOutput output) {
		try (HostApplication host = HostApplication.start(Nothing.class, property)) {
			assertThat(host.as("admin").get(HostApplication.PAGES).statusCode()).isEqualTo(400);
			assertThat(output).contains("The pages below /admin/api-keys will answer 400: API versioning requires")
				.contains("spring.mvc.apiversion.required=false");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.mvc.apiversion.required=false", "spring.mvc.apiversion.default=1" })
	void adviceIsFollowedThenThePagesAnswerWithoutAWarning(String property, CapturedOutput output) {
		try (HostApplication host = HostApplication.start(Nothing.class, USE_HEADER, property)) {
			assertThat(host.as("admin").get(HostApplication.PAGES).statusCode()).isEqualTo(200);
			assertThat(output).doesNotContain("API versioning");
		}
	}

	@Test
	void pathsOfThePagesAreLeftOutThenThePagesAnswerWithoutAWarning(CapturedOutput output) {
		try (HostApplication host = HostApplication.start(VersionsInOtherPaths.class)) {
			assertThat(host.as("admin").get(HostApplication.PAGES).statusCode()).isEqualTo(200);
			assertThat(output).doesNotContain("API versioning");
		}
	}

	/**
	 * Where a browser's request has more than is known at startup, nothing is known of
	 * the answer.
	 */
	@ParameterizedTest
	@ValueSource(classes = { VersionOfHost.class, VersionOfHeader.class, VersionOfCookie.class, VersionOfSession.class,
			BrokenVersion.class })
	void versionIsInWhatABrowserSendsThenNoWarning(Class<? extends ResolvedVersion> type, CapturedOutput output) {
		try (HostApplication host = HostApplication.start(type)) {
			assertThat(output).doesNotContain("API versioning");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

	@Configuration(proxyBeanMethods = false)
	static class VersionsInOtherPaths {

		@Bean
		WebMvcConfigurer versionsInOtherPaths() {
			return new WebMvcConfigurer() {

				@Override
				public void configureApiVersioning(ApiVersionConfigurer configurer) {
					configurer.usePathSegment(0,
							(path) -> path.elements().size() > 1 && isVersion(path.elements().get(1)));
					configurer.setVersionRequired(false);
				}

				private boolean isVersion(PathContainer.Element segment) {
					return segment.value().startsWith("v");
				}

			};
		}

	}

	abstract static class ResolvedVersion implements WebMvcConfigurer, ApiVersionResolver {

		@Override
		public void configureApiVersioning(ApiVersionConfigurer configurer) {
			configurer.useVersionResolver(this).addSupportedVersions("1");
		}

	}

	static class VersionOfHost extends ResolvedVersion {

		@Override
		public @Nullable String resolveVersion(HttpServletRequest request) {
			String host = request.getServerName();
			return (host != null) ? "1" : null;
		}

	}

	static class VersionOfHeader extends ResolvedVersion {

		@Override
		public @Nullable String resolveVersion(HttpServletRequest request) {
			return (request.getHeader("Host") != null) ? "1" : null;
		}

	}

	static class VersionOfCookie extends ResolvedVersion {

		@Override
		public @Nullable String resolveVersion(HttpServletRequest request) {
			return (request.getCookies() == null) ? "1" : null;
		}

	}

	static class VersionOfSession extends ResolvedVersion {

		@Override
		public @Nullable String resolveVersion(HttpServletRequest request) {
			return (request.getSession(false) == null) ? "1" : null;
		}

	}

	static class BrokenVersion extends ResolvedVersion {

		@Override
		public @Nullable String resolveVersion(HttpServletRequest request) {
			throw new IllegalStateException("not yet");
		}

	}

}
