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

import java.lang.reflect.Method;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import jakarta.servlet.Filter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.Ordered;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.access.hierarchicalroles.RoleHierarchyImpl;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.WebSecurityCustomizer;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Who gets to the pages, and what they may do there, whatever the application around them
 * permits.
 */
class AdminGuardTests {

	private static final String PAGES = HostApplication.PAGES;

	@Test
	void defaultChainThenItsOwnLoginAndRole() {
		try (HostApplication host = HostApplication.start(Nothing.class)) {
			assertOwnLogin(host);
			// a key is not read here, not even a good one
			String token = host.apiKeys().create(NewApiKey.named("key")).token();
			assertThat(host.as(null).get(PAGES, "X-API-Key", token).statusCode()).isEqualTo(401);
			assertThat(host.as("admin").get(PAGES, "X-API-Key", "junk").statusCode()).isEqualTo(200);
			assertThat(host.signIn("admin")
				.post(PAGES + "/new", Map.of("name", "forged"), "X-API-Key", token)
				.statusCode()).isEqualTo(403);
			assertThat(host.keys()).noneMatch((key) -> key.getName().equals("forged"));
		}
	}

	@Test
	void chainThatPermitsEverythingThenStillLoginAndRole() {
		try (HostApplication host = HostApplication.start(PermitsEverything.class)) {
			assertThat(host.as(null).get("/open").statusCode()).isEqualTo(200);
			assertOwnLogin(host);
			assertThat(host.as(null).get("/forward").body()).doesNotContain("<table", "New key");
		}
	}

