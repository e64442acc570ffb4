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
		String text = isFormula(value) ? "'" + value : value;
		return '"' + text.replace("\"", "\"\"") + '"';
	}

	private static boolean isFormula(String value) {
		return !value.isEmpty() && "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20".indexOf(value.charAt(0)) >= 0;
	}

}
