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

import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A person who is refused reads what to do.
 */
class AdminRefusalPageTests {

	private static final String PAGES = HostApplication.PAGES;

	private static final String[] BROWSER = { "Accept", "text/html,application/xhtml+xml,*/*;q=0.8" };

	private static HostApplication host;

	@BeforeAll
	static void start() {
		host = HostApplication.start(Nothing.class);
	}

	@AfterAll
	static void stop() {
		host.close();
	}

	@Test
	void pageWhenTheRoleIsMissingThenSaid() {
		HttpResponse<String> response = host.signIn("user").get(PAGES, BROWSER);
		Document page = refused(response);
		assertThat(page.select("h1").text()).isEqualTo("You may not manage API keys");
		assertThat(page.select("main a, form, link, script")).isEmpty();
		assertThat(response.headers().firstValue("Content-Security-Policy"))
			.hasValueSatisfying((policy) -> assertThat(policy).startsWith("default-src 'none'"));
		assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
	}

	@Test
	void formWhenItIsFromAnEarlierSessionThenSaidAndNothingChanged() {
		host.signIn("admin");
		Map<String, Object> form = new LinkedHashMap<>(host.formTokens(PAGES + "/new"));
		form.putAll(Map.of("name", "key", "expiry", "never"));
		form.put("formToken", "of-an-earlier-session");
		Document page = refused(host.post(PAGES + "/new?view=q%3Dkey", form, BROWSER));
		assertThat(page.select("h1").text()).isEqualTo("This form cannot be used any more");
		assertThat(page.select("main a").attr("href")).isEqualTo(PAGES + "/new?view=q%3Dkey");
		assertThat(page.select("link, script")).hasSize(2);
		form.remove("_csrf");
		assertThat(refused(host.post(PAGES + "/new", form, BROWSER)).select("h1").text())
			.isEqualTo("This form cannot be used any more");
		assertThat(refused(host.post(PAGES + "/bulk", form, BROWSER)).select("main a").attr("href")).isEqualTo(PAGES);
		assertThat(host.keys()).isEmpty();
	}

	@Test
	void formWhenTheSessionIsGoneThenSaid() {
		Document page = refused(host.as(null).post(PAGES + "/new", Map.of("name", "key"), BROWSER));
		assertThat(page.select("h1").text()).isEqualTo("You may have been signed out");
		assertThat(page.select("main a").attr("href")).isEqualTo(PAGES + "/new");
		assertThat(page.text()).doesNotContain("Signed in as");
		assertThat(page.select("link, script")).isEmpty();
	}

	@Test
	void refusalWhenItIsNotForAPersonThenAsTheApplicationAnswers() {
		HttpResponse<String> response = host.signIn("user").get(PAGES, "Accept", "application/json");
		assertThat(response.statusCode()).isEqualTo(403);
		assertThat(response.body()).doesNotContain("You may not manage API keys");
	}

	private static Document refused(HttpResponse<String> response) {
		assertThat(response.statusCode()).isEqualTo(403);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
		assertThat(response.body()).doesNotContain("formToken");
		return Jsoup.parse(response.body());
	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

}
