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

import java.util.ArrayList;
import java.util.List;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.authentication.BadCredentialsException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever headers a request has, exactly one key is taken from it as it stands there, or
 * the request is refused in the one way that filters expect. Each line is a header.
 */
class ApiKeyAuthenticationConverterFuzzTests {

	private static final String HEADER = "X-API-Key";

	private static final ApiKeyTokenFormats formats = new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of()),
			List.of(DelimitedTokenFormat.django()));

	private static final ApiKeyAuthenticationConverter strict = converter(false);

	private static final ApiKeyAuthenticationConverter lenient = converter(true);

	private static final SlowestInput slowest = new SlowestInput();

	@AfterAll
	static void printSlowest() {
		slowest.print(ApiKeyAuthenticationConverterFuzzTests.class);
	}

	private static ApiKeyAuthenticationConverter converter(boolean otherCredentialsAccepted) {
		ApiKeyAuthenticationConverter converter = new ApiKeyAuthenticationConverter(List.of(HEADER),
				List.of("Api-Key", "Bearer"), formats);
		converter.setOtherCredentialsAccepted(otherCredentialsAccepted);
		return converter;
	}

	@FuzzTest
	void convert(FuzzedDataProvider data) {
		slowest.run(data, 300, ApiKeyAuthenticationConverterFuzzTests::check);
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", " ", "ak_", "Bearer ", "a.b", "a\nX-API-Key: ", "a\nAuthorization: Bearer ak_",
			"Basic a\nAuthorization: " })
	@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void convertWhenAMillionCharactersThenAnswered(String part) {
		String text = part.repeat(1_000_000 / part.length());
		check("X-API-Key: " + text);
		check("Authorization: Bearer " + text);
	}

	private static void check(String text) {
		MockHttpServletRequest request = new MockHttpServletRequest();
		Presented presented = new Presented();
		for (String line : text.split("\n", -1)) {
			int colon = line.indexOf(": ");
			String name = (colon >= 0) ? line.substring(0, colon) : "";
			if (name.equalsIgnoreCase(HEADER)) {
				presented.keys.add(line.substring(colon + 2));
				request.addHeader(name, line.substring(colon + 2));
			}
			else if (name.equalsIgnoreCase("Authorization")) {
				presented.addAuthorization(line.substring(colon + 2));
				request.addHeader(name, line.substring(colon + 2));
			}
			else {
				request.addHeader("X-Other", line);
			}
		}
		boolean alone = presented.keys.size() == 1 && presented.others == 0;
		boolean first = presented.keys.size() == 1 && presented.authorizations <= 1;
		check(strict, request, presented, alone);
		check(lenient, request, presented, alone || first);
	}

	private static void check(ApiKeyAuthenticationConverter converter, HttpServletRequest request, Presented presented,
			boolean accepted) {
		ApiKeyAuthenticationToken token;
		try {
			token = converter.convert(request);
		}
		catch (BadCredentialsException ex) {
			assertThat(accepted).isFalse();
			assertThat(presented.keys).isNotEmpty();
			presented.keys.stream()
				.filter((key) -> key.length() > 20)
				.forEach((key) -> assertThat(ex.getMessage()).doesNotContain(key));
			return;
		}
		if (presented.keys.isEmpty()) {
			assertThat(token).isNull();
		}
		else {
			assertThat(accepted).isTrue();
			assertThat(token).isNotNull();
			assertThat(token.getCredentials()).isEqualTo(presented.keys.get(0));
			assertThat(token.isAlone()).isEqualTo(presented.others == 0);
		}
	}

	/**
	 * What a reader finds who goes from word to word.
	 */
	private static final class Presented {

		private final List<String> keys = new ArrayList<>();

		private int authorizations;

		private int others;

		void addAuthorization(String value) {
			this.authorizations++;
			int end = 0;
			while (end < value.length() && isPartOfWord(value.charAt(end))) {
				end++;
			}
			String word = value.substring(0, end);
			String rest = value.substring(end).strip();
			if (word.equalsIgnoreCase("Api-Key") || (word.equalsIgnoreCase("Bearer") && formats.claims(rest))) {
				this.keys.add(rest);
			}
			else {
				this.others++;
			}
		}

		private static boolean isPartOfWord(char c) {
			return c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
		}

	}

}
