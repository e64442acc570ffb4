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

package io.github.apikeys.guide;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Documents, Javadoc and messages use the terms of the field, and name the noun before
 * its relative clause.
 */
class GlossaryDocumentTests {

	private static final Path ROOT = Path.of("..");

	/**
	 * Line breaks within a paragraph, and the beginning of the next line of a comment.
	 */
	private static final Pattern WRAP = Pattern.compile("\\R[ \\t]*(?:\\*(?!/)|//)?[ \\t]*(?=\\S)(?![\\w.-]+=)");

	private static final Pattern CODE = Pattern.compile("```.*?```|`[^`]*`", Pattern.DOTALL);

	private static final Pattern SENTENCE_WITHOUT_NOUN = Pattern
		.compile("(?:^|\\R ?|[.:;!?|\"=] |[\"=]|/\\*\\* |\\*\\*|<p> |- )(?:Who|Whoever|Whom|Of those|Those who) [a-z]");

	private static final Pattern EVERYDAY_WORD = Pattern
		.compile("\\b(?:(?:that|which) (?:is|are) none\\b(?! of)|of which nobody|cannot be had|such a one"
				+ "|who(?:ever)? comes (?!from)|nobody (?:comes|gets) in|lets? (?:in|anybody in|nobody in|somebody in)\\b"
				+ "|questions? what changed)");

	private static final Pattern WORD_FOR_THE_CACHE = Pattern.compile("\\b(?:remember(?:s|ed)?|forg[eo]t\\w*)\\b");

	@ParameterizedTest
	@MethodSource("io.github.apikeys.guide.DocumentationTests#documents")
	void documentUsesTheTermsOfTheField(Path document) throws IOException {
		String prose = CODE.matcher(Files.readString(document)).replaceAll("`code`");
		assertThat(violations(prose)).isEmpty();
		assertThat(WORD_FOR_THE_CACHE.matcher(prose).results().map(MatchResult::group)).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("sources")
	void sourceUsesTheTermsOfTheField(Path source) throws IOException {
		assertThat(violations(Files.readString(source))).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Who presents a key is the client.", "A text. Whoever calls it decides.",
			"/**\n\t * Who is signed in manages keys.\n\t */", "\t// texts that are none",
			"text=Whoever uses it is refused.", "the question\n * what changed",
			"| 1 | Who comes with a key manages none |", "A plaintext cannot\nbe had again." })
	void violationThenFound(String text) {
		assertThat(violations(text)).isNotEmpty();
	}

	@Test
	void termsOfTheFieldThenNoViolation() {
		assertThat(violations("A client that presents a key. Which one, who asks? It is none of them.")).isEmpty();
	}

	static List<Path> sources() throws IOException {
		List<Path> sources = new ArrayList<>();
		for (String module : List.of("api-key-core", "api-key-spring-boot-starter", "api-key-admin", "api-key-test")) {
			try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main"))) {
				files.filter((file) -> file.toString().matches(".*\\.(java|json|html|properties)"))
					.filter((file) -> !file.toString().endsWith("_de.properties"))
					.sorted()
					.forEach(sources::add);
			}
		}
		return sources;
	}

	private static List<String> violations(String text) {
		List<String> violations = new ArrayList<>();
		SENTENCE_WITHOUT_NOUN.matcher(WRAP.matcher(text).replaceAll(" "))
			.results()
			.map(MatchResult::group)
			.forEach(violations::add);
		EVERYDAY_WORD.matcher(WRAP.matcher(text).replaceAll(" "))
			.results()
			.map(MatchResult::group)
			.forEach(violations::add);
		return violations;
	}

}
