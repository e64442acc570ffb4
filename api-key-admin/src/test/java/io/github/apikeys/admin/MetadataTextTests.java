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

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class MetadataTextTests {

	@Test
	void formatWhenPlainThenAsPeopleWriteIt() {
		assertThat(MetadataText.format(Map.of("team", "a=b, \"c\" C:\\new"))).isEqualTo("team=a=b, \"c\" C:\\new\n");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			team=billing | team | billing
			` team =  billing ` | team | billing
			a=b=c | a | b=c
			a="b | a | "b
			a="b"c | a | "b"c
			a="C:\\dir" | a | "C:\\dir"
			a="C:\\\\dir" | a | C:\\dir
			a=C:\\new | a | C:\\new
			"a=b"=c | a=b | c
			"a=b" = "c" | a=b | c
			"a"b=c | "a"b | c
			"a=b | "a | b
			a=" b " | a | ` b `
			""")
	void parseThenNameAndValue(String line, String name, String value) {
		assertThat(MetadataText.parse(line)).containsExactly(Map.entry(name, value));
	}

	@ParameterizedTest
	@ValueSource(strings = { "none", "=value", " = value", "a=1\na=2", "a=1\n\"a\"=2", "a=1\nnone" })
	void parseWhenALineIsNoneThenNull(String text) {
		assertThat(MetadataText.parse(text)).isNull();
	}

	@Test
	void formatThenParsedBackWhateverItHolds() {
		Random random = new Random(7);
		for (int i = 0; i < 20_000; i++) {
			Map<String, String> metadata = new HashMap<>();
			for (int j = random.nextInt(4); j >= 0; j--) {
				metadata.put("n" + text(random).replaceAll("\\p{Cntrl}", "") + j, text(random) + "v" + text(random));
				metadata.put(text(random).replaceAll("\\p{Cntrl}", "") + "n", text(random) + "v");
			}
			String text = MetadataText.format(metadata);
			assertThat(MetadataText.parse(text)).isEqualTo(metadata);
			assertThat(MetadataText.parse(text.replace("\n", "\r\n"))).isEqualTo(metadata);
		}
	}

	private static String text(Random random) {
		return random.ints(random.nextInt(6), 0, 16)
			.mapToObj((index) -> "ab=\"\\ \t\n\r,u0\u0001\u0085\u00a0\u2028".substring(index, index + 1))
			.collect(Collectors.joining());
	}

}
