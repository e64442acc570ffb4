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

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever parameters the list of keys is asked with, there is a view, it makes sense,
 * its link leads to the same view, and no key is in it. Each line is a parameter.
 */
class ListViewFuzzTests {

	private static final Set<String> NAMES = Set.of("q", "state", "type", "owner", "scope", "from", "to", "zone", "due",
			"use", "sort", "dir", "after", "before");

	private static final Set<String> STATES = Set.of("usable", "active", "disabled", "expired", "revoked",
			"not-yet-valid");

	private static final Pattern KEY = Pattern.compile("(?<![0-9A-Za-z])ak_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}");

	private static final ApiKeyTokenFormats formats = new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of()));

	private static final SlowestInput slowest = new SlowestInput();

	@AfterAll
	static void printSlowest() {
		slowest.print(ListViewFuzzTests.class);
	}

	@FuzzTest
	void of(FuzzedDataProvider data) {
		slowest.run(data, 600, ListViewFuzzTests::check);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "a", "1", "a1", "ab_", "ak_0123456789AB_", "-", "+", " ", "&", "%41", "aaaaaaaaaaaaaaaaaaa-" })
	@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void ofWhenVeryLongThenAnswered(String part) {
		String text = part.repeat(200_000 / part.length());
		for (String name : List.of("q", "from", "zone", "after")) {
			check(name + "=" + text);
		}
	}

	private static void check(String text) {
		Map<String, String> given = new LinkedHashMap<>();
		// a server decodes UTF-8, so that half a character never comes
		for (String line : new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).split("\n")) {
			String[] parameter = line.split("=", 2);
			given.put(parameter[0], (parameter.length == 2) ? parameter[1] : "");
		}
		ListView view = ListView.of(given);
		view.getParameters().forEach((name, value) -> checkParameter(name, value, given));
		view.toQuery(List.of());
		assertThat(view.order().getProperty()).isIn("name", "createdAt", "expiresAt", "lastUsedAt");
		assertThat(view.position().isInitial())
			.isEqualTo(!view.getParameters().containsKey("after") && !view.getParameters().containsKey("before"));
		assertThat(view.sortedBy("name")).contains("sort=name");
		Map<String, String> linked = parameters(view.link());
		assertThat(linked).isEqualTo(view.getParameters());
		assertThat(ListView.of(linked).getParameters()).isEqualTo(linked);
		assertThat(ListView.ofLink(view.link()).getParameters()).isEqualTo(linked);
		given.values().forEach((value) -> {
			ListView.ofLink(value).getParameters().forEach((name, carried) -> assertThat(NAMES).contains(name));
			checkPasted(value);
		});
	}

	private static void checkParameter(String name, String value, Map<String, String> given) {
		assertThat(NAMES).contains(name);
		assertThat(value).isNotBlank().hasSizeLessThanOrEqualTo(255);
		assertThat(value.chars().noneMatch(Character::isISOControl)).isTrue();
		if (!name.equals("dir")) {
			assertThat(given.get(name)).contains(value);
		}
		if (!name.equals("owner")) {
			assertThat(KEY.matcher(value).find()).isFalse();
		}
		switch (name) {
			case "state" -> assertThat(STATES).contains(value);
			case "from", "to" -> assertThat(LocalDate.parse(value).getYear()).isBetween(1970, 9998);
			case "zone" -> assertThat(ZoneId.of(value)).isEqualTo(RequestValues.zone(value));
			case "after", "before" -> assertThat(RequestValues.uuid(value)).isNotNull();
			default -> {
			}
		}
	}

	private static void checkPasted(String value) {
		List<String> keyIds = PastedToken.keyIds(value, formats);
		assertThat(keyIds).allMatch(value::contains);
		PresentedToken token = formats.parse(value);
		if (token != null) {
			assertThat(keyIds).contains(token.keyId());
			assertThat(PastedToken.isPossible(value)).isTrue();
		}
	}

	private static Map<String, String> parameters(String link) {
		Map<String, String> parameters = new LinkedHashMap<>();
		if (!link.isEmpty()) {
			assertThat(link).startsWith("?");
			for (String parameter : link.substring(1).split("&")) {
				String[] parts = parameter.split("=", -1);
				assertThat(parts).hasSize(2);
				parameters.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
			}
		}
		return parameters;
	}

}
