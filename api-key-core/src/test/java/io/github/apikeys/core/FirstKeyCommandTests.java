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

import java.util.List;

import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class FirstKeyCommandTests {

	private static final String ZEROS = "0000000000000000000000000000000000000000000000000000000000000000";

	@Test
	void runWithoutArgumentThenATokenOfTheDefaultPrefixAndItsHash() {
		NewToken made = NewToken.of();
		assertThat(new ApiKeyTokenFormat("ak", List.of()).parse(made.token())).isNotNull();
		assertThat(made.hash()).matches("ak_[0-9A-Za-z]{12}_[0-9A-Za-z]{4}\\{sha256}[0-9a-f]{64}")
			.doesNotContain(made.token().substring(16, 48));
		assertThat(NewToken.of().token()).isNotEqualTo(made.token());
	}

	@Test
	void runWithAPrefixThenTheHashIsOneOfAnApplicationWithThatPrefix() {
		String hash = NewToken.of("acme_live").hash();
		ImportedApiKey imported = ImportedApiKey.ofHashedToken(hash);
		for (ApiKeyTokenFormat known : List.of(new ApiKeyTokenFormat("acme_live", List.of()),
				new ApiKeyTokenFormat("ak", List.of("acme_live")))) {
			assertThat(new ApiKeyTokenFormats(known).identified(imported.format(), imported.id(), null).prefix())
				.isEqualTo("acme_live");
		}
		for (String other : List.of("ak", "acme", "acme_liv", "acme_live_x")) {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> new ApiKeyTokenFormats(new ApiKeyTokenFormat(other, List.of()))
					.identified(imported.format(), imported.id(), null))
				.withMessageContaining("prefix")
				.withMessageNotContaining(imported.id());
		}
	}

	@Test
	void runWithAnIllegalPrefixOrTooMuchThenNoTokenAndHelp() {
		for (String[] arguments : List.of(new String[] { "Acme" }, new String[] { "" },
				new String[] { "acme", "other" })) {
			NewToken none = NewToken.of(arguments);
			assertThat(none.token()).isEmpty();
			assertThat(none.hash()).contains("'api-key.token.prefix'");
		}
	}

	@Test
	void runWithAnIllegalPrefixThenHelpSaysWhatIsPermitted() {
		assertThat(NewToken.of("Fleet-Live").hash()).contains("'Fleet-Live' must be 2 to 16 lower case letters")
			.contains("'_live'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "ak", "{sha256}", "ak_7Hq2mVx9Lp4s_9fKq", "ak_7Hq2mVx9Lp4s_9fKq{sha256}",
			"ak_7Hq2mVx9Lp4s_9fKq{sha512}00", "ak_7Hq2mVx9Lp4s{sha256}" + ZEROS, "AK_7Hq2mVx9Lp4s_9fKq{sha256}" + ZEROS,
			"ak_7Hq2mVx9Lp4-_9fKq{sha256}" + ZEROS, "ak_7Hq2mVx9Lp4s_9fKq{sha256}" + ZEROS + "0",
			"ak_7Hq2mVx9Lp4s_9fKq{sha256}g" + ZEROS, " ak_7Hq2mVx9Lp4s_9fKq{sha256}" + ZEROS,
			"ak_7Hq2mVx9Lp4s_9fKq{sha256}" + ZEROS + "\n" })
	void hashWhenMalformedThenRefusedWithoutShowingIt(String hash) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> ImportedApiKey.ofHashedToken(hash))
			.withMessageStartingWith("The hash of a token must look like '<prefix>_")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("7Hq2"));
	}

}
