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

package io.github.apikeys.security;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.apikeys.autoconfigure.ApiKeyAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeyMethodSecurityAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeySecurityAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeyWebMvcAutoConfiguration;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.RateLimits;
import io.github.apikeys.core.RefusalLog;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.ForeignTokenFormat;
import io.github.apikeys.core.token.OpaqueTokenFormat;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecretShape;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import io.github.apikeys.ratelimit.InMemoryRateLimiter;
import jakarta.persistence.DiscriminatorValue;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authorization.AuthorizationManagers;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.WebApplicationContext;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKeyWithAnyScope;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;

/**
 * Why a request is refused: what the client is told, and what the developer finds in the
 * log, one line for each refusal.
 */
class RefusalTests {

	private static final String TOKEN = new ApiKeyTokenFormat("ak", List.of())
		.generate(new SecureRandomApiKeyGenerator())
		.value();

	private static final Map<String, String> IMPORTED = Map.of("django", "aBcDeF12.0123456789abcdefABCDEF0123456789",
			"home", "f0e1d2c3b4a5968778695a4b3c2d1e0f");

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SecurityAutoConfiguration.class,
				ServletWebSecurityAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
				WebMvcAutoConfiguration.class, ApiKeyAutoConfiguration.class, ApiKeySecurityAutoConfiguration.class,
				ApiKeyMethodSecurityAutoConfiguration.class, ApiKeyWebMvcAutoConfiguration.class))
		.withUserConfiguration(Application.class);

	private final Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.NAME);

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	@BeforeEach
	void readTheLog() {
		this.log.start();
		this.logger.addAppender(this.log);
		this.logger.setLevel(Level.DEBUG);
	}

	@AfterEach
	void leaveTheLog() {
		this.logger.setLevel(null);
		this.logger.detachAppender(this.log);
	}

	@Test
	void scopeIsMissingThenTheRequiredScopesAreTold() {
		with((mvc) -> {
			assertThat(get(mvc, "/read", "X-API-Key", "writer")).hasStatus(403)
				.hasHeader("WWW-Authenticate", "Api-Key error=\"insufficient_scope\", scope=\"orders:read\"")
				.bodyJson()
				.isStrictlyEqualTo("{\"type\":\"urn:problem-type:api-key:insufficient-scope\",\"title\":\"Forbidden\","
						+ "\"status\":403,\"detail\":\"The API key does not have the required scopes.\","
						+ "\"requiredScopes\":[\"orders:read\"]}");
			assertThat(line()).contains("'id-of-writer' denied", "Shop.read", "all of [orders:read]",
					"has [orders:write]");
			MvcTestResult any = get(mvc, "/rule/any", "X-API-Key", "writer");
			assertThat(any.getResponse().getHeaders("WWW-Authenticate")).containsExactly(
					"Api-Key error=\"insufficient_scope\", scope=\"reports:read\"",
					"Api-Key error=\"insufficient_scope\", scope=\"reports:write\"");
			assertThat(any).bodyJson()
				.extractingPath("$.requiredAnyScope")
				.isEqualTo(List.of("reports:read", "reports:write"));
			assertThat(line()).contains("'id-of-writer' denied", "one of [reports:read, reports:write]");
		});
	}

	@Test
	void scopeIsMissingWhenTheApplicationTellsNoScopesThenNothingIsTold() {
		this.runner.withPropertyValues("api-key.security.tell-required-scopes=false").run((context) -> {
			assertThat(get(mvc(context), "/read", "X-API-Key", "writer")).hasStatus(403)
				.doesNotContainHeader("WWW-Authenticate")
				.bodyText()
				.isEqualTo("{\"type\":\"urn:problem-type:api-key:forbidden\",\"title\":\"Forbidden\",\"status\":403,"
						+ "\"detail\":\"The API key does not permit this request.\"}");
			assertThat(line()).contains("orders:read");
		});
	}

	@Test
	void denialOfAnotherKindThenNothingIsTold() {
		with((mvc) -> {
			for (String path : List.of("/typed", "/expression", "/current", "/rule/composed")) {
				assertThat(get(mvc, path, "X-API-Key", "writer")).hasStatus(403)
					.doesNotContainHeader("WWW-Authenticate")
					.bodyJson()
					.extractingPath("$.type")
					.isEqualTo("urn:problem-type:api-key:forbidden");
				assertThat(line()).contains("'id-of-writer' denied").doesNotContain("null");
			}
		});
	}

	@Test
	void wrongTypeThenItsNameIsInTheLogAlone() {
		with((mvc) -> {
			assertThat(get(mvc, "/typed", "X-API-Key", "writer")).bodyText()
				.doesNotContainIgnoringCase("partner")
				.doesNotContain("orders");
			assertThat(line()).contains("of type 'partner'", "it is of type 'api_key'");
			assertThat(get(mvc, "/current", "X-API-Key", "writer")).bodyText().doesNotContainIgnoringCase("partner");
			assertThat(line()).contains("Shop.current", "PartnerKey", "it is of type 'api_key'");
		});
	}

	@Test
	void callerWithoutAKeyThenALineAndNoScopes() {
		with((mvc) -> {
			assertThat(get(mvc, "/read")).hasStatus(401).hasHeader("WWW-Authenticate", "Api-Key");
			assertThat(line()).contains("Caller without an API key denied", "Shop.read");
		});
	}

	@Test
	void keyAndOtherCredentialsThenALineSaysSo() {
		with((mvc) -> {
			for (String other : List.of("Basic dXNlcjpwYXNzd29yZA==", "Bearer a.b.c", "Api-Key reader", "Evil x")) {
				assertThat(get(mvc, "/open", "X-API-Key", "reader", "Authorization", other)).hasStatus(401);
				assertThat(line()).contains("refused before its verification").doesNotContain("Evil", "reader", "dXNl");
			}
			assertThat(mvc.get().uri("/open").header("X-API-Key", "reader", "reader")).hasStatus(401);
			assertThat(line()).contains("More than one API key");
		});
	}

	@Test
	void keyWhereNoneIsReadThenALineSaysWhereToSendIt() {
		with((mvc) -> {
			for (Map.Entry<String, String> header : Map
				.of("Authorization", "ApiKey " + TOKEN, "authorization", "Bearer " + TOKEN, "AUTHORIZATION", TOKEN,
						"X-Token", TOKEN)
				.entrySet()) {
				get(mvc, "/public", header.getKey(), header.getValue());
				assertThat(line()).contains("API key not read", "Send it as 'X-API-Key: <key>'")
					.doesNotContain(TOKEN)
					.doesNotContain("X-Token");
			}
			get(mvc, "/public?api_key=" + TOKEN);
			assertThat(line()).contains("in the query, which is never read").doesNotContain(TOKEN);
			get(mvc, "/public", "Authorization", "Basic x", "X-Token", "ordinary");
			assertThat(this.log.list).isEmpty();
		});
	}

	@ParameterizedTest
	@CsvSource({ "django, 'Bearer '", "django, 'Token '", "django, ''", "home, 'Bearer '", "home, 'Token '",
			"home, ''" })
	void importedKeyInAuthorizationWhereNoneIsReadThenALineNamesItsFormat(String format, String scheme) {
		String token = IMPORTED.get(format);
		this.runner.withUserConfiguration(Imports.class).run((context) -> {
			get(mvc(context), "/public", "Authorization", scheme + token);
			assertThat(line())
				.contains("API key not read", "the format '" + format + "'",
						"behind none of the scheme words [api-key]", "Send it as 'X-API-Key: <key>'")
				.doesNotContain(token, token.substring(0, 8), token.substring(token.length() - 8));
		});
	}

	@Test
	void importedKeyBehindBearerWhenItsFormatLeavesThatToOthersThenTheLineSaysSo() {
		this.runner.withUserConfiguration(Imports.class)
			.withPropertyValues("api-key.security.schemes=Api-Key,Bearer")
			.run((context) -> {
				for (Map.Entry<String, String> imported : IMPORTED.entrySet()) {
					get(mvc(context), "/public", "Authorization", "Bearer " + imported.getValue());
					assertThat(line())
						.contains("API key not read", "behind Bearer", "the format '" + imported.getKey() + "'",
								"withBearer()")
						.doesNotContain("none of the scheme words", imported.getValue());
				}
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer ", "Token ", "" })
	void credentialsOfOthersThenNoLine(String scheme) {
		this.runner.withUserConfiguration(Imports.class, AnyText.class).run((context) -> {
			get(mvc(context), "/public", "Authorization",
					scheme + "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0." + "a".repeat(32));
			get(mvc(context), "/public", "Authorization", "Basic " + "YTph".repeat(8));
			get(mvc(context), "/public", "Authorization", "Digest " + "a".repeat(32));
			get(mvc(context), "/public", "X-Request-Id", "a".repeat(32));
			get(mvc(context), "/public?session=" + "a".repeat(32));
			assertThat(this.log.list).isEmpty();
		});
	}

	@Test
	void formatThatFailsThenTheRequestGoesOnAndALineSaysSo() {
		this.runner.withUserConfiguration(Failing.class).run((context) -> {
			assertThat(get(mvc(context), "/public", "Authorization", "Token secret")).hasStatus(200);
			assertThat(line()).contains("API key not found", "IllegalStateException").doesNotContain("secret");
		});
	}

	@Test
	void requestOnWhichNoKeyIsReadThenTheLineSaysSo() {
		this.runner.withPropertyValues("api-key.security.paths=/elsewhere/**").run((context) -> {
			assertThat(get(mvc(context), "/read", "X-API-Key", "reader")).hasStatus(401);
			assertThat(line()).contains("Caller without an API key denied", "no API key is read on this path",
					"api-key.security.paths");
		});
		with((mvc) -> {
			assertThat(get(mvc, "/read")).hasStatus(401);
			assertThat(line()).contains("Caller without an API key denied").doesNotContain("on this path");
		});
	}

	@Test
	void limitsThenEachHasItsTypeAndItsLine() {
		with((mvc) -> {
			assertThat(get(mvc, "/open", "X-API-Key", "limited")).hasStatus(200);
			assertThat(get(mvc, "/open", "X-API-Key", "limited")).hasStatus(429)
				.bodyJson()
				.extractingPath("$.type")
				.isEqualTo("urn:problem-type:api-key:rate-limit");
			assertThat(line()).contains("'id-of-limited' refused: RATE_LIMIT", "1/1d");
			assertThat(get(mvc, "/open", "X-API-Key", "used-up")).hasStatus(429)
				.bodyJson()
				.extractingPath("$.type")
				.isEqualTo("urn:problem-type:api-key:quota");
			assertThat(line()).contains("'id-of-used-up' refused: QUOTA", "its quota is used up")
				.doesNotContain("rate limit", "null");
		});
	}

	@Test
	void limitsWhenTheyAreTheDefaultThenTheLineHasThemAndTheirProperty() {
		this.runner.withPropertyValues("api-key.rate-limit.default=1/1d").run((context) -> {
			MockMvcTester mvc = mvc(context);
			assertThat(get(mvc, "/open", "X-API-Key", "reader")).hasStatus(200);
			assertThat(get(mvc, "/open", "X-API-Key", "reader")).hasStatus(429);
			assertThat(line()).contains("'id-of-reader' refused: RATE_LIMIT", "1/1d", "api-key.rate-limit.default")
				.doesNotContain("null");
			assertThat(get(mvc, "/open", "X-API-Key", "limited")).hasStatus(200);
			assertThat(get(mvc, "/open", "X-API-Key", "limited")).hasStatus(429);
			assertThat(line()).contains("'id-of-limited' refused: RATE_LIMIT", "1/1d")
				.doesNotContain("api-key.rate-limit.default");
		});
	}

	@Test
	void failedAttemptsThenAnAddressThatAHeaderNamesForgesNoLine() {
		this.runner.withPropertyValues("api-key.failed-attempts.max=1").run((context) -> {
			String address = "198.51.100.7\r\nAPI key 'x' accepted";
			context.publishEvent(new ApiKeyRefusedEvent(this, ApiKeyRefusal.UNKNOWN, null, address, Instant.now()));
			assertThat(mvc(context).get().uri("/open").header("X-API-Key", "reader").remoteAddress(address))
				.hasStatus(429)
				.bodyJson()
				.extractingPath("$.type")
				.isEqualTo("urn:problem-type:api-key:failed-attempts");
			assertThat(line()).contains("198.51.100.7??API key").doesNotContain("\r", "\n");
		});
	}

	@Test
	void challengeBesideOthersThenOnlyIfTheApplicationSaysSoAndNeverOnARedirect() {
		this.runner.withUserConfiguration(Login.class).run((context) -> {
			assertThat(get(mvc(context), "/open", "Accept", "application/json").getResponse()
				.getHeaders("WWW-Authenticate")).singleElement().asString().startsWith("Basic ");
		});
		this.runner.withUserConfiguration(Login.class)
			.withPropertyValues("api-key.security.challenge-beside-others=true")
			.run((context) -> {
				MockMvcTester mvc = mvc(context);
				assertThat(get(mvc, "/open", "Accept", "application/json").getResponse().getHeaders("WWW-Authenticate"))
					.hasSize(2)
					.contains("Api-Key");
				assertThat(get(mvc, "/open", "Accept", "text/html")).hasStatus(302)
					.doesNotContainHeader("WWW-Authenticate");
				assertThat(get(mvc, "/open", "X-API-Key", "wrong").getResponse().getHeaders("WWW-Authenticate"))
					.containsExactly("Api-Key");
				assertThat(get(mvc, "/read", "X-API-Key", "writer").getResponse().getHeaders("WWW-Authenticate"))
					.hasSize(1);
				assertThat(get(mvc, "/public")).hasStatus(200).doesNotContainHeader("WWW-Authenticate");
			});
	}

	/**
	 * An application may offer, on an answer of any status, to say who one is.
	 */
	@ParameterizedTest
	@CsvSource({ "200,1", "403,1", "401,2" })
	void challengeBesideOthersThenOnlyOnA401(int status, int challenges) {
		this.runner.withUserConfiguration(Login.class)
			.withPropertyValues("api-key.security.challenge-beside-others=true")
			.run((context) -> {
				for (boolean error : new boolean[] { false, true }) {
					String path = "/offer?status=" + status + "&error=" + (error && status != 200);
					assertThat(get(mvc(context), path)).hasStatus(status)
						.satisfies((result) -> assertThat(result.getResponse().getHeaders("WWW-Authenticate"))
							.hasSize(challenges)
							.contains("Other"));
				}
			});
	}

	@Test
	void logWhenOffThenNothingIsWritten() {
		this.logger.setLevel(Level.INFO);
		with((mvc) -> {
			assertThat(get(mvc, "/read", "X-API-Key", "writer")).hasStatus(403);
			assertThat(get(mvc, "/read", "Authorization", "Bearer " + TOKEN)).hasStatus(401);
			assertThat(this.log.list).isEmpty();
		});
	}

	/**
	 * The one line that was written since the last time.
	 */
	private String line() {
		List<ILoggingEvent> lines = new ArrayList<>(this.log.list);
		this.log.list.clear();
		assertThat(lines).hasSize(1);
		return lines.get(0).getFormattedMessage();
	}

	private void with(Consumer<MockMvcTester> test) {
		this.runner.run((context) -> test.accept(mvc(context)));
	}

	private static MockMvcTester mvc(WebApplicationContext context) {
		return MockMvcTester.create(MockMvcBuilders.webAppContextSetup(context).apply(springSecurity()).build());
	}

	private static MvcTestResult get(MockMvcTester mvc, String path, String... headers) {
		MockMvcTester.MockMvcRequestBuilder request = mvc.get().uri(path);
		for (int i = 0; i < headers.length; i += 2) {
			request.header(headers[i], headers[i + 1]);
		}
		return request.exchange();
	}

	@DiscriminatorValue("partner")
	static class PartnerKey extends ApiKey {

	}

	@RestController
	static class Shop {

		@GetMapping("/offer")
		void offer(@RequestParam int status, @RequestParam boolean error, HttpServletResponse response)
				throws IOException {
			response.addHeader("WWW-Authenticate", "Other");
			if (error) {
				response.sendError(status);
			}
			else {
				response.setStatus(status);
			}
		}

		@GetMapping({ "/open", "/public", "/rule/any", "/rule/composed" })
		String open() {
			return "open";
		}

		@HasApiKey("orders:read")
		@GetMapping("/read")
		String read() {
			return "read";
		}

		@HasApiKey(value = "orders:write", type = PartnerKey.class)
		@GetMapping("/typed")
		String typed() {
			return "typed";
		}

		@PreAuthorize("hasAuthority('SCOPE_orders:read')")
		@GetMapping("/expression")
		String expression() {
			return "expression";
		}

		@GetMapping("/current")
		String current(@CurrentApiKey PartnerKey key) {
			return key.getName();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableMethodSecurity
	static class Application {

		@Bean
		Shop shop() {
			return new Shop();
		}

		@Bean
		InMemoryRateLimiter rateLimiter() {
			return new InMemoryRateLimiter();
		}

		@Bean
		StubApiKeyService apiKeys() {
			StubApiKeyService apiKeys = new StubApiKeyService().accept("reader", "orders:read")
				.accept("writer", "orders:write")
				.accept("limited", new ApiKeyPrincipal(UUID.randomUUID(), "id-of-limited", "limited", null, Set.of(),
						"api_key", RateLimits.parse("1/1d"), false));
			apiKeys.acceptWithQuota("used-up", 0);
			return apiKeys;
		}

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http
				.authorizeHttpRequests((requests) -> requests.requestMatchers("/rule/any")
					.access(hasApiKeyWithAnyScope("reports:read", "reports:write"))
					.requestMatchers("/rule/composed")
					.access(AuthorizationManagers.not(hasApiKey("orders:write")))
					.anyRequest()
					.permitAll())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Imports {

		@Bean
		ForeignTokenFormat django() {
			return DelimitedTokenFormat.django();
		}

		@Bean
		ForeignTokenFormat home() {
			return new OpaqueTokenFormat("home", "", SecretShape.of(32, SecretShape.ALPHANUMERIC), new byte[32]);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AnyText {

		@Bean
		@Order
		ForeignTokenFormat anyText() {
			return new ForeignTokenFormat() {

				@Override
				public String getName() {
					return "any";
				}

				@Override
				public @Nullable PresentedToken parse(String text) {
					return PresentedToken.of("id", text, true);
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@Bean
		ForeignTokenFormat failing() {
			return new ForeignTokenFormat() {

				@Override
				public String getName() {
					return "failing";
				}

				@Override
				public @Nullable PresentedToken parse(String text) {
					throw new IllegalStateException("Not " + text);
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Login {

		@Bean
		@Order(1)
		SecurityFilterChain login(HttpSecurity http) {
			return http.securityMatcher((request) -> true)
				.authorizeHttpRequests((requests) -> requests.requestMatchers("/public", "/read", "/offer")
					.permitAll()
					.anyRequest()
					.authenticated())
				.formLogin(withDefaults())
				.httpBasic(withDefaults())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

}
