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

package io.github.apikeys.autoconfigure;

import java.math.BigInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.endpoint.SanitizableData;

import static org.assertj.core.api.Assertions.assertThat;

class PepperSanitizingFunctionTests {

	@ParameterizedTest
	@CsvSource({ "api-key.hash.peppers.main,x,true", "API_KEY_FIRST_KEY_HASH,x,true", "PEPPER,a-pepper-of-a-test,true",
			"FIRST_KEY_HASH,hash-of-the-first-key,true", "JSON,{hash-of-the-first-key},true", "OTHER,other,false" })
	void applyWhenAPepperOrTheHashOfTheFirstKeyIsInItThenHidden(String key, String value, boolean hidden) {
		ApiKeyProperties properties = new ApiKeyProperties();
		properties.getHash().getPeppers().put("main", "a-pepper-of-a-test");
		properties.getFirstKey().setHash("hash-of-the-first-key");
		SanitizableData data = new PepperSanitizingFunction(properties).apply(new SanitizableData(null, key, value));
		assertThat(data.getValue()).isEqualTo(hidden ? SanitizableData.SANITIZED_VALUE : value);
	}

	/**
	 * As in {@code SPRING_APPLICATION_JSON}.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "{\"pepper\":\"a\\\"b\\\\c/d\\u00e4\\te-pepper\"}",
			"{\"pepper\":\"\\u0061\\\"b\\\\c\\/d\u00e4\\u0009e-pepper\"}", "a\"b\\c/d\u00e4\te-pepper" })
	void applyWhenAPepperIsEscapedThenHidden(String json) {
		ApiKeyProperties properties = new ApiKeyProperties();
		properties.getHash().getPeppers().put("main", "a\"b\\c/d\u00e4\te-pepper");
		SanitizableData data = new PepperSanitizingFunction(properties)
			.apply(new SanitizableData(null, "SPRING_APPLICATION_JSON", json));
		assertThat(data.getValue()).isEqualTo(SanitizableData.SANITIZED_VALUE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\\", "\\u", "\\u12", "\\uzzzz", "\\x", "C:\\users\\new" })
	void applyWhenItIsNoJsonThenShown(String value) {
		ApiKeyProperties properties = new ApiKeyProperties();
		properties.getHash().getPeppers().put("main", "a-pepper-of-a-test");
		SanitizableData data = new PepperSanitizingFunction(properties).apply(new SanitizableData(null, "path", value));
		assertThat(data.getValue()).isEqualTo(value);
	}

	/**
	 * YAML has numbers.
	 */
	@Test
	void applyWhenAPepperIsANumberThenHidden() {
		ApiKeyProperties properties = new ApiKeyProperties();
		BigInteger pepper = new BigInteger("123456789012345678901234567890");
		properties.getHash().getPeppers().put("main", pepper.toString());
		PepperSanitizingFunction function = new PepperSanitizingFunction(properties);
		assertThat(function.apply(new SanitizableData(null, "my.pepper", pepper)).getValue())
			.isEqualTo(SanitizableData.SANITIZED_VALUE);
		assertThat(function.apply(new SanitizableData(null, "my.number", 42)).getValue()).isEqualTo(42);
		assertThat(function.apply(new SanitizableData(null, "my.nothing", null)).getValue()).isNull();
	}

}
