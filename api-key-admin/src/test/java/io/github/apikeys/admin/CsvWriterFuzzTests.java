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
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever people call their keys, the export is read back by another library as it was
 * written, and no cell begins like a formula, wherever a spreadsheet may begin one.
 * U+001E ends a record and U+001F a field.
 */
class CsvWriterFuzzTests {

	private static final Pattern FORMULA = Pattern.compile("[\\s\\p{Z}\\p{Cc}\\p{Cf}]*+[=+@\uff1d\uff0b\uff0d\uff20-]");

	private static final SlowestInput slowest = new SlowestInput();

	@AfterAll
	static void printSlowest() {
		slowest.print(CsvWriterFuzzTests.class);
	}

	@FuzzTest
	void write(FuzzedDataProvider data) {
		slowest.run(data, 300, CsvWriterFuzzTests::check);
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "\"", ",", "\r\n", "=", "'=", "\u001f", "\u001e", ";=", "; -", "\"@", "a;" })
	@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void writeWhenAMillionCharactersThenDone(String part) {
		check(part.repeat(1_000_000 / part.length()));
	}

	private static void check(String text) {
		StringWriter written = new StringWriter();
		CsvWriter writer = new CsvWriter(written);
		List<String[]> records = new ArrayList<>();
		try {
			for (String line : text.split("\u001e", -1)) {
				String[] fields = line.split("\u001f", -1);
				records.add(fields);
				writer.write((Object[]) fields);
			}
			try (CSVParser parser = CSVParser.parse(written.toString(), CSVFormat.RFC4180)) {
				List<CSVRecord> read = parser.getRecords();
				assertThat(read).hasSameSizeAs(records);
				for (int i = 0; i < read.size(); i++) {
					checkRecord(read.get(i).values(), records.get(i));
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void checkRecord(String[] cells, String[] fields) {
		assertThat(cells).hasSameSizeAs(fields);
		for (int i = 0; i < cells.length; i++) {
			assertThat(cells[i].replace("'", "")).isEqualTo(fields[i].replace("'", ""));
			assertThat(cells[i]).hasSizeGreaterThanOrEqualTo(fields[i].length());
			if (fields[i].chars()
				.noneMatch((character) -> "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20".indexOf(character) >= 0)) {
				assertThat(cells[i]).isEqualTo(fields[i]);
			}
			assertThat(cells[i]).doesNotMatch("(?s)[\\t\\r\\n].*");
			// wherever a spreadsheet separates fields
			for (String part : cells[i].split("[,;|\\t\\r\\n\"]", -1)) {
				assertThat(isFormula(part)).as(part).isFalse();
			}
		}
	}

	/**
	 * The characters of which OWASP warns, also as wide as those of Chinese and Japanese,
	 * and behind what nobody sees.
	 */
	private static boolean isFormula(String text) {
		return FORMULA.matcher(text).lookingAt();
	}

}
