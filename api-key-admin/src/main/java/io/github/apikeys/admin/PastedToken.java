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

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;

/**
 * Recognises what could hold a secret in what somebody searches for, so that it is
 * neither shown again nor put into a URL.
 */
final class PastedToken {

	private static final int MAX_FOUND = 20;

	private static final int MAX_WORDS = 1000;

	private static final String PREFIX = "(?<![0-9A-Za-z])[a-z][a-z0-9]{1,15}(?:_[a-z0-9]{1,15}){0,2}_";

	/**
	 * A key id is followed by something, by much if it could be an ordinary word.
	 */
	private static final Pattern DAMAGED = Pattern
		.compile(PREFIX + "(?:(?=[a-z]{0,11}[0-9A-Z][0-9A-Za-z]*_)|(?=[0-9A-Za-z]{12}_?[0-9A-Za-z]{20}))"
				+ "([0-9A-Za-z]{12})_?[0-9A-Za-z]+(?![0-9A-Za-z_])");

	/**
	 * The part of a token that the pages show.
	 */
	private static final Pattern MASKED = Pattern.compile(PREFIX + "([0-9A-Za-z]{12})(?![0-9A-Za-z])");

	private static final Pattern UUID_TEXT = Pattern
		.compile("(?<![0-9a-f-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f-])");

	/**
	 * What stands around a token in source code, commands, JSON, URLs and sentences.
	 */
	private static final Pattern AROUND = Pattern.compile("%[0-9A-Fa-f]{2}|[\\s\"'`=,;:(){}\\[\\]<>&?|/\\\\]+");

	private static final Pattern LONG = Pattern.compile("[0-9A-Za-z]{20}");

	private static final Pattern DIGIT = Pattern.compile("[0-9]");

	private static final Pattern LETTER = Pattern.compile("[A-Za-z]");

	private PastedToken() {
	}

	/**
	 * Returns the key ids of the tokens in a text, which may be damaged, may be masked,
	 * and may stand among whatever else.
	 * @return at most twenty, in the order of the text
	 */
	static List<String> keyIds(String text, ApiKeyTokenFormats formats) {
		return keyIds(text, formats, (token) -> true, (word) -> true);
	}

	/**
	 * Returns those of the key ids in a text that may be shown though there is no such
	 * key: in what only looks like a token, or is one of another system, the id may be a
	 * part of the secret.
	 * @return at most twenty, in the order of the text
	 */
	static List<String> ownKeyIds(String text, ApiKeyTokenFormats formats) {
		return keyIds(text, formats, PresentedToken::isIssued, formats.issued()::claims);
	}

	private static List<String> keyIds(String text, ApiKeyTokenFormats formats, Predicate<PresentedToken> whole,
			Predicate<String> part) {
		Set<String> keyIds = new LinkedHashSet<>();
		words(text).limit(MAX_WORDS)
			.flatMap((word) -> tokens(word, formats))
			.filter(whole)
			.map(PresentedToken::keyId)
			.forEach(keyIds::add);
		String plain = AROUND.matcher(text).replaceAll(" ");
		Stream.of(DAMAGED, MASKED)
			.flatMap((pattern) -> pattern.matcher(plain).results())
			.filter((match) -> part.test(match.group()))
			.map((match) -> match.group(1))
			.forEach(keyIds::add);
		return keyIds.stream().limit(MAX_FOUND).toList();
	}

	/**
	 * Some formats permit in a token what others have around it, so the whole counts only
	 * if no part of it does.
	 */
	private static Stream<PresentedToken> tokens(String word, ApiKeyTokenFormats formats) {
		List<PresentedToken> parts = AROUND.splitAsStream(word)
			.map(PastedToken::withoutFullStop)
			.flatMap((part) -> token(part, formats))
			.toList();
		return parts.isEmpty() ? token(word, formats) : parts.stream();
	}

	private static Stream<PresentedToken> token(String word, ApiKeyTokenFormats formats) {
		return isSecret(word) ? Stream.ofNullable(formats.parse(word)) : Stream.empty();
	}

	/**
	 * Returns the identifiers of keys in a text, as the URLs of the pages hold them.
	 * @return at most twenty, in the order of the text
	 */
	static List<UUID> ids(String text) {
		return UUID_TEXT.matcher(text)
			.results()
			.map((match) -> UUID.fromString(match.group()))
			.distinct()
			.limit(MAX_FOUND)
			.toList();
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
		return DAMAGED.matcher(word).find()
				|| (LONG.matcher(word).find() && DIGIT.matcher(word).find() && LETTER.matcher(word).find());
	}

	private static String withoutFullStop(String word) {
		return word.endsWith(".") ? word.substring(0, word.length() - 1) : word;
	}

	private static Stream<String> words(String text) {
		return Stream.of(text.split("\\s+"));
	}

}
