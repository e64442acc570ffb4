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

package io.github.apikeys.guide;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The regular expressions in docs/guide/hardening.md find what is generated, wherever it
 * stands.
 */
class SecretScannerTests {

	private static final Pattern BLOCK = Pattern.compile("```regex\\n(.*)\\n(.*)\\n```");

	private static final List<String> PREFIXES = List.of("ak", "acme_live", "shop_org", "a1", "p1_q_r",
			"abcdefghij012345_abcdefghij01234_abcdefghij01234");

	private static final List<String> AROUND = List.of("%s", "X-API-Key: %s\r\n", "key=\"%s\";", "<%s>",
			"https://example.org/?k=%s&x=1", "'%s'", "{\"key\":\"%s\"}", "%s.");

	private final SecureRandomApiKeyGenerator generator = new SecureRandomApiKeyGenerator();

	@Test
	void anyPrefixThenAllOfAHundredThousandAreFound() throws Exception {
		Pattern regex = Pattern.compile(documented(1));
		for (int i = 0; i < 100_000; i++) {
			assertFound(regex, PREFIXES.get(i % PREFIXES.size()), i);
		}
	}

	@Test
	void onePrefixThenAllOfAHundredThousandAreFound() throws Exception {
		Pattern regex = Pattern.compile(documented(2));
		for (int i = 0; i < 100_000; i++) {
			assertFound(regex, "ak", i);
		}
		assertThat(regex.matcher(new ApiKeyTokenFormat("other", List.of()).generate(this.generator).value()).find())
			.isFalse();
	}

	@Test
	void whatIsNoTokenIsNotFound() throws Exception {
		for (int group = 1; group <= 2; group++) {
			Pattern regex = Pattern.compile(documented(group));
			String token = new ApiKeyTokenFormat("ak", List.of()).generate(this.generator).value();
			for (String text : List.of(token.substring(1), token.substring(0, token.length() - 1), token + "x",
					"x" + token.toUpperCase(), token.replace('_', '-'), "ak_key_id",
					"550e8400-e29b-41d4-a716-446655440000",
					"3b8f0f1c2d4e5a69788776655443322110ffeeddccbbaa998877665544332211")) {
				assertThat(regex.matcher(text).find()).as(text).isFalse();
			}
		}
	}

	private void assertFound(Pattern regex, String prefix, int number) {
		String token = new ApiKeyTokenFormat(prefix, List.of()).generate(this.generator).value();
		Matcher matcher = regex.matcher(AROUND.get(number % AROUND.size()).formatted(token));
		assertThat(matcher.find()).as(prefix).isTrue();
		assertThat(matcher.group()).isEqualTo(token);
	}

	private static String documented(int group) throws Exception {
		Matcher block = BLOCK.matcher(Files.readString(Path.of("../docs/guide/hardening.md")));
		assertThat(block.find()).isTrue();
		return block.group(group);
	}

}
