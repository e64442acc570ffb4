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

import java.util.List;

import org.junit.jupiter.api.Test;

import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

import static org.assertj.core.api.Assertions.assertThat;

class StoredHashTests {

	private static final String SHORT = "hunter2";

	private final ApiKeyHasher bcrypt = new PasswordEncoderApiKeyHasher("bcrypt", new BCryptPasswordEncoder(4));

	private final ApiKeyHasher sha256 = new Sha256ApiKeyHasher();

	private final ApiKeyHashers fast = new ApiKeyHashers("sha256", List.of(this.sha256, this.bcrypt));

	private final ApiKeyHashers slow = new ApiKeyHashers("bcrypt", List.of(this.sha256, this.bcrypt));

	@Test
	void hashWhenSecretCanBeGuessedThenByASlowHasher() {
		assertThat(this.fast.hash(SHORT, false)).startsWith("{encoded}{bcrypt}");
		assertThat(this.fast.hash(SHORT, true)).startsWith("{sha256}");
		assertThat(this.slow.hash(SHORT, false)).startsWith("{bcrypt}");
	}

	@Test
	void needsUpgradeWhenSecretCanBeGuessedThenOnlyIfItsHasherIsFast() {
		StoredHash ofSha256 = this.fast.read("{sha256}" + this.sha256.hash(SHORT));
		assertThat(ofSha256.needsUpgrade(true)).isFalse();
		assertThat(ofSha256.needsUpgrade(false)).isTrue();
		StoredHash ofBcrypt = this.fast.read("{bcrypt}" + this.bcrypt.hash(SHORT));
		assertThat(ofBcrypt.needsUpgrade(true)).isTrue();
		assertThat(ofBcrypt.needsUpgrade(false)).isFalse();
	}

	@Test
	void needsUpgradeWhenPeppersAreNoLongerPreferredThenForEverySecret() {
		ApiKeyHasher pepper = new HmacSha256ApiKeyHasher("2026", new byte[32]);
		ApiKeyHashers leaving = new ApiKeyHashers("sha256", List.of(this.sha256, pepper));
		StoredHash peppered = leaving.read("{" + pepper.getScheme() + "}" + pepper.hash(SHORT));
		assertThat(peppered.needsUpgrade(true)).isTrue();
		assertThat(peppered.needsUpgrade(false)).isTrue();
	}

	@Test
	void needsUpgradeWhenPreferredResistsGuessingThenTheSameForEverySecret() {
		StoredHash ofBcrypt = this.slow.read("{bcrypt}" + this.bcrypt.hash(SHORT));
		assertThat(ofBcrypt.needsUpgrade(true)).isFalse();
		assertThat(ofBcrypt.needsUpgrade(false)).isFalse();
		StoredHash ofSha256 = this.slow.read("{sha256}" + this.sha256.hash(SHORT));
		assertThat(ofSha256.needsUpgrade(true)).isTrue();
		assertThat(ofSha256.needsUpgrade(false)).isTrue();
	}

	@Test
	void isSlowThenWhatTheHasherSays() {
		assertThat(this.fast.read("{sha256}00").isSlow()).isFalse();
		assertThat(this.fast.read("{bcrypt}00").isSlow()).isTrue();
		assertThat(this.fast.read("{sha512}00").isSlow()).isFalse();
		assertThat(this.fast.read("{django}00").isSlow()).isTrue();
		assertThat(this.fast.read("{encoded}00").isSlow()).isTrue();
	}

	@Test
	void isSlowWhenThereIsNothingToCompareWithThenWhatThePreferredHasherSays() {
		for (String stored : new String[] { null, "{gone}00", "" }) {
			assertThat(this.fast.read(stored).isSlow()).isFalse();
			assertThat(this.slow.read(stored).isSlow()).isTrue();
		}
	}

	@Test
	void isKnownWhenThereIsNoHasherThenFalse() {
		assertThat(this.fast.read("{sha256}00").isKnown()).isTrue();
		assertThat(this.fast.read("{gone}00").isKnown()).isFalse();
		assertThat(this.fast.read("{}00").isKnown()).isFalse();
		assertThat(this.fast.read(null).isKnown()).isFalse();
		assertThat(this.fast.read(null).needsUpgrade(false)).isTrue();
	}

	@Test
	void resistsGuessingOnlyWhenSlowOrPeppered() {
		assertThat(this.sha256.resistsGuessing()).isFalse();
		assertThat(new Sha512ApiKeyHasher().resistsGuessing()).isFalse();
		assertThat(new DjangoApiKeyHasher().resistsGuessing()).isFalse();
		assertThat(this.bcrypt.resistsGuessing()).isTrue();
		assertThat(new HmacSha256ApiKeyHasher("2026", new byte[32]).resistsGuessing()).isTrue();
		assertThat(new HmacSha256ApiKeyHasher("2026", new byte[32]).isSlow()).isFalse();
	}

	@Test
	void schemesAreStoredForEver() {
		assertThat(this.sha256.getScheme()).isEqualTo("sha256");
		assertThat(new Sha512ApiKeyHasher().getScheme()).isEqualTo("sha512");
		assertThat(new DjangoApiKeyHasher().getScheme()).isEqualTo("django");
		assertThat(new EncodedPasswordApiKeyHasher().getScheme()).isEqualTo("encoded");
	}

	@Test
	void toStringHidesTheHash() {
		assertThat(this.fast.read("{sha256}00")).hasToString("[PROTECTED]");
	}

}
