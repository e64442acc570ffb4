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

import java.util.List;

import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class PastedTokenTests {

	private final ApiKeyTokenFormats formats = new ApiKeyTokenFormats(new ApiKeyTokenFormat("shop", List.of()));

	@ParameterizedTest
	@ValueSource(strings = { "shop_unknownIdXyz_NoDigitInWhatIsLeftOf", "shop_unknownIdXyzNoDigitInWhatIsLeftOf",
			"shop_org_unknownIdXyz_No", "other_unknownIdXyz_NoDigitInWhatIsLeftOf" })
	void tokenWhenDamagedThenIsPossibleAndHasItsKeyId(String text) {
		assertThat(PastedToken.isPossible(text)).isTrue();
		assertThat(PastedToken.keyId(text, this.formats)).isEqualTo("unknownIdXyz");
	}

	@ParameterizedTest
	@ValueSource(strings = { "sk-4eC39HqLyjWDarjtT1zdp7dc", "0123456789abcdef0123456789abcdef" })
	void isPossibleWhenRandomThenTrue(String text) {
		assertThat(PastedToken.isPossible(text)).isTrue();
		assertThat(PastedToken.keyId(text, this.formats)).isNull();
	}

	@Test
	void isPossibleWhenNameOrKeyIdThenFalse() {
		for (String text : List.of("billing-service", "billing_service", "org-42", "unknownIdXyz", "", "a b")) {
			assertThat(PastedToken.isPossible(text)).as(text).isFalse();
		}
	}

}
