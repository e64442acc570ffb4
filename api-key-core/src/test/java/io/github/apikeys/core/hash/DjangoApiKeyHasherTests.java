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

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The hashes were made with Python's hashlib, as Django and djangorestframework-api-key
 * do.
 */
class DjangoApiKeyHasherTests extends AbstractApiKeyHasherTests {

	private static final String KEY = "kQ3xYz9A.abcdefghijklmnopqrstuvwxyz012345";

	private final DjangoApiKeyHasher hasher = new DjangoApiKeyHasher();

	@Override
	ApiKeyHasher hasher() {
		return this.hasher;
	}

	@ParameterizedTest
	@ValueSource(strings = {
			"sha512$$1788a57f0c4d26225fef0541efe01dd18dff5bbb386af228e3efdbcb6c7f36b50804ccd97e2be1629caf1470334c967b5a0a6fd2343e22531764801f13f4c9c6",
			"pbkdf2_sha256$1000$saltSALT123$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4=",
			"pbkdf2_sha1$1000$saltSALT123$1Iqsbe5FxJC1EiIY5rpvw1Ecgj8=" })
	void matchesWhenPythonMadeTheHashThenTrue(String hash) {
		assertThat(DjangoApiKeyHasher.understands(hash)).isTrue();
		assertThat(this.hasher.matches(KEY, hash)).isTrue();
		assertThat(this.hasher.matches(KEY + "6", hash)).isFalse();
		assertThat(this.hasher.matches("KQ3xYz9A" + KEY.substring(8), hash)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "md5$$00", "sha512$$00", "sha512$salt$00", "bcrypt_sha256$$2b$12$x", "!x",
			"pbkdf2_sha256$0$salt$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4=",
			"pbkdf2_sha256$999999999$salt$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4=",
			"pbkdf2_sha512$1000$salt$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4=" })
	void understandsWhenNotOneOfTheThreeFormsThenFalse(String hash) {
		assertThat(DjangoApiKeyHasher.understands(hash)).isFalse();
		assertThat(this.hasher.matches(KEY, hash)).isFalse();
	}

}
