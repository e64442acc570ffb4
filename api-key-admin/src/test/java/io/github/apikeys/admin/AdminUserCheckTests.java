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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.access.hierarchicalroles.RoleHierarchyImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.stereotype.Component;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The first user of a new application is that of Spring Boot.
 */
@ExtendWith(OutputCaptureExtension.class)
class AdminUserCheckTests {

	private static final String WARNING = "must not use the admin pages of API keys";

	private static final String PASSWORD = "spring.security.user.password=password";

	@ParameterizedTest
	@CsvSource({ "ROLE_ADMIN, set spring.security.user.roles=ADMIN", "ROLE_OPS, set spring.security.user.roles=OPS",
			"keys:manage, set spring.security.user.roles=ADMIN and api-key.admin.authority=ROLE_ADMIN" })
	void userOfSpringBootWhenItLacksTheAuthorityThenAWarningSaysWhatToSet(String authority, String advice,
			CapturedOutput output) {
		try (HostApplication host = HostApplication.startWithoutUsers(Nothing.class, PASSWORD,
				"api-key.admin.authority=" + authority)) {
			assertThat(host.as("user").get(HostApplication.PAGES).statusCode()).isEqualTo(403);
			assertThat(output).containsOnlyOnce(WARNING)
				.contains("require the authority '" + authority
						+ "' (api-key.admin.authority). If nobody else signs in, " + advice + ",");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.security.user.roles=ADMIN", "api-key.admin.enabled=false" })
	void adviceWhenFollowedThenNoWarning(String property, CapturedOutput output) {
		try (HostApplication host = HostApplication.startWithoutUsers(Nothing.class, PASSWORD, property)) {
			assertThat(host.as("user").get(HostApplication.PAGES).statusCode())
				.isEqualTo(property.endsWith("false") ? 404 : 200);
			assertThat(output).doesNotContain(WARNING);
		}
	}

	@Test
	void authorityWhenARoleOfTheUserIncludesItThenNoWarning(CapturedOutput output) {
		try (HostApplication host = HostApplication.startWithoutUsers(Hierarchy.class, PASSWORD,
				"spring.security.user.roles=BOSS")) {
			assertThat(host.as("user").get(HostApplication.PAGES).statusCode()).isEqualTo(200);
			assertThat(output).doesNotContain(WARNING);
		}
	}

	@Test
	void usersWhenTheyAreOfTheApplicationThenNoWarning(CapturedOutput output) {
		try (HostApplication host = HostApplication.start(Nothing.class, "spring.security.user.name=boss")) {
			assertThat(host.as("user").get(HostApplication.PAGES).statusCode()).isEqualTo(403);
			assertThat(output).doesNotContain(WARNING);
		}
	}

	@Test
	void userWhenTheApplicationReplacedItThenNoWarning(CapturedOutput output) {
		try (HostApplication host = HostApplication.startWithoutUsers(OtherUser.class, PASSWORD)) {
			assertThat(host.as("admin").get(HostApplication.PAGES).statusCode()).isEqualTo(200);
			assertThat(output).doesNotContain(WARNING);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

	@Component
	static class OtherUser {

		OtherUser(InMemoryUserDetailsManager users) {
			users.deleteUser("user");
			users.createUser(User.withUsername("admin").password("{noop}password").roles("ADMIN").build());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Hierarchy {

		@Bean
		RoleHierarchy roleHierarchy() {
			return RoleHierarchyImpl.fromHierarchy("ROLE_BOSS > ROLE_ADMIN");
		}

	}

}