	/**
	 * Whether one of them may replace the other, or else the application would not start.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void beansAndFiltersOfTheApplicationWithTheNamesOfOurMethodsThenStillLoginAndRole(boolean overriding) {
		try (HostApplication host = HostApplication.start(NamesLikeOurs.class,
				"spring.main.allow-bean-definition-overriding=" + overriding)) {
			assertOwnLogin(host);
			assertThat(namesOfOurMethods()).hasSizeGreaterThan(10)
				.allSatisfy((name) -> assertThat(host.context().getBean(name)).isInstanceOf(StringBuilder.class));
		}
	}

	private static List<String> namesOfOurMethods() {
		return Arrays.stream(ApiKeyAdminAutoConfiguration.class.getDeclaredMethods())
			.filter((method) -> method.isAnnotationPresent(Bean.class))
			.map(Method::getName)
			.toList();
	}

	@Test
	void chainThatSwallowsExceptionsThenStillLoginAndRole() {
		try (HostApplication host = HostApplication.start(SwallowsExceptions.class)) {
			assertOwnLogin(host);
		}
	}

	@Test
	void noChainThenForbiddenToAll() {
		try (HostApplication host = HostApplication.start(Ignores.class)) {
			UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
			for (String user : new String[] { null, "user", "admin" }) {
				for (String path : new String[] { PAGES, PAGES + "/new", PAGES + "/" + id, PAGES + "/export.csv",
						PAGES + "/assets/admin.css", PAGES + ";x=y", PAGES + "/new;x=y", "/admin/%61pi-keys" }) {
					// Spring Security's firewall refuses some of them before
					assertThat(host.as(user).get(path).statusCode()).as(path).isIn(400, 403);
				}
				assertThat(host.as(user).post(PAGES + "/" + id + "/disable", Map.of()).statusCode()).isEqualTo(403);
			}
			assertThat(host.keys().get(0).getDisabledAt()).isNull();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "ROLE_ADMIN", "FACTOR_API_KEY", "SCOPE_admin" })
	void requestWithAKeyWhereTheChainAcceptsKeysThenForbidden(String authority) {
		try (HostApplication host = HostApplication.start(AcceptsKeys.class, "api-key.admin.authority=" + authority)) {
			CreatedApiKey key = host.apiKeys().create(NewApiKey.named("key").scopes("admin"));
			UUID id = key.apiKey().getId();
			assertThat(host.as(null).get("/open", "X-API-Key", key.token()).statusCode()).isEqualTo(200);
			assertThat(host.get(PAGES, "X-API-Key", key.token()).statusCode()).isEqualTo(403);
			assertThat(host.post(PAGES + "/" + id + "/disable", Map.of(), "X-API-Key", key.token()).statusCode())
				.isEqualTo(403);
			// nor together with somebody who may
			assertThat(host.as("admin").get(PAGES, "X-API-Key", key.token()).statusCode()).isEqualTo(403);
			assertThat(host.keys().get(0).getDisabledAt()).isNull();
		}
	}

	@Test
	void changeWithoutCsrfTokenThenForbiddenAndNothingChanged() {
		try (HostApplication host = HostApplication.start(Nothing.class)) {
			UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
			host.signIn("admin").get(PAGES);
			for (String path : changes(id)) {
				HttpResponse<String> response = host.post(PAGES + path, Map.of("name", "forged", "confirmation", "key",
						"grace", "none", "ids", id, "action", "revoke"));
				assertThat(response.statusCode()).as(path).isEqualTo(403);
			}
			assertThat(host.keys()).singleElement().satisfies((key) -> assertThat(key.getVersion()).isZero());
		}
	}

	@Test
	void changeByNobodyOrWithoutTheRoleThenRefusedAndNothingChanged() {
		try (HostApplication host = HostApplication.start(Nothing.class)) {
			UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
			for (String path : changes(id)) {
				assertThat(change(host.as(null), "/login", path, id)).as(path).isEqualTo(401);
				assertThat(change(host.signIn("user"), "/logout", path, id)).as(path).isEqualTo(403);
			}
			assertThat(host.keys()).singleElement().satisfies((key) -> assertThat(key.getVersion()).isZero());
			assertThat(change(host.signIn("admin"), "/logout", "/" + id + "/revoke", id)).isEqualTo(403);
			assertThat(change(host, PAGES, "/" + id + "/revoke", id)).isEqualTo(303);
			assertThat(host.keys()).singleElement().satisfies((key) -> assertThat(key.getRevokedAt()).isNotNull());
		}
	}

	/**
	 * The paths of all that the pages change, as the handlers say.
	 */
	private static List<String> changes(UUID id) {
		List<String> paths = new ArrayList<>();
		for (Class<?> handlers : AdminHandlerGuard.HANDLERS) {
			String prefix = (handlers == KeyController.class) ? "/" + id
					: (handlers == NewKeyController.class) ? "/new" : (handlers == BulkController.class) ? "/bulk" : "";
			for (Method method : handlers.getDeclaredMethods()) {
				PostMapping mapping = method.getAnnotation(PostMapping.class);
				if (mapping != null) {
					paths.add(prefix + String.join("", mapping.value()));
				}
			}
		}
		assertThat(paths).contains("/new", "/search", "/bulk", "/bulk/confirmed", "/" + id + "/edit",
				"/" + id + "/disable", "/" + id + "/enable", "/" + id + "/revoke", "/" + id + "/rotate",
				"/" + id + "/delete");
		return paths;
	}

	/**
	 * Sends a change with the tokens from a page.
	 */
	private static int change(HostApplication host, String page, String path, UUID id) {
		Map<String, Object> form = host.formTokens(page);
		assertThat(form.get("_csrf")).isNotNull();
		form.putAll(Map.of("name", "forged", "confirmation", "key", "grace", "none", "ids", id, "action", "revoke",
				"version", "0"));
		return host.post(PAGES + path, form).statusCode();
	}

