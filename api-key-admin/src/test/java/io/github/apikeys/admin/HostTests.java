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

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.thymeleaf.ITemplateEngine;
import org.thymeleaf.templateresolver.ITemplateResolver;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.MessageSource;
import org.springframework.context.NoSuchMessageException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.config.oauth2.client.CommonOAuth2Provider;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.stereotype.Controller;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.servlet.View;
import org.springframework.web.servlet.ViewResolver;
import org.springframework.web.servlet.view.AbstractView;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.oauth2Login;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;

/**
 * The application around the pages is left as it was.
 */
@ExtendWith(OutputCaptureExtension.class)
class HostTests {

	private static final String PAGES = HostApplication.PAGES;

	@Test
	void viewsTemplatesAndTextsOfTheApplicationStayAsTheyAre() {
		List<String> without;
		try (HostApplication host = HostApplication.start(OwnView.class, "api-key.admin.enabled=false")) {
			without = viewsAndTexts(host.context());
			assertThat(host.as("admin").get("/own").body()).isEqualTo("own view");
		}
		try (HostApplication host = HostApplication.start(OwnView.class)) {
			ApplicationContext context = host.context();
			assertThat(viewsAndTexts(context)).isEqualTo(without);
			assertThat(host.as("admin").get("/own").body()).isEqualTo("own view");
			assertThat(host.get(PAGES).statusCode()).isEqualTo(200);
			assertThatExceptionOfType(NoSuchMessageException.class)
				.isThrownBy(() -> context.getMessage("list.title", null, Locale.ENGLISH));
		}
	}

	private static List<String> viewsAndTexts(ApplicationContext context) {
		return List
			.of(ViewResolver.class, ITemplateEngine.class, ITemplateResolver.class, MessageSource.class, View.class)
			.stream()
			.flatMap((type) -> List.of(context.getBeanNamesForType(type)).stream())
			.toList();
	}

	@Test
	void oauth2LoginThenThatLogin() {
		try (HostApplication host = HostApplication.start(OAuth2Login.class)) {
			HttpResponse<String> anonymous = host.as(null).get(PAGES, "Accept", "text/html");
			assertThat(anonymous.statusCode()).isEqualTo(302);
			assertThat(anonymous.headers().firstValue("Location").orElseThrow())
				.endsWith("/oauth2/authorization/github");
			MockMvcTester mvc = MockMvcTester
				.create(MockMvcBuilders.webAppContextSetup((WebApplicationContext) host.context())
					.apply(springSecurity())
					.build());
			assertThat(mvc.get().uri(PAGES).with(oauth2Login())).hasStatus(403);
			assertThat(mvc.get()
				.uri(PAGES)
				.with(oauth2Login().authorities(() -> "ROLE_ADMIN")
					.attributes((attributes) -> attributes.put("sub", "octocat"))))
				.hasStatusOk()
				.bodyText()
				.contains("Signed in as octocat");
			MvcTestResult page = mvc.get().uri(PAGES).with(oauth2Login().authorities(() -> "ROLE_ADMIN")).exchange();
			assertThat(mvc.post()
				.uri(PAGES + "/bulk")
				.session((MockHttpSession) page.getRequest().getSession())
				.with(oauth2Login().authorities(() -> "ROLE_ADMIN"))
				.with(csrf())
				.param("formToken", FormToken.of(page.getRequest()))
				.param("action", "revoke")).hasStatus(303);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "api-key.admin.path=", "api-key.admin.path=/", "api-key.admin.path=admin",
			"api-key.admin.path=/admin/", "api-key.admin.path=/admin/**", "api-key.admin.path=/{x}",
			"api-key.admin.path=/a/..", "api-key.admin.path=/./a", "api-key.admin.path=/a/../b",
			"api-key.admin.path=/..", "api-key.admin.path=//a", "api-key.admin.path=/a//b", "api-key.admin.path=/a%2fb",
			"api-key.admin.path=/%61", "api-key.admin.path=/a;b", "api-key.admin.path=/a\\b", "api-key.admin.path=/a?b",
			"api-key.admin.path=/a b", "api-key.admin.authority=" })
	void badConfigurationThenAdviceAtTheStart(String property, CapturedOutput output) {
		assertThatException().isThrownBy(() -> HostApplication.start(OwnView.class, property).close());
		assertThat(output).contains("APPLICATION FAILED TO START", property.substring(0, property.indexOf('=')))
			.doesNotContain("Unexpected");
	}

