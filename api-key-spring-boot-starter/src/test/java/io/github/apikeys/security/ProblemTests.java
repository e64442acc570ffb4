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

package io.github.apikeys.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import org.springframework.mock.web.MockHttpServletResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The guide lists what programs can tell apart.
 */
class ProblemTests {

	@Test
	void writeWhenTheLocaleHasOtherDigitsThenStillJson() throws IOException {
		Locale before = Locale.getDefault();
		try {
			Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
			for (Problem problem : Problem.values()) {
				MockHttpServletResponse response = new MockHttpServletResponse();
				ProblemResponse.write(response, problem);
				assertThat(response.getContentAsString()).contains("\"status\":" + response.getStatus() + ",");
			}
		}
		finally {
			Locale.setDefault(before);
		}
	}

	@Test
	void typesThenEachIsInTheGuideWithItsStatusAndNoOther() throws IOException {
		List<String> rows = Files.readAllLines(Path.of("../docs/guide/answers.md"))
			.stream()
			.filter((line) -> line.startsWith("| `urn:problem-type:"))
			.map((line) -> line.split("\\|")[1].strip() + line.split("\\|")[2].strip())
			.toList();
		assertThat(rows).doesNotHaveDuplicates()
			.containsExactlyInAnyOrderElementsOf(Stream.of(Problem.values())
				.map((problem) -> "`" + problem.type() + "`" + problem.status().value())
				.toList());
	}

}
