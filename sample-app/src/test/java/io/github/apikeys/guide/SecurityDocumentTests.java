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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every threat in docs/security.md has an answer, and a test that exists and is not
 * switched off; so have the applications in docs/hosts.md and the mistakes in
 * docs/mistakes.md.
 */
class SecurityDocumentTests {

	/**
	 * The first and last numbers of those in use, none of which is ever taken away.
	 */
	private static final int[][] THREATS = { { 1, 140 }, { 150, 155 }, { 160, 163 }, { 170, 174 }, { 180, 184 },
			{ 190, 197 } };

	private static final Pattern THREAT = Pattern.compile("^\\| (\\d+) \\| (.+?) \\| (.+?) \\| (.+?) \\|$",
			Pattern.MULTILINE);

	private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

	private static List<Source> sources;

	@BeforeAll
	static void readSources() throws IOException {
		try (Stream<Path> modules = Files.list(Path.of(".."));
				Stream<Path> hosts = Files.list(Path.of("../host-tests"))) {
			sources = Stream.concat(modules, hosts)
				.map((module) -> module.resolve("src/test/java"))
				.filter(Files::isDirectory)
				.flatMap(SecurityDocumentTests::read)
				.toList();
		}
	}

	@Test
	void everyThreatIsThereOnceAndSaysWhichTestsShowTheAnswer() {
		assertThat(threats()).extracting((threat) -> Integer.valueOf(threat.group(1)))
			.doesNotHaveDuplicates()
			.containsAll(
					Stream.of(THREATS).flatMap((range) -> IntStream.rangeClosed(range[0], range[1]).boxed()).toList());
		assertThat(threats()).allSatisfy((threat) -> assertThat(threat.group(4)).as(threat.group(1))
			.matches(TEST.pattern() + "( " + TEST.pattern() + ")*"));
	}

	@ParameterizedTest
	@MethodSource
	void testExistsAndRuns(String type, String method) {
		assertThat(runs(sources, type, method)).isTrue();
	}

	static Stream<Object[]> testExistsAndRuns() {
		return Stream.of("security.md", "hosts.md", "mistakes.md")
			.flatMap((document) -> TEST.matcher(document(document)).results())
			.map((test) -> new Object[] { test.group(1), test.group(2) })
			.distinct();
	}

	@Test
	void testThatIsSwitchedOffOrNoneDoesNotRun() {
		String test = "class XTests {\n\n\t@Test\n\tvoid x() {\n\t}\n\n\tvoid y() {\n\t}\n\n}\n";
		assertThat(runs(List.of(new Source("XTests", test)), "XTests", "x")).isTrue();
		assertThat(runs(List.of(new Source("XTests", test)), "XTests", "y")).isFalse();
		assertThat(runs(List.of(new Source("XTests", test)), "XTests", "z")).isFalse();
		assertThat(runs(List.of(new Source("XTests", test)), "YTests", "x")).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "@Disabled\nclass XTests {\n\n\t@Test\n\tvoid x() {",
			"@DisabledIf(\"never\")\nclass XTests {\n\n\t@Test\n\tvoid x() {",
			"class XTests {\n\n\t@Test\n\t@Disabled(\"for now\")\n\tvoid x() {",
			"class XTests {\n\n\t@EnabledOnOs(OS.LINUX)\n\t@ParameterizedTest\n\tvoid x() {",
			"abstract class XTests {\n\n\t@Test\n\tvoid x() {" })
	void testThatMayBeSwitchedOffDoesNotRun(String test) {
		Source source = new Source("XTests", test);
		assertThat(runs(List.of(source), "XTests", "x")).isFalse();
	}

	@Test
	void testOfAnAbstractClassRunsWhereOneExtendsIt() {
		Source contract = new Source("AbstractXTests", "abstract class AbstractXTests {\n\n\t@Test\n\tvoid x() {");
		Source concrete = new Source("XTests", "class XTests extends AbstractXTests {\n");
		Source maybe = new Source("XTests", "@EnabledIf(\"docker\")\nclass XTests extends AbstractXTests {\n");
		assertThat(runs(List.of(contract, concrete), "AbstractXTests", "x")).isTrue();
		assertThat(runs(List.of(contract, maybe), "AbstractXTests", "x")).isFalse();
	}

	private static boolean runs(List<Source> sources, String type, String method) {
		return sources.stream()
			.filter((source) -> source.name().equals(type) && source.hasTest(method))
			.anyMatch((source) -> source.isExecuted()
					|| sources.stream().anyMatch((other) -> other.isA(type) && other.isExecuted()));
	}

	private static List<MatchResult> threats() {
		return THREAT.matcher(document("security.md")).results().toList();
	}

	private static String document(String name) {
		try {
			return Files.readString(Path.of("../docs").resolve(name));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Stream<Source> read(Path folder) {
		try (Stream<Path> files = Files.walk(folder)) {
			return files.filter((file) -> file.toString().endsWith("Tests.java")).map(Source::of).toList().stream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A class of tests, as somebody wrote it.
	 */
	private record Source(String name, String text) {

		static Source of(Path file) {
			try {
				return new Source(file.getFileName().toString().replace(".java", ""), Files.readString(file));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		boolean isExecuted() {
			String head = this.text.substring(0, this.text.indexOf("class " + this.name));
			return !head.endsWith("abstract ") && !isConditional(head);
		}

		boolean isA(String type) {
			return this.text.contains("class " + this.name + " extends " + type + " ");
		}

		boolean hasTest(String method) {
			int declaration = this.text.indexOf(" " + method + "(");
			while (declaration >= 0) {
				String annotations = this.text.substring(this.text.lastIndexOf("\n\n", declaration), declaration);
				if (annotations.matches("(?s).*@(Parameterized)?Test\\b.*void")) {
					return !isConditional(annotations);
				}
				declaration = this.text.indexOf(" " + method + "(", declaration + 1);
			}
			return false;
		}

		private static boolean isConditional(String annotations) {
			return Pattern.compile("^\\s*@(Disabled|Enabled)", Pattern.MULTILINE).matcher(annotations).find();
		}

	}

}
