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

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import org.jspecify.annotations.Nullable;

/**
 * Recognises what could hold a secret in what somebody searches for, so that it is
 * neither shown again nor put into a URL.
 */
final class PastedToken {

	/**
	 * A key id is followed by something, by much if it could be an ordinary word.
	 */
	private static final Pattern DAMAGED = Pattern.compile("[a-z][a-z0-9]{1,15}(?:_[a-z0-9]{1,15}){0,2}_"
			+ "(?:(?=[a-z]{0,11}[0-9A-Z][0-9A-Za-z]*_)|(?=[0-9A-Za-z]{12}_?[0-9A-Za-z]{20}))"
			+ "([0-9A-Za-z]{12})_?[0-9A-Za-z]+");

	private static final Pattern LONG = Pattern.compile("[0-9A-Za-z]{20}");

	private static final Pattern DIGIT = Pattern.compile("[0-9]");

	private static final Pattern LETTER = Pattern.compile("[A-Za-z]");

	private PastedToken() {
	}

	/**
	 * The key id in a token, which may be damaged, and may stand among other words.
	 * @return the key id, or {@code null} if there is no token in the text
	 */
	static @Nullable String keyId(String text, ApiKeyTokenFormats formats) {
		return words(text).filter(PastedToken::isSecret)
			.map((word) -> keyIdOf(word, formats))
			.filter(Objects::nonNull)
			.findFirst()
			.orElse(null);
	}

	private static @Nullable String keyIdOf(String word, ApiKeyTokenFormats formats) {
		PresentedToken token = formats.parse(word);
		if (token != null) {
			return token.keyId();
		}
		Matcher matcher = DAMAGED.matcher(word);
		return matcher.matches() ? matcher.group(1) : null;
	}

	/**
	 * Whether there may be a secret of whatever kind in a text. A text that no database
	 * can be asked for is none.
	 */
	static boolean isPossible(String text) {
		return text.chars().noneMatch(PastedToken::isUnprintable) && words(text).anyMatch(PastedToken::isSecret);
	}

	private static boolean isUnprintable(int character) {
		return Character.isISOControl(character) && !Character.isWhitespace(character);
	}

	private static boolean isSecret(String word) {
		return DAMAGED.matcher(word).matches()
				|| (LONG.matcher(word).find() && DIGIT.matcher(word).find() && LETTER.matcher(word).find());
	}

	private static Stream<String> words(String text) {
		return Stream.of(text.split("\\s+"));
	}

}
