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

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class HmacSha256ApiKeyHasherTests extends AbstractApiKeyHasherTests {

	private static final byte[] PEPPER = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);

	@Override
	ApiKeyHasher hasher() {
		return new HmacSha256ApiKeyHasher("2026", PEPPER);
	}

	@Test
	void schemeNamesThePepper() {
		assertThat(hasher().getScheme()).isEqualTo("hmac-sha256:2026");
	}

	/**
	 * RFC 4231, section 4.7: test case 6, with a key of 131 bytes 0xaa.
	 */
	@Test
	void hashOfTheExampleInRfc4231() {
		byte[] key = new byte[131];
		java.util.Arrays.fill(key, (byte) 0xaa);
		assertThat(
				new HmacSha256ApiKeyHasher("rfc", key).hash("Test Using Larger Than Block-Size Key - Hash Key First"))
			.isEqualTo("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	}

	@Test
	void matchesWhenOtherPepperThenFalse() {
		byte[] other = PEPPER.clone();
		other[31]++;
		assertThat(new HmacSha256ApiKeyHasher("2026", other).matches(TOKEN, hasher().hash(TOKEN))).isFalse();
	}

	@Test
	void createWhenPepperIsShortThenRefusedWithoutPrintingIt() {
		byte[] pepper = "0123456789abcdef0123456789abcde".getBytes(StandardCharsets.UTF_8);
		assertThatIllegalArgumentException().isThrownBy(() -> new HmacSha256ApiKeyHasher("2026", pepper))
			.withMessageContaining("2026")
			.withMessageContaining("32 bytes")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("abcde"));
	}

}