	@Test
	void typeOfKeysThatCannotBeStoredThenAdviceAtTheStart(CapturedOutput output) {
		assertThatException().isThrownBy(() -> HostApplication.start(NotStored.class).close());
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("cannot create API keys of " + NotStoredApiKey.class)
			.contains("ApiKeyAdminType " + NotStoredType.class.getName())
			.contains("@EntityScan");
	}

	@Test
	void typeOfKeysThatTwoBeansDescribeThenAdviceAtTheStart(CapturedOutput output) {
		assertThatException().isThrownBy(() -> HostApplication.start(DescribedTwice.class).close());
		assertThat(output).contains("APPLICATION FAILED TO START")
			.contains("cannot tell which bean describes API keys of " + OwnedKeys.PartnerApiKey.class)
			.contains("Remove one of the beans");
	}

	/**
	 * A template in the application's own folder takes the place of ours.
	 */
	@Test
	void templateOfTheApplicationThenShown(@TempDir Path directory) throws IOException {
		Path template = Files.createDirectories(directory.resolve("templates/api-key-admin")).resolve("bulk.html");
		Files.writeString(template, """
				<!DOCTYPE html>
				<html xmlns:th="http://www.thymeleaf.org" th:replace="~{layout :: page('Other', ~{::main})}">
				<body>
				<main id="content"><h1>replaced by the application</h1></main>
				</body>
				</html>
				""");
		ClassLoader before = Thread.currentThread().getContextClassLoader();
		try (URLClassLoader application = new URLClassLoader(new URL[] { directory.toUri().toURL() }, before)) {
			Thread.currentThread().setContextClassLoader(application);
			try (HostApplication host = HostApplication.start(OwnView.class)) {
				UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
				HttpResponse<String> response = host.as("admin")
					.submit(PAGES, "/bulk", Map.of("ids", id, "action", "disable"));
				assertThat(response.body()).contains("replaced by the application", "Signed in as admin");
			}
		}
		finally {
			Thread.currentThread().setContextClassLoader(before);
		}
	}

	@Test
	void bulkWhenOneKeyCannotBeChangedThenTheOthersAre() {
		try (HostApplication host = HostApplication.start(OneThatFails.class)) {
			List<UUID> ids = Stream.of("one", "fails", "gone", "other")
				.map((name) -> host.apiKeys().create(NewApiKey.named(name)).apiKey().getId())
				.toList();
			for (String action : List.of("disable", "revoke")) {
				Map<String, Object> form = new LinkedHashMap<>(host.as("admin").formTokens(PAGES));
				form.putAll(Map.of("ids", ids, "action", action));
				assertThat(host.post(PAGES + "/bulk/confirmed", form).statusCode()).isEqualTo(303);
				assertThat(host.get(PAGES).body()).contains("One key was not changed, because of an error");
			}
			assertThat(host.keys().stream().filter((key) -> key.getRevokedAt() != null).map(ApiKey::getName))
				.containsExactlyInAnyOrder("one", "other");
		}
	}

	@Test
	void historyWhenAUserIsCalledLikeTheApplicationThenTheyLookDifferent() {
		try (HostApplication host = HostApplication.start(OwnView.class)) {
			UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
			SecurityContextHolder.getContext()
				.setAuthentication(
						UsernamePasswordAuthenticationToken.authenticated("the application", null, List.of()));
			try {
				host.apiKeys().disable(id);
			}
			finally {
				SecurityContextHolder.clearContext();
			}
			Document page = Jsoup.parse(host.as("admin").get(PAGES + "/" + id).body());
			assertThat(page.select("td bdi:contains(the application)")).hasSize(1);
			assertThat(page.select("td em:contains(the application)")).hasSize(1);
		}
	}

