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

package io.github.apikeys.core.token;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class Base62Tests {

	/**
	 * The checksums of tokens that GitHub and others published in descriptions of their
	 * format, which uses the same one.
	 */
	@ParameterizedTest
	@CsvSource({ "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ,0mLq17", "qkJaB6MffYVzZXWqmcoF49yrUxP3wf,0LsakP",
			"rH39afa0PHvEDg72PPnuryL5UP0ZUA,34ae9N" })
	void checksumIsTheCrc32InBase62(String text, String checksum) {
		assertThat(Base62.checksum(text)).isEqualTo(checksum);
		assertThat(Base62.endsWithChecksum(ascii(text + checksum))).isTrue();
	}

	@Test
	void consistsOfWhenNothingButTheFirstCharacterThenTrue() {
		assertThat(Base62.consistsOf("0000".getBytes(StandardCharsets.US_ASCII), 0, 4)).isTrue();
	}

	@Test
	void checksumOfNothingIsPadded() {
		assertThat(Base62.checksum("")).isEqualTo("000000");
	}

	@Test
	void endsWithChecksumWhenAnyDigitDiffersThenFalse() {
		String checked = "text" + Base62.checksum("text");
		for (int i = 4; i < checked.length(); i++) {
			char other = (checked.charAt(i) != 'a') ? 'a' : 'b';
			assertThat(Base62.endsWithChecksum(ascii(checked.substring(0, i) + other + checked.substring(i + 1))))
				.isFalse();
		}
	}

	@Test
	void alphabetHasNoSeparator() {
		assertThat(Base62.ALPHABET).hasSize(62).doesNotContain("_");
		assertThat(Base62.ALPHABET.chars().distinct().count()).isEqualTo(62);
		for (int c = 0; c < 256; c++) {
			assertThat(Base62.consistsOf(new byte[] { '0', (byte) c, 'z' }, 0, 3))
				.isEqualTo(Base62.ALPHABET.indexOf(c) >= 0);
		}
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

}
