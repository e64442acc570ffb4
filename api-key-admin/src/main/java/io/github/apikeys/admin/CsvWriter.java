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

import java.io.IOException;
import java.io.Writer;

import org.jspecify.annotations.Nullable;

/**
 * Writes records as in RFC 4180. What a spreadsheet would take for a formula becomes
 * text, as OWASP recommends.
 *
 * @see <a href="https://owasp.org/www-community/attacks/CSV_Injection">CSV Injection</a>
 */
final class CsvWriter {

	private static final String FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20";

	private static final String SEPARATORS = ",;|\t\r\n\"";

	private final Writer writer;

	CsvWriter(Writer writer) {
		this.writer = writer;
	}

	void write(@Nullable Object... values) throws IOException {
		for (int i = 0; i < values.length; i++) {
			this.writer.append((i > 0) ? "," : "").append(quote((values[i] != null) ? String.valueOf(values[i]) : ""));
		}
		this.writer.append("\r\n");
	}

	private static String quote(String value) {
		return '"' + neutralize(value).replace("\"", "\"\"") + '"';
	}

	/**
	 * Puts an apostrophe in front of every formula. Where a spreadsheet separates fields
	 * by another character, or ends them at a quote, a formula may begin within a value.
	 */
	private static String neutralize(String value) {
		StringBuilder text = new StringBuilder(value.length() + 1);
		if (!value.isEmpty() && "\t\r\n".indexOf(value.charAt(0)) >= 0) {
			text.append('\'');
		}
		boolean atStart = true;
		for (char character : value.toCharArray()) {
			if (atStart && FORMULA.indexOf(character) >= 0) {
				text.append('\'');
			}
			text.append(character);
			atStart = SEPARATORS.indexOf(character) >= 0 || (atStart && isInvisible(character));
		}
		return text.toString();
	}

	private static boolean isInvisible(char character) {
		return Character.isWhitespace(character) || Character.isSpaceChar(character)
				|| Character.isISOControl(character) || Character.getType(character) == Character.FORMAT;
	}

}
