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
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keeps the documents true: their Java stands, line after line, in a source of this
 * module, which is compiled and run.
 */
class DocumentationTests {

	private static final Path ROOT = Path.of("..");

	private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

	private static final Pattern KOTLIN = Pattern.compile("```kotlin\\n(.*?)```", Pattern.DOTALL);

	private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]*)(?:#([^)]+))?\\)");

	private static final Pattern HEADING = Pattern.compile("^#+ (.+)$", Pattern.MULTILINE);

	private static final Pattern PROPERTY = Pattern.compile("`(api-key\\.[a-z.-]+)(?:=[^`]*)?`");

	@ParameterizedTest
	@ValueSource(strings = { "README.md", "docs/guide.md" })
	void snippetsAreCompiledAndRun(String document) throws IOException {
		Map<Path, List<String>> sources = sources();
		List<List<String>> snippets = JAVA.matcher(Files.readString(ROOT.resolve(document)))
			.results()
			.map((match) -> lines(match.group(1)))
			.toList();
		assertThat(snippets).isNotEmpty();
		assertThat(snippets).allSatisfy(
				(snippet) -> assertThat(sources.values()).anyMatch((source) -> containsInOrder(source, snippet)));
	}

	@Test
	void kotlinIsCompiledAndRun() throws IOException {
		List<String> source = lines(Files
			.readString(ROOT.resolve("host-tests/kotlin/src/main/kotlin/com/example/kotlin/KotlinApplication.kt")));
		assertThat(KOTLIN.matcher(Files.readString(ROOT.resolve("docs/guide.md"))).results()).hasSizeGreaterThan(2)
			.allSatisfy(
					(match) -> assertThat(containsInOrder(source, lines(match.group(1)))).as(match.group(1)).isTrue());
	}

	@ParameterizedTest
	@MethodSource("documents")
	void linksLeadSomewhere(Path document) throws IOException {
		for (MatchResult link : LINK.matcher(Files.readString(document)).results().toList()) {
			Path target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1)).normalize();
			assertThat(target).exists();
			if (link.group(2) != null) {
				assertThat(anchors(target)).as(target.toString()).contains(link.group(2));
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "README.md", "docs/guide.md", "docs/security.md" })
	void propertiesExist(String document) throws IOException {
		StringBuilder metadata = new StringBuilder();
		for (URL resource : Collections
			.list(getClass().getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
			try (InputStream input = resource.openStream()) {
				metadata.append(new String(input.readAllBytes(), StandardCharsets.UTF_8));
			}
		}
		Stream<String> properties = PROPERTY.matcher(Files.readString(ROOT.resolve(document)))
			.results()
			.map((match) -> match.group(1));
		assertThat(properties).allSatisfy((property) -> assertThat(metadata).contains("\"" + property + "\""));
	}

	/**
	 * What is promised is promised in the same words everywhere.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "README.md", "docs/security.md", "docs/reliability.md",
			"api-key-core/src/main/java/io/github/apikeys/core/ApiKeyService.java" })
	void promiseIsTheSameEverywhere(String document) throws IOException {
		String guide = withoutLayout("docs/guide.md");
		int start = guide.indexOf("A verification that starts more than");
		String promise = guide.substring(start, guide.indexOf(". ", start) + 1);
		assertThat(promise).contains("api-key.cache.max-staleness", "30 seconds", "four minutes");
		assertThat(withoutLayout(document)).contains(promise);
	}

	private static String withoutLayout(String document) throws IOException {
		return Files.readString(ROOT.resolve(document))
			.replaceAll("\\n\\s*\\*", "\n")
			.replaceAll("\\{@code ([^}]*)}", "`$1`")
			.replaceAll("\\s+", " ");
	}

	@Test
	void documentsNameTheVersionsOfThisBuild() throws IOException {
		String pom = Files.readString(ROOT.resolve("pom.xml"));
		Matcher version = Pattern.compile("<artifactId>api-key-parent</artifactId>\\s*<version>([^<]+)</version>")
			.matcher(pom);
		assertThat(version.find()).isTrue();
		assertThat(Files.readString(ROOT.resolve("docs/guide.md")))
			.contains("<version>" + version.group(1) + "</version>");
		assertThat(Files.readString(ROOT.resolve("README.md"))).contains("<version>" + version.group(1) + "</version>");
	}

	static List<Path> documents() throws IOException {
		List<Path> documents = new ArrayList<>();
		for (String folder : List.of("", "docs", ".github")) {
			try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
				files.filter((file) -> file.toString().endsWith(".md")).forEach(documents::add);
			}
		}
		return documents;
	}

	private static List<String> anchors(Path document) throws IOException {
		return HEADING.matcher(Files.readString(document))
			.results()
			.map((heading) -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
			.toList();
	}

	private static Map<Path, List<String>> sources() throws IOException {
		Map<Path, List<String>> sources = new TreeMap<>();
		try (Stream<Path> files = Files.walk(Path.of("src"))) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".java")).toList()) {
				sources.put(file, lines(Files.readString(file)));
			}
		}
		return sources;
	}

	private static List<String> lines(String text) {
		return text.lines().map(String::strip).filter((line) -> !line.isEmpty()).toList();
	}

	private static boolean containsInOrder(List<String> source, List<String> snippet) {
		int next = 0;
		for (String line : source) {
			if (next < snippet.size() && line.equals(snippet.get(next))) {
				next++;
			}
		}
		return next == snippet.size();
	}

}
