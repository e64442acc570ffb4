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

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.apikeys.core.NewApiKey;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The pages where a persistence context lasts as long as a request, as it does by
 * default: an entity that was read before a change shows the change.
 */
class OpenInViewTests {

	private static final String PAGES = HostApplication.PAGES;

	private static HostApplication host;

	@BeforeAll
	static void start() {
		host = HostApplication.start(Nothing.class, "spring.jpa.open-in-view=true");
		host.as("admin");
	}

	@AfterAll
	static void stop() {
		host.close();
	}

	@Test
	void bulkThenTheResultSaysHowManyWereChangedAndHowManyWereSoAlready() {
		UUID changed = host.apiKeys().create(NewApiKey.named("changed")).apiKey().getId();
		UUID same = host.apiKeys().create(NewApiKey.named("same")).apiKey().getId();
		host.apiKeys().disable(same);
		assertThat(bulk("disable", changed, same)).startsWith("One key is disabled now. One key was not changed");
		assertThat(bulk("enable", changed, same)).isEqualTo("2 keys are enabled now.");
		host.apiKeys().revoke(same);
		assertThat(bulk("revoke", changed, same)).startsWith("One key is revoked now. One key was not changed");
	}

	private static String bulk(String action, UUID... ids) {
		Map<String, Object> form = new LinkedHashMap<>(host.formTokens(PAGES + "/new"));
		form.putAll(Map.of("action", action, "ids", List.of(ids)));
		assertThat(host.post(PAGES + "/bulk/confirmed", form).statusCode()).isEqualTo(303);
		return Jsoup.parse(host.get(PAGES).body()).select("p.notice").text();
	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

}