	/**
	 * Whether the chain checks no CSRF token at all, or not on this path.
	 */
	@ParameterizedTest
	@ValueSource(classes = { WithoutCsrf.class, ExemptsThePages.class })
	void changeWhereTheChainChecksNoCsrfTokenThenOnlyFromOurForms(Class<?> application) {
		try (HostApplication host = HostApplication.start(application)) {
			UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
			String disable = PAGES + "/" + id + "/disable";
			host.as("admin").get(PAGES);
			assertThat(host.post(disable, Map.of()).statusCode()).isEqualTo(403);
			for (String origin : new String[] { host.origin(), "http://localhost", "https://localhost",
					host.origin().replace("http:", "https:"), "null", "https://evil.example" }) {
				assertThat(host.post(disable, Map.of(), "Origin", origin).statusCode()).as(origin).isEqualTo(403);
			}
			for (String site : new String[] { "same-origin", "none", "same-site", "cross-site" }) {
				assertThat(host.post(disable, Map.of(), "Sec-Fetch-Site", site).statusCode()).as(site).isEqualTo(403);
			}
			assertThat(host.keys().get(0).getVersion()).isZero();
			assertThat(host.submit(PAGES + "/" + id, "/disable", Map.of()).statusCode()).isEqualTo(303);
			assertThat(host.keys().get(0).getDisabledAt()).isNotNull();
			// the forms behind a proxy whose address the application does not know
			assertThat(host
				.post(PAGES + "/" + id + "/enable", host.formTokens(PAGES + "/" + id), "Origin",
						"https://proxy.example", "Sec-Fetch-Site", "same-origin")
				.statusCode()).isEqualTo(303);
			assertThat(host.submit(PAGES + "/new", "/new", Map.of("name", "new")).body()).contains("Your new key");
		}
	}

	@Test
	void csrfTokenInACookieThenThereWithTheFirstPage() {
		try (HostApplication host = HostApplication.start(CsrfCookie.class)) {
			UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
			HttpResponse<String> page = host.as("admin").get(PAGES, "Accept-Language", "de");
			assertThat(page.headers().allValues("Set-Cookie")).anyMatch((cookie) -> cookie.startsWith("XSRF-TOKEN="));
			assertThat(page.body().strip()).endsWith("</html>");
			assertThat(host.submit(PAGES + "/" + id, "/disable", Map.of()).statusCode()).isEqualTo(303);
		}
	}

	@Test
	void authorityWhenSetOrInheritedThenThatCounts() {
		try (HostApplication host = HostApplication.start(Nothing.class, "api-key.admin.authority=ROLE_USER")) {
			assertThat(host.as("user").get(PAGES).statusCode()).isEqualTo(200);
			assertThat(host.as("admin").get(PAGES).statusCode()).isEqualTo(403);
		}
		try (HostApplication host = HostApplication.start(Hierarchy.class, "api-key.admin.authority=ROLE_USER")) {
			assertThat(host.as("admin").get(PAGES).statusCode()).isEqualTo(200);
		}
	}

	@Test
	void pathWhenSetInAContextAndAServletPathThenThere() {
		try (HostApplication host = HostApplication.start(PermitsEverything.class, "api-key.admin.path=/ops/keys",
				"server.servlet.context-path=/shop", "spring.mvc.servlet.path=/app")) {
			String pages = "/shop/app/ops/keys";
			assertThat(host.as(null).get(pages, "Accept", "text/html").headers().firstValue("Location").orElseThrow())
				.endsWith("/shop/login");
			assertThat(host.as("user").get(pages).statusCode()).isEqualTo(403);
			assertThat(host.as("admin").get(pages).body()).contains("href=\"" + pages + "/new\"",
					"href=\"" + pages + "/assets/admin.css?v=");
			assertThat(host.get(pages + "/assets/admin.css").statusCode()).isEqualTo(200);
			HttpResponse<String> created = host.submit(pages + "/new", "/new", Map.of("name", "key"));
			assertThat(created.body()).contains("Your new key", "http://localhost");
			UUID id = host.keys().get(0).getId();
			assertThat(
					host.submit(pages + "/" + id, "/disable", Map.of()).headers().firstValue("Location").orElseThrow())
				.endsWith(pages + "/" + id);
			assertThat(host.get("/shop/app" + PAGES).statusCode()).isEqualTo(404);
		}
	}

