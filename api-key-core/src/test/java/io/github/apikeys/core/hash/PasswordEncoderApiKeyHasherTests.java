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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

class PasswordEncoderApiKeyHasherTests extends AbstractApiKeyHasherTests {

	@Override
	ApiKeyHasher hasher() {
		return new PasswordEncoderApiKeyHasher("bcrypt", new BCryptPasswordEncoder(4));
	}

	@Test
	void schemeIsTheOneGiven() {
		assertThat(hasher().getScheme()).isEqualTo("bcrypt");
	}

	@Test
	void hashWhenEncoderReturnsNothingThenSaysWhose() {
		PasswordEncoder encoder = mock();
		assertThatIllegalStateException()
			.isThrownBy(() -> new PasswordEncoderApiKeyHasher("own-scheme", encoder).hash(TOKEN))
			.withMessageContaining("own-scheme")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain(TOKEN));
	}

	@Test
	void hashWhenTheEncoderCostsTooMuchThenSaysWhose() {
		PasswordEncoder encoder = mock();
		given(encoder.encode(any())).willReturn("$2a$15$" + "x".repeat(53));
		assertThatIllegalStateException()
			.isThrownBy(() -> new PasswordEncoderApiKeyHasher("own-scheme", encoder).hash(TOKEN))
			.withMessageContaining("'own-scheme' costs too much");
	}

	@Test
	void upgradeHashWhenCostWasRaisedThenTrue() {
		ApiKeyHasher stronger = new PasswordEncoderApiKeyHasher("bcrypt", new BCryptPasswordEncoder(5));
		assertThat(stronger.upgradeHash(hasher().hash(TOKEN))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", "$2a$04$" })
	void upgradeHashWhenHashIsMalformedThenFalse(String hash) {
		assertThat(hasher().upgradeHash(hash)).isFalse();
	}

}
