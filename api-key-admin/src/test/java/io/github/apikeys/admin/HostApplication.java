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
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.ForeignTokenFormat;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.domain.Pageable;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/**
 * An application that somebody else wrote, on a real server, and a client of it.
 */
final class HostApplication implements AutoCloseable {

	static final String PAGES = "/admin/api-keys";

	private final ConfigurableApplicationContext context;

	private final String origin;

	private HttpClient http;

	private String authorization;

	private HostApplication(ConfigurableApplicationContext context) {
		this.context = context;
		this.origin = "http://localhost:" + ((ServletWebServerApplicationContext) context).getWebServer().getPort();
		as(null);
	}

	static HostApplication start(Class<?> configuration, String... properties) {
		return start(List.of(Base.class, Users.class, configuration), properties);
	}

	/**
	 * Starts an application whose only users are those of the configuration, or that of
	 * Spring Boot.
	 */
	static HostApplication startWithoutUsers(Class<?> configuration, String... properties) {
		return start(List.of(Base.class, configuration), properties);
	}

	private static HostApplication start(List<Class<?>> configurations, String... properties) {
		List<String> all = new ArrayList<>(
				List.of("server.port=0", "spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID(),
						"spring.jpa.open-in-view=false", "spring.main.banner-mode=off", "logging.level.root=warn"));
		all.addAll(List.of(properties));
		return new HostApplication(
				new SpringApplicationBuilder(configurations.toArray(Class<?>[]::new)).properties(asMap(all)).run());
	}

	/**
	 * A colon may be part of a name here.
	 */
	private static Map<String, Object> asMap(List<String> properties) {
		Map<String, Object> map = new LinkedHashMap<>();
		for (String property : properties) {
			map.put(property.substring(0, property.indexOf('=')), property.substring(property.indexOf('=') + 1));
		}
		return map;
	}

	JpaApiKeyService apiKeys() {
		return this.context.getBean(JpaApiKeyService.class);
	}

	List<ApiKey> keys() {
		return apiKeys().list(ApiKeyQuery.all(), Pageable.unpaged()).getContent();
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	ApplicationContext context() {
		return this.context;
	}

	String origin() {
		return this.origin;
	}

	/**
	 * Who sends the next requests: {@code admin}, {@code user} or nobody.
	 */
	HostApplication as(String user) {
		this.http = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
		this.authorization = (user != null)
				? "Basic " + Base64.getEncoder().encodeToString((user + ":password").getBytes(StandardCharsets.UTF_8))
				: null;
		return this;
	}

	/**
	 * Signs somebody in on the login page, so that the session knows them.
	 */
	HostApplication signIn(String user) {
		as(null);
		String csrf = Jsoup.parse(get("/login").body()).select("input[name=_csrf]").val();
		HttpResponse<String> response = post("/login", Map.of("username", user, "password", "password", "_csrf", csrf));
		if (response.headers().firstValue("Location").orElse("/login").contains("/login")) {
			throw new AssertionError("Not signed in: " + response.statusCode());
		}
		return this;
	}

	HttpResponse<String> get(String path, String... headers) {
		return send(request(path, headers));
	}

	HttpResponse<String> post(String path, Map<String, ?> form, String... headers) {
		StringBuilder body = new StringBuilder();
		form.forEach((name, values) -> {
			for (Object value : (values instanceof List<?> list) ? list : List.of(values)) {
				body.append(body.isEmpty() ? "" : "&")
					.append(name)
					.append('=')
					.append(URLEncoder.encode(value.toString(), StandardCharsets.UTF_8));
			}
		});
		return send(request(path, headers).header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(body.toString())));
	}

	/**
	 * Sends the form on a page as a browser would, with some fields filled in.
	 */
	HttpResponse<String> submit(String page, String action, Map<String, ?> values) {
		Document document = Jsoup.parse(get(page).body());
		Element form = document.select("form")
			.stream()
			.filter((element) -> element.attr("action").endsWith(action))
			.findFirst()
			.orElseThrow(() -> new AssertionError("No form to " + action + " on " + page));
		Map<String, Object> fields = new LinkedHashMap<>();
		form.select("input[type=hidden], input[type=radio][checked]")
			.forEach((input) -> fields.put(input.attr("name"), input.val()));
		form.select("input[type=checkbox][checked]")
			.forEach((input) -> fields.merge(input.attr("name"), List.of(input.val()),
					(some, more) -> Stream.of(some, more).flatMap((boxes) -> ((List<?>) boxes).stream()).toList()));
		form.select("input[type=text], input[type=date]")
			.forEach((input) -> fields.put(input.attr("name"), input.val()));
		form.select("textarea").forEach((input) -> fields.put(input.attr("name"), input.wholeText()));
		fields.putAll(values);
		return post(form.attr("action"), fields);
	}

	/**
	 * What the forms on a page send along to show where they come from.
	 */
	Map<String, Object> formTokens(String page) {
		Map<String, Object> tokens = new LinkedHashMap<>();
		Jsoup.parse(get(page).body())
			.select("input[name=_csrf], input[name=formToken]")
			.forEach((input) -> tokens.put(input.attr("name"), input.val()));
		return tokens;
	}

	private HttpRequest.Builder request(String path, String... headers) {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(this.origin + path));
		if (this.authorization != null) {
			request.header("Authorization", this.authorization);
		}
		if (headers.length > 0) {
			request.headers(headers);
		}
		return request;
	}

	private HttpResponse<String> send(HttpRequest.Builder request) {
		try {
			return this.http.send(request.build(), BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(excludeName = {
			"org.springframework.boot.security.oauth2.client.autoconfigure.servlet.OAuth2ClientWebSecurityAutoConfiguration" })
	static class Base {

		@Bean
		ForeignTokenFormat djangoTokens() {
			return DelimitedTokenFormat.django();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Users {

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(
					User.withUsername("admin").password("{noop}password").roles("ADMIN").build(),
					User.withUsername("user").password("{noop}password").roles("USER").build());
		}

	}

}
