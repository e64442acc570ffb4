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

import java.util.Optional;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.host.entity.Customer;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.type.outside.OutsideApplication;
import io.github.apikeys.type.outside.PartnerKey;
import jakarta.persistence.DiscriminatorValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.springframework.security.config.Customizer.withDefaults;

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
	void typeWhenOutsideOfWhatIsScannedForEntitiesThenAWarningAndNoKeyIsCreated(CapturedOutput output) {
		HostRunner.bare()
			.withUserConfiguration(OutsideApplication.class)
			.withPropertyValues("spring.flyway.enabled=false")
			.run((context) -> {
				assertThat(output)
					.containsOnlyOnce("io.github.apikeys.type.outside.PartnerKey is to be a type of API keys")
					.contains("Add its package to @EntityScan");
				assertThatIllegalArgumentException().isThrownBy(
						() -> context.getBean(ApiKeyService.class).create(new PartnerKey(), NewApiKey.named("partner")))
					.withMessageContaining(PartnerKey.class.getName())
					.withMessageContaining("Add its package to @EntityScan");
			});
	}

	/**
	 * Keys of the type may come from another application with the same tables.
	 */
	@Test
	void typeWhenRequiredByRulesAndNoEntityThenAWarningForEach(CapturedOutput output) {
		HostRunner.bare()
			.withUserConfiguration(Requiring.class)
			.withPropertyValues("spring.flyway.enabled=false")
			.run((context) -> {
				assertThat(output)
					.containsOnlyOnce("requires an API key of " + PartnerKey.class + ", which is no entity")
					.containsOnlyOnce("requires an API key of " + NamedKey.class + ", which is no entity");
				String token = context.getBean(ApiKeyService.class)
					.create(NewApiKey.named("of another application"))
					.token();
				context.getBean(JdbcTemplate.class).update("update api_key set key_type = 'outside'");
				assertThat(context.getBean(ApiKeyTokenVerifier.class).verify(token))
					.hasValueSatisfying((principal) -> assertThat(principal.isOfType(PartnerKey.class)).isTrue());
			});
	}

	@Test
	void typeWhenAHandlerWantsItAndNoEntityThenAdvice() {
		assertAdvice(Wanting.class, "is never filled: " + PartnerKey.class + " is no entity", "to @EntityScan");
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

	@DiscriminatorValue("named")
	static class NamedKey extends ApiKey {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EntityScan(basePackageClasses = Customer.class)
	static class Requiring {

		@Bean
		Guarded guarded() {
			return new Guarded();
		}

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().access(hasApiKey(NamedKey.class)))
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	static class Guarded {

		@HasApiKey(type = PartnerKey.class)
		void partner() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EntityScan(basePackageClasses = Customer.class)
	@Import(Handler.class)
	static class Wanting {

	}

	@RestController
	static class Handler {

		@GetMapping("/partner")
		String partner(@CurrentApiKey Optional<PartnerKey> key) {
			return "partner";
		}

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
