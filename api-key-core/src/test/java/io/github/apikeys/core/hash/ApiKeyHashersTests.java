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

package io.github.apikeys.core.hash;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class ApiKeyHashersTests {

	private static final String TOKEN = AbstractApiKeyHasherTests.TOKEN;

	private final CountingHasher one = new CountingHasher("one");

	private final CountingHasher two = new CountingHasher("two");

	private final ApiKeyHashers hashers = new ApiKeyHashers("one", List.of(this.one, this.two));

	@Test
	void hashThenCarriesThePreferredScheme() {
		assertThat(this.hashers.hash(TOKEN, true)).isEqualTo("{one}" + this.one.hash(TOKEN));
	}

	/**
	 * What was missing may have come meanwhile.
	 */
	@Test
	void deferredThenAskedWhenUsedAndAgainOnlyAfterAFailure() {
		List<String> asked = new ArrayList<>();
		ApiKeyHashers deferred = ApiKeyHashers.deferred(() -> {
			asked.add("asked");
			if (asked.size() == 1) {
				throw new IllegalStateException("not yet");
			}
			return this.hashers;
		});
		assertThat(asked).isEmpty();
		assertThatIllegalStateException().isThrownBy(() -> deferred.read(null)).withMessage("not yet");
		assertThat(deferred.hash(TOKEN, true)).isEqualTo(this.hashers.hash(TOKEN, true));
		assertThat(deferred.read(this.hashers.hash(TOKEN, true)).matches(TOKEN)).isTrue();
		assertThat(asked).hasSize(2);
	}

	@Test
	void matchesWhenOtherKnownSchemeThenThatHasherDecides() {
		assertThat(this.hashers.read("{two}" + this.two.hash(TOKEN)).matches(TOKEN)).isTrue();
		assertThat(this.hashers.read("{two}" + this.two.hash(TOKEN)).matches("x")).isFalse();
		assertThat(this.hashers.read("{two}" + this.one.hash(TOKEN)).matches(TOKEN)).isFalse();
	}

	@Test
	void matchesWhenUnknownSchemeThenFalse() {
		assertThat(this.hashers.read("{three}" + this.one.hash(TOKEN)).matches(TOKEN)).isFalse();
		assertThat(this.hashers.read(this.one.hash(TOKEN)).matches(TOKEN)).isFalse();
		assertThat(this.hashers.read("{one").matches(TOKEN)).isFalse();
		assertThat(this.hashers.read("").matches(TOKEN)).isFalse();
	}

	@Test
	void matchesWhenThereIsNoKeyThenTheSameWorkIsDone() {
		String stored = this.hashers.hash("other", true);
		this.one.calls.clear();
		this.hashers.read(stored).matches(TOKEN);
		List<String> forWrongSecret = List.copyOf(this.one.calls);
		this.one.calls.clear();
		assertThat(this.hashers.read(null).matches(TOKEN)).isFalse();
		assertThat(this.one.calls).isEqualTo(forWrongSecret).hasSize(1);
	}

	@Test
	void matchesWhenThePepperIsGoneThenTheSameWorkIsDone() {
		String stored = this.hashers.hash("other", true);
		this.one.calls.clear();
		this.hashers.read(stored).matches(TOKEN);
		List<String> forWrongSecret = List.copyOf(this.one.calls);
		this.one.calls.clear();
		assertThat(this.hashers.read("{hmac-sha256:gone}00").matches(TOKEN)).isFalse();
		assertThat(this.one.calls).isEqualTo(forWrongSecret).hasSize(1);
	}

	@Test
	void matchesWhenSeveralPeppersThenEachKnowsItsOwn() {
		ApiKeyHasher old = new HmacSha256ApiKeyHasher("2025", new byte[32]);
		ApiKeyHasher current = new HmacSha256ApiKeyHasher("2026", "p".repeat(32).getBytes(StandardCharsets.UTF_8));
		ApiKeyHashers peppered = new ApiKeyHashers("hmac-sha256:2026", List.of(old, current));
		assertThat(peppered.hash(TOKEN, true)).isEqualTo("{hmac-sha256:2026}" + current.hash(TOKEN));
		assertThat(peppered.read("{hmac-sha256:2026}" + current.hash(TOKEN)).matches(TOKEN)).isTrue();
		assertThat(peppered.read("{hmac-sha256:2025}" + old.hash(TOKEN)).matches(TOKEN)).isTrue();
		assertThat(peppered.read("{hmac-sha256:2025}" + current.hash(TOKEN)).matches(TOKEN)).isFalse();
		assertThat(peppered.read("{hmac-sha256:2025}" + old.hash(TOKEN)).needsUpgrade(true)).isTrue();
		assertThat(peppered.read("{hmac-sha256:2026}" + current.hash(TOKEN)).needsUpgrade(true)).isFalse();
	}

	@Test
	void matchesWhenTokenIsWhatTheDummyWasMadeOfThenFalse() {
		assertThat(this.hashers.read(null).matches("")).isFalse();
	}

	@Test
	void needsUpgradeWhenNotPreferredOrOutdatedThenTrue() {
		assertThat(this.hashers.read("{one}fresh").needsUpgrade(true)).isFalse();
		assertThat(this.hashers.read("{one}outdated").needsUpgrade(true)).isTrue();
		assertThat(this.hashers.read("{two}fresh").needsUpgrade(true)).isTrue();
		assertThat(this.hashers.read("{three}fresh").needsUpgrade(true)).isTrue();
	}

	@Test
	void createWhenPreferredSchemeIsUnknownThenNamesTheKnownOnes() {
		assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeyHashers("three", List.of(this.one, this.two)))
			.withMessageContaining("three")
			.withMessageContaining("[one, two]");
	}

	@Test
	void createWhenTwoHaveTheSameSchemeThenRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ApiKeyHashers("one", List.of(this.one, new CountingHasher("one"))));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "a}b", "{ab", "a b", "\u00e4",
			"0123456789012345678901234567890123456789012345678901234567890" })
	void createWhenSchemeWouldBreakTheStoredFormThenRefused(String scheme) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new ApiKeyHashers(scheme, List.of(new CountingHasher(scheme))))
			.withMessageContaining("illegal characters");
	}

	private static final class CountingHasher implements ApiKeyHasher {

		private final String scheme;

		private final List<String> calls = new ArrayList<>();

		CountingHasher(String scheme) {
			this.scheme = scheme;
		}

		@Override
		public String getScheme() {
			return this.scheme;
		}

		@Override
		public String hash(String token) {
			this.calls.add("hash " + token);
			return this.scheme + " of " + token;
		}

		@Override
		public boolean matches(String token, String hash) {
			this.calls.add("matches " + token);
			return hash.equals(this.scheme + " of " + token);
		}

		@Override
		public boolean upgradeHash(String hash) {
			return hash.equals("outdated");
		}

	}

}
