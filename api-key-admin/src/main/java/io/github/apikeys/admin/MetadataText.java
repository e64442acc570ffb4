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

import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Metadata as a text with one {@code name=value} on each line. What such a line could not
 * hold stands in quotes, in which {@code \n} is a line break.
 */
final class MetadataText {

	private static final String ESCAPED = "\n\r\t\"\\";

	private static final String ESCAPES = "nrt\"\\";

	private static final Pattern CODE = Pattern.compile("u[0-9a-f]{4}");

	private MetadataText() {
	}

	static String format(Map<String, String> metadata) {
		return metadata.entrySet()
			.stream()
			.map((entry) -> format(entry.getKey(), entry.getKey().indexOf('=') >= 0) + "="
					+ format(entry.getValue(), false) + "\n")
			.collect(Collectors.joining());
	}

	private static String format(String text, boolean quoted) {
		if (!quoted && text.equals(text.strip()) && !text.startsWith("\"")
				&& text.chars().noneMatch(Character::isISOControl)) {
			return text;
		}
		StringBuilder formatted = new StringBuilder("\"");
		for (char character : text.toCharArray()) {
			int escape = ESCAPED.indexOf(character);
			if (escape >= 0) {
				formatted.append('\\').append(ESCAPES.charAt(escape));
			}
			else if (Character.isISOControl(character)) {
				formatted.append("\\u" + HexFormat.of().toHexDigits(character));
			}
			else {
				formatted.append(character);
			}
		}
		return formatted.append('"').toString();
	}

	/**
	 * Reads such a text.
	 * @return the values by name, or {@code null} if a line has no name or no equals
	 * sign, or a name occurs twice
	 */
	static @Nullable Map<String, String> parse(String text) {
		Map<String, String> metadata = new TreeMap<>();
		for (String line : text.lines().filter(StringUtils::hasText).map(String::strip).toList()) {
			StringBuilder quoted = new StringBuilder();
			int end = line.startsWith("\"") ? unquote(line, quoted) : -1;
			int separator = line.indexOf('=', Math.max(end, 0));
			boolean isQuoted = separator > 0 && end > 0 && line.substring(end, separator).isBlank();
			if (!isQuoted) {
				separator = line.indexOf('=');
			}
			if (separator < 1) {
				return null;
			}
			String name = isQuoted ? quoted.toString() : line.substring(0, separator).strip();
			if (metadata.putIfAbsent(name, value(line.substring(separator + 1).strip())) != null) {
				return null;
			}
		}
		return metadata;
	}

	private static String value(String text) {
		StringBuilder quoted = new StringBuilder();
		return (text.startsWith("\"") && unquote(text, quoted) == text.length()) ? quoted.toString() : text;
	}

	/**
	 * Reads what stands in quotes at the beginning of a text.
	 * @return the index behind the closing quote, or -1 if this is no such text
	 */
	private static int unquote(String text, StringBuilder target) {
		for (int i = 1; i < text.length(); i++) {
			char character = text.charAt(i);
			if (character == '"') {
				return i + 1;
			}
			if (character != '\\') {
				target.append(character);
				continue;
			}
			i++;
			int escape = (i < text.length()) ? ESCAPES.indexOf(text.charAt(i)) : -1;
			if (escape >= 0) {
				target.append(ESCAPED.charAt(escape));
			}
			else if (CODE.matcher(text).region(i, text.length()).lookingAt()) {
				target.append((char) Integer.parseInt(text, i + 1, i + 5, 16));
				i += 4;
			}
			else {
				return -1;
			}
		}
		return -1;
	}

}