	@Test
	void formWhenThereIsALongestTimeThenItOffersNothingBeyondItAndSaysIt() {
		try (HostApplication host = HostApplication.start(OwnView.class, "api-key.expiry.max=60d",
				"api-key.expiry.default=30d")) {
			UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
			host.as("admin");
			for (String page : List.of("/new", "/" + id + "/edit")) {
				assertThat(host.get(PAGES + page).body()).contains("value=\"30\"", "value=\"latest\"", "at the latest")
					.doesNotContain("value=\"90\"", "value=\"365\"", "value=\"never\"")
					.containsPattern("id=\"expiresOn\"[^>]+max=\"(?!9998)");
			}
			HttpResponse<String> refused = host.submit(PAGES + "/new", "/new", Map.of("name", "key", "expiry", "365"));
			assertThat(refused.statusCode()).isEqualTo(400);
			assertThat(refused.body()).contains("at the latest");
			assertThat(host.submit(PAGES + "/new", "/new", Map.of("name", "key", "expiry", "latest")).statusCode())
				.isEqualTo(200);
		}
	}

	@Test
	void issuedKeyWhenKeysAreReadInAuthorizationOnlyThenTheLineSaysSo() {
		try (HostApplication host = HostApplication.start(OwnView.class, "api-key.security.header-names=",
				"api-key.security.schemes=Shop")) {
			HttpResponse<String> issued = host.as("admin")
				.submit(PAGES + "/new", "/new", Map.of("name", "key", "expiry", "30"));
			assertThat(Jsoup.parse(issued.body()).text()).contains("curl -H 'Authorization: Shop ak_");
		}
	}

	static class NotStoredApiKey extends ApiKey {

	}

	static class NotStoredType implements ApiKeyAdminType<NotStoredApiKey> {

		@Override
		public Class<NotStoredApiKey> getType() {
			return NotStoredApiKey.class;
		}

		@Override
		public String getLabel(Locale locale) {
			return "Not stored";
		}

		@Override
		public NotStoredApiKey create(Map<String, String> values) {
			return new NotStoredApiKey();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(NotStoredType.class)
	static class NotStored {

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ OwnedKeys.class, OwnedKeys.PartnerType.class })
	static class DescribedTwice {

	}

	@Configuration(proxyBeanMethods = false)
	static class OneThatFails {

		@Bean
		static ApiKeyService failing(ApiKeyService apiKeys) {
			return (ApiKeyService) Proxy.newProxyInstance(OneThatFails.class.getClassLoader(),
					new Class<?>[] { ApiKeyService.class }, (proxy, method, arguments) -> {
						if (method.getName().equals("disable") || method.getName().equals("revoke")) {
							String name = apiKeys.find((UUID) arguments[0]).orElseThrow().getName();
							if (name.equals("fails")) {
								throw new CannotAcquireLockException("another transaction has the row");
							}
							if (name.equals("gone")) {
								throw new ApiKeyNotFoundException((UUID) arguments[0]);
							}
						}
						try {
							return method.invoke(apiKeys, arguments);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnView {

		@Bean
		OwnController ownController() {
			return new OwnController();
		}

		/**
		 * It has the name of one of our templates.
		 */
		@Bean("list")
		View ownView() {
			return new AbstractView() {

				@Override
				protected void renderMergedOutputModel(Map<String, Object> model, HttpServletRequest request,
						HttpServletResponse response) throws IOException {
					response.getWriter().write("own " + model.get("what"));
				}

			};
		}

	}

	@Controller
	static class OwnController {

		@GetMapping("/own")
		String own(Model model) {
			model.addAttribute("what", "view");
			return "list";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OAuth2Login {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.oauth2Login(withDefaults())
				.build();
		}

		@Bean
		ClientRegistrationRepository clients() {
			return new InMemoryClientRegistrationRepository(
					CommonOAuth2Provider.GITHUB.getBuilder("github").clientId("id").clientSecret("secret").build());
		}

	}

}