	@Test
	void disabledThenNoPages() {
		try (HostApplication host = HostApplication.start(Nothing.class, "api-key.admin.enabled=false")) {
			assertThat(host.as("admin").get(PAGES).statusCode()).isEqualTo(404);
		}
	}

	private static void assertOwnLogin(HostApplication host) {
		UUID id = host.apiKeys().create(NewApiKey.named("guarded")).apiKey().getId();
		for (String path : new String[] { "", "/new", "/" + id, "/" + id + "/edit", "/export.csv", "/assets/admin.js",
				"/none" }) {
			HttpResponse<String> anonymous = host.as(null).get(PAGES + path, "Accept", "text/html");
			assertThat(anonymous.statusCode()).as(path).isEqualTo(302);
			assertThat(anonymous.headers().firstValue("Location").orElseThrow()).endsWith("/login");
			HttpResponse<String> user = host.as("user").get(PAGES + path);
			assertThat(user.statusCode()).as(path).isEqualTo(403);
			assertThat(user.body()).doesNotContain("guarded");
		}
		assertThat(host.as("admin").get(PAGES).body()).contains("guarded", "Signed in as admin");
		assertThat(host.signIn("admin").get(PAGES).body()).contains("guarded", "Signed in as admin");
		assertThat(host.signIn("user").get(PAGES).statusCode()).isEqualTo(403);
		host.as("admin");
		assertThat(host.get(PAGES + "/assets/admin.js").statusCode()).isEqualTo(200);
		host.apiKeys().revoke(id);
	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

	@RestController
	static class OpenController {

		@GetMapping("/open")
		String open() {
			return "open";
		}

	}

	@Controller
	static class ForwardingController {

		@GetMapping("/forward")
		String forward() {
			return "forward:" + PAGES;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PermitsEverything {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.formLogin(withDefaults())
				.httpBasic(withDefaults())
				.build();
		}

		@Bean
		OpenController openController() {
			return new OpenController();
		}

		@Bean
		ForwardingController forwardingController() {
			return new ForwardingController();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(NamesOfOurMethods.class)
	static class NamesLikeOurs extends PermitsEverything {

		@Bean
		FilterRegistrationBean<Filter> own() {
			FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>(
					(request, response, chain) -> chain.doFilter(request, response));
			registration.setName("apiKeyAdminGuardFilter");
			registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
			return registration;
		}

	}

	static class NamesOfOurMethods implements ImportBeanDefinitionRegistrar {

		@Override
		public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
			namesOfOurMethods()
				.forEach((name) -> registry.registerBeanDefinition(name, new RootBeanDefinition(StringBuilder.class)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SwallowsExceptions extends PermitsEverything {

		@Bean
		Swallowing swallowing() {
			return new Swallowing();
		}

	}

	@ControllerAdvice
	static class Swallowing {

		@ExceptionHandler(Exception.class)
		ResponseEntity<String> handle() {
			return ResponseEntity.ok("swallowed");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Ignores {

		@Bean
		WebSecurityCustomizer ignoring() {
			return (web) -> web.ignoring().requestMatchers("/**");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AcceptsKeys {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic(withDefaults())
				.with(apiKey(), (key) -> key.requestMatcher((request) -> true).acceptOtherCredentials())
				.build();
		}

		@Bean
		OpenController openController() {
			return new OpenController();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithoutCsrf {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic(withDefaults())
				.csrf(AbstractHttpConfigurer::disable)
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ExemptsThePages {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic(withDefaults())
				.csrf((csrf) -> csrf.ignoringRequestMatchers("/admin/**"))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CsrfCookie {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic(withDefaults())
				.csrf((csrf) -> csrf.csrfTokenRepository(new CookieCsrfTokenRepository()))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Hierarchy {

		@Bean
		RoleHierarchy roleHierarchy() {
			return RoleHierarchyImpl.fromHierarchy("ROLE_ADMIN > ROLE_USER");
		}

	}

}
