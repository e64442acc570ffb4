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

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Random;

import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.security.web.firewall.StrictHttpFirewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ApiKeyAuthenticationConverterTests {

	private static final String JWT = "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl";

	private final ApiKeyTokenFormats tokenFormat = new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of()),
			List.of(new DelimitedTokenFormat("pair", '.', true).withBearer()));

	private final ApiKeyAuthenticationConverter converter = new ApiKeyAuthenticationConverter(List.of("X-API-Key"),
			List.of("Api-Key", "Bearer"), this.tokenFormat);

	private final MockHttpServletRequest request = new MockHttpServletRequest() {

		@Override
		public HttpSession getSession(boolean create) {
			throw new AssertionError("The session was touched");
		}

	};

	@Test
	void convertWhenNoHeaderThenNull() {
		assertThat(this.converter.convert(this.request)).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "X-API-Key,ak_x,ak_x", "x-api-key,ak_x,ak_x", "X-API-Key,anything at all,anything at all",
			"Authorization,Api-Key ak_x,ak_x", "authorization,API-KEY ak_x,ak_x", "Authorization,api-key    ak_x,ak_x",
			"Authorization,Api-Key a b,a b", "Authorization,Bearer ak_x,ak_x",
			"Authorization,Bearer abc.defgh,abc.defgh", "Authorization,bearer ak_x,ak_x",
			"Authorization,Api-Key:ak_x,:ak_x", "Authorization,Api-Key=ak_x,=ak_x" })
	void convertWhenKeyThenItsText(String header, String value, String text) {
		this.request.addHeader(header, value);
		assertThat(this.converter.convert(this.request).getCredentials()).isEqualTo(text);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\t", "\u0000\u001b", "\u00e4\uff11", "\ud83d" })
	void convertWhenNotAKeyAtAllThenStillPresented(String value) {
		this.request.addHeader("X-API-Key", value);
		assertThat(this.converter.convert(this.request).getCredentials()).isEqualTo(value);
	}

	@ParameterizedTest
	@ValueSource(strings = { "Api-Key", "Api-Key ", "api-key\t" })
	void convertWhenOnlyTheSchemeThenPresentedAndBlank(String value) {
		this.request.addHeader("Authorization", value);
		assertThat(this.converter.convert(this.request).getCredentials()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Basic dXNlcjpwYXNzd29yZA==", "Bearer " + JWT, "Bearer", "Bearer ", "Api-Key-V2 ak_x",
			"Api-Keyak_x", "Digest username=\"a\"", "", "Token ak_x" })
	void convertWhenSomebodyElsesSchemeThenNull(String value) {
		this.request.addHeader("Authorization", value);
		assertThat(this.converter.convert(this.request)).isNull();
	}

	@Test
	void convertWhenBearerIsNotAmongTheSchemesThenNull() {
		this.request.addHeader("Authorization", "Bearer ak_x");
		assertThat(new ApiKeyAuthenticationConverter(List.of("X-API-Key"), List.of("Api-Key"), this.tokenFormat)
			.convert(this.request)).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "X-API-Key,ak_x,X-API-Key,ak_y", "X-API-Key,ak_x,X-API-Key,ak_x",
			"X-API-Key,ak_x,Authorization,Api-Key ak_x", "Authorization,Api-Key ak_x,Authorization,Api-Key ak_y",
			"X-API-Key,ak_x,Authorization,Basic dTpw", "X-API-Key,ak_x,Authorization,Bearer " + JWT,
			"Authorization,Api-Key ak_x,Authorization,Basic dTpw" })
	void convertWhenMoreThanOneCredentialThenRefused(String header1, String value1, String header2, String value2) {
		this.request.addHeader(header1, value1);
		this.request.addHeader(header2, value2);
		assertThatExceptionOfType(BadCredentialsException.class).isThrownBy(() -> this.converter.convert(this.request))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("ak_"));
	}

	@Test
	void convertWhenOtherCredentialsAreAcceptedThenKey() {
		this.converter.setOtherCredentialsAccepted(true);
		this.request.addHeader("X-API-Key", "ak_x");
		this.request.addHeader("Authorization", "Basic dTpw");
		assertThat(this.converter.convert(this.request).getCredentials()).isEqualTo("ak_x");
	}

	/**
	 * Who reads the first value only would not see that the second one is wrong.
	 */
	@ParameterizedTest
	@CsvSource({ "Basic dTpw,Api-Key ak_x", "Api-Key ak_x,Basic dTpw", "Bearer ak_x,Basic dTpw",
			"Basic dTpw,Bearer ak_x" })
	void convertWhenOtherCredentialsAreAcceptedButAuthorizationIsRepeatedThenRefused(String value1, String value2) {
		this.converter.setOtherCredentialsAccepted(true);
		this.request.addHeader("Authorization", value1);
		this.request.addHeader("Authorization", value2);
		assertThatExceptionOfType(BadCredentialsException.class).isThrownBy(() -> this.converter.convert(this.request));
	}

	@Test
	void convertWhenSeveralHeaderNamesThenEachOfThemButNotTwo() {
		ApiKeyAuthenticationConverter several = new ApiKeyAuthenticationConverter(List.of("X-API-Key", "X-Old-Key"),
				List.of(), this.tokenFormat);
		this.request.addHeader("x-old-key", "ak_x");
		assertThat(several.convert(this.request).getCredentials()).isEqualTo("ak_x");
		this.request.addHeader("X-API-Key", "ak_x");
		assertThatExceptionOfType(BadCredentialsException.class).isThrownBy(() -> several.convert(this.request));
	}

	@Test
	void convertWhenTheSameHeaderNameIsGivenTwiceThenItCountsOnce() {
		ApiKeyAuthenticationConverter twice = new ApiKeyAuthenticationConverter(List.of("X-API-Key", "x-api-key"),
				List.of(), this.tokenFormat);
		this.request.addHeader("X-API-Key", "ak_x");
		assertThat(twice.convert(this.request).getCredentials()).isEqualTo("ak_x");
	}

	@Test
	void convertNeverReadsQueryOrCookies() {
		this.request.setQueryString("X-API-Key=ak_x&api_key=ak_x");
		this.request.addParameter("X-API-Key", "ak_x");
		this.request.setCookies(new Cookie("X-API-Key", "ak_x"));
		assertThat(this.converter.convert(this.request)).isNull();
	}

	@Test
	void convertThenDetailsHaveTheAddressButNoSession() {
		this.request.addHeader("X-API-Key", "ak_x");
		this.request.setRemoteAddr("2001:db8::1");
		WebAuthenticationDetails details = (WebAuthenticationDetails) this.converter.convert(this.request).getDetails();
		assertThat(details.getRemoteAddress()).isEqualTo("2001:db8::1");
		assertThat(details.getSessionId()).isNull();
	}

	/**
	 * A request is exempt from CSRF protection if its key is all that it carries in a
	 * header that could authenticate it.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void convertNeverThrowsAnythingElseNorLetsAnExemptRequestPass(boolean otherCredentialsAccepted) {
		this.converter.setOtherCredentialsAccepted(otherCredentialsAccepted);
		Random random = new Random(7);
		String[] beginnings = { "Api-Key", "Api-Key ", "Bearer", "Bearer ak_", "Basic ", "" };
		int exempt = 0;
		for (int i = 0; i < 50_000; i++) {
			MockHttpServletRequest request = new MockHttpServletRequest();
			for (int header = random.nextInt(3); header >= 0; header--) {
				StringBuilder value = new StringBuilder(beginnings[random.nextInt(beginnings.length)]);
				for (int c = random.nextInt(12); c > 0; c--) {
					value.append((char) random.nextInt(random.nextBoolean() ? 128 : 65536));
				}
				request.addHeader(random.nextBoolean() ? "Authorization" : "X-API-Key", value.toString());
			}
			ApiKeyAuthenticationToken token = convert(request);
			if (token != null && token.isAlone()) {
				exempt++;
				assertThat(token.header())
					.isEqualTo((request.getHeader("Authorization") != null) ? "Authorization" : "X-API-Key");
			}
		}
		assertThat(exempt).isGreaterThan(1000);
	}

	private ApiKeyAuthenticationToken convert(MockHttpServletRequest request) {
		try {
			return this.converter.convert(request);
		}
		catch (BadCredentialsException ex) {
			return null;
		}
	}

	@ParameterizedTest
	@CsvSource({ "X-API-Key,", "Authorization,'Api-Key '" })
	void convertWhenTheFirewallRejectsTheValueThenItIsInNoMessage(String header, @Nullable String scheme) {
		String key = "ak_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV000000";
		this.request.addHeader(header, ((scheme != null) ? scheme : "") + key + "\u00e2\u0080\u008b");
		this.request.setMethod("GET");
		HttpServletRequest behindFirewall = new StrictHttpFirewall().getFirewalledRequest(this.request);
		assertThatExceptionOfType(RequestRejectedException.class)
			.isThrownBy(() -> this.converter.convert(behindFirewall))
			.satisfies((ex) -> assertThat(stackTrace(ex)).doesNotContain(key).contains(header));
	}

	@Test
	void convertWhenHugeThenPresented() {
		this.request.addHeader("Authorization", "Api-Key " + "x".repeat(1_000_000));
		assertThat(this.converter.convert(this.request).getCredentials()).hasSize(1_000_000);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "X API Key", "X-API-Key:", "\u00e4" })
	void createWhenNameIsNotATokenThenRefused(String name) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ApiKeyAuthenticationConverter(List.of(name), List.of(), this.tokenFormat))
			.withMessageContaining("header name");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ApiKeyAuthenticationConverter(List.of(), List.of(name), this.tokenFormat))
			.withMessageContaining("scheme");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Basic", "DIGEST", "Negotiate", "DPoP" })
	void createWhenSchemeBelongsToAnotherMechanismThenRefused(String scheme) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ApiKeyAuthenticationConverter(List.of(), List.of(scheme), this.tokenFormat))
			.withMessageContaining("another mechanism");
	}

	@Test
	void createWhenThereIsNoWayToPresentAKeyThenRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ApiKeyAuthenticationConverter(List.of(), List.of(), this.tokenFormat))
			.withMessageContaining("no key could ever be presented");
	}

	@Test
	void createWhenHeaderIsAuthorizationThenAdvice() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ApiKeyAuthenticationConverter(List.of("authorization"), List.of(), this.tokenFormat))
			.withMessageContaining("set a scheme instead");
	}

	private static String stackTrace(Throwable ex) {
		StringWriter text = new StringWriter();
		ex.printStackTrace(new PrintWriter(text));
		return text.toString();
	}

}
