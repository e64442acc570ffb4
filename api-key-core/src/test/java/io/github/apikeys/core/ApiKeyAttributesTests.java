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

package io.github.apikeys.core;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The longest, the largest and the last that can be stored, and one more.
 */
class ApiKeyAttributesTests {

	private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");

	@Test
	void textThenNoLongerThanItMayBe() {
		assertThat(ApiKeyAttributes.text("name", "x".repeat(10), 10)).hasSize(10);
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> ApiKeyAttributes.text("name", "x".repeat(11), 10));
	}

	@Test
	void quotaThenNotNegative() {
		assertThat(ApiKeyAttributes.quota(0)).isZero();
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class).isThrownBy(() -> ApiKeyAttributes.quota(-1));
	}

	@Test
	void endThenUpToTheLastInstant() {
		Instant now = Instant.parse("2027-01-01T00:00:00Z");
		Duration longest = Duration.between(now, LAST);
		assertThat(ApiKeyAttributes.end("expiresAt", now, longest)).isEqualTo(LAST);
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> ApiKeyAttributes.end("expiresAt", now, longest.plusSeconds(1)));
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> ApiKeyAttributes.end("expiresAt", now, Duration.ofSeconds(Long.MAX_VALUE)));
	}

	@Test
	void storableThenCutAndWithoutNul() {
		assertThat(ApiKeyAttributes.storable(null, 3)).isNull();
		assertThat(ApiKeyAttributes.storable("abc", 3)).isEqualTo("abc");
		assertThat(ApiKeyAttributes.storable("abcd", 3)).isEqualTo("abc");
		assertThat(ApiKeyAttributes.storable("\0a\0", 3)).isEqualTo("a");
	}

	@Test
	void storableWhenThereAreUnpairedSurrogatesThenWithoutThem() {
		assertThat(ApiKeyAttributes.storable("\ud83da\ude00\ud83d", 10)).isEqualTo("a");
		assertThat(ApiKeyAttributes.storable("\ud83d\0\ude00", 10)).isEmpty();
		assertThat(ApiKeyAttributes.storable("a\ud83d\ude00", 10)).isEqualTo("a\ud83d\ude00");
	}

	@Test
	void storableThenDoesNotCutThroughAPair() {
		assertThat(ApiKeyAttributes.storable("ab\ud83d\ude00", 3)).isEqualTo("ab");
		assertThat(ApiKeyAttributes.storable("ab\ud83d\ude00c", 4)).isEqualTo("ab\ud83d\ude00");
	}

	@ParameterizedTest
	@ValueSource(strings = { "acme\ud800", "\udc00acme", "\ude00\ud83d", "\ud83d\ud83d\ude00" })
	void textWhenASurrogateIsUnpairedThenRefused(String text) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> ApiKeyAttributes.text("owner", text, 10))
			.withMessage("The owner must not contain unpaired surrogates")
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo("owner"));
	}

	@Test
	void textWhenSurrogatesArePairedThenAsItIs() {
		assertThat(ApiKeyAttributes.text("owner", "\ud83d\ude00\ud83d\ude00", 10))
			.isEqualTo("\ud83d\ude00\ud83d\ude00");
	}

}
