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

import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SecureRandomApiKeyGeneratorTests {

	private final SecureRandomApiKeyGenerator generator = new SecureRandomApiKeyGenerator();

	@Test
	void generateThenRightLengthAndAlphabet() {
		assertThat(this.generator.generateKeyId()).matches("[0-9A-Za-z]{12}");
		assertThat(this.generator.generateSecret()).matches("[0-9A-Za-z]{32}");
	}

	@Test
	void generateThenNeverTheSame() {
		Set<String> seen = new HashSet<>();
		for (int i = 0; i < 100_000; i++) {
			assertThat(seen.add(this.generator.generateKeyId())).isTrue();
		}
	}

	/**
	 * With 61 degrees of freedom a fair generator exceeds 150 once in 10^9 runs; taking a
	 * byte modulo 62 would give about 6000.
	 */
	@Test
	void generateThenEveryCharacterIsAsLikely() {
		int[] counts = new int[128];
		int rounds = 10_000;
		for (int i = 0; i < rounds; i++) {
			(this.generator.generateKeyId() + this.generator.generateSecret()).chars().forEach((c) -> counts[c]++);
		}
		double expected = rounds * 44 / 62.0;
		double chiSquare = Base62.ALPHABET.chars()
			.mapToDouble((c) -> Math.pow(counts[c] - expected, 2) / expected)
			.sum();
		assertThat(chiSquare).isLessThan(150);
	}

}
