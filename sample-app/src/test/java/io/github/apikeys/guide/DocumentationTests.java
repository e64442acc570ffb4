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
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keeps the documents true: their Java stands, line after line, in a source of this
 * module, or of an application without JPA, which is compiled and run.
 */
class DocumentationTests {

	private static final Path ROOT = Path.of("..");

	private static final Path KOTLIN = ROOT
		.resolve("host-tests/kotlin/src/main/kotlin/com/example/kotlin/KotlinApplication.kt");

	private static final List<Path> MODULES = List.of(Path.of(""), ROOT.resolve("host-tests/map-store"),
			ROOT.resolve("host-tests/without-jpa"));

	private static final Set<String> IGNORED_FOLDERS = Set.of(".git", "target");

	private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]*)(?:#([^)]+))?\\)");

	private static final Pattern HEADING = Pattern.compile("^#+ (.+)$", Pattern.MULTILINE);

	private static final Pattern TYPE = Pattern.compile("\\b[A-Z]\\w+");

	private static final Pattern MODULE_VERSION = Pattern.compile(
			"(?:io\\.github\\.apikeys:[\\w-]+:" + "|<artifactId>api-key-[\\w-]+</artifactId>\\s*<version>)([\\w.-]+)");

	private static final Pattern PROPERTY = Pattern.compile("`(api-key\\.[a-z.-]+)(?:=[^`]*)?`");

	private static Map<Path, List<String>> sources = Map.of();

	private static Map<String, JsonNode> properties = Map.of();

	/**
	 * What is written in another language is not compiled: examples of answers, commands
	 * and builds.
	 */
	private static final Set<String> OTHER_LANGUAGES = Set.of("", "groovy", "json", "mermaid", "regex", "sh", "sql",
			"xml");

	@ParameterizedTest
	@MethodSource("documents")
	void snippetsAreCompiledAndRun(Path document) throws IOException {
		for (Snippet snippet : Snippet.of(document)) {
			switch (snippet.language()) {
				case "java" -> assertThat(sources.values().stream()).as(snippet.text())
					.filteredOn((source) -> containsInOrder(source, lines(snippet.text())))
					.isNotEmpty();
				case "kotlin" -> assertThat(containsInOrder(lines(Files.readString(KOTLIN)), lines(snippet.text())))
					.as(snippet.text())
					.isTrue();
				case "yaml" -> assertThat(Snippet.ofYaml(snippet.text())).allMatch(DocumentationTests::isProperty);
				case "properties" ->
					assertThat(Snippet.ofProperties(snippet.text())).allMatch(DocumentationTests::isProperty);
				default -> assertThat(OTHER_LANGUAGES).as(snippet.text()).contains(snippet.language());
			}
		}
	}

	@Test
	void guideHasSnippetsOfEachLanguage() throws IOException {
		List<Snippet> snippets = new ArrayList<>();
		for (Path document : documents()) {
			snippets.addAll(Snippet.of(document));
		}
		assertThat(snippets).filteredOn("language", "java").hasSizeGreaterThan(50);
		assertThat(snippets).filteredOn("language", "kotlin").hasSizeGreaterThan(2);
		assertThat(snippets).filteredOn("language", "yaml").hasSizeGreaterThan(4);
	}

	@ParameterizedTest
	@MethodSource("pages")
	void pageOfTheGuideIsShortAndLinkedBothWays(Path page) throws IOException {
		assertThat(Files.readAllLines(page)).hasSizeLessThan(200).contains("[Guide](../guide.md)");
		assertThat(Files.readString(ROOT.resolve("docs/guide.md"))).contains("](guide/" + page.getFileName() + ")");
	}

	@Test
	void guideNamesThePackageOfEachTypeInASnippet() throws IOException {
		Map<String, String> packages = publicTypes();
		List<String> guide = Files.readAllLines(ROOT.resolve("docs/guide.md"));
		for (Path document : documents()) {
			assertThat(Snippet.of(document)).filteredOn("language", "java")
				.flatMap((snippet) -> TYPE.matcher(snippet.text()).results().map(MatchResult::group).toList())
				.filteredOn(packages::containsKey)
				.allSatisfy((type) -> assertThat(guide)
					.anyMatch((line) -> line.startsWith("| `" + packages.get(type) + "` |")
							&& line.contains("`" + type + "`")));
		}
	}

	/**
	 * Our public types by their simple names, each with its package.
	 */
	private static Map<String, String> publicTypes() throws IOException {
		Map<String, String> packages = new TreeMap<>();
		for (String module : List.of("api-key-core", "api-key-spring-boot-starter", "api-key-admin", "api-key-test")) {
			Path sources = ROOT.resolve(module).resolve("src/main/java");
			try (Stream<Path> files = Files.walk(sources)) {
				for (Path file : files.filter((path) -> path.toString().endsWith(".java")).toList()) {
					String name = file.getFileName().toString().replace(".java", "");
					if (Pattern.compile("^public .*\\b" + name + "\\b", Pattern.MULTILINE)
						.matcher(Files.readString(file))
						.find()) {
						packages.put(name, sources.relativize(file.getParent()).toString().replace('/', '.'));
					}
				}
			}
		}
		return packages;
	}

	@ParameterizedTest
	@MethodSource("documents")
	void linksLeadSomewhere(Path document) throws IOException {
		for (MatchResult link : LINK.matcher(prose(document)).results().toList()) {
			Path target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1)).normalize();
			assertThat(target).exists();
			if (link.group(2) != null) {
				assertThat(anchors(target)).as(target.toString()).contains(link.group(2));
			}
		}
	}

	@ParameterizedTest
	@MethodSource("documents")
	void propertiesExist(Path document) throws IOException {
		assertThat(PROPERTY.matcher(Files.readString(document)).results().map((match) -> match.group(1)))
			.allMatch(DocumentationTests::isPropertyOrGroup);
	}

	private static boolean isPropertyOrGroup(String name) {
		return properties.keySet().stream().anyMatch((property) -> (property + ".").startsWith(name + "."));
	}

	private static boolean isProperty(String name) {
		return !name.startsWith("api-key.") || properties.containsKey(name)
				|| properties.entrySet().stream().anyMatch((property) -> hasEntry(property, name));
	}

	private static boolean hasEntry(Map.Entry<String, JsonNode> property, String name) {
		return property.getValue().path("type").asString().startsWith("java.util.Map<")
				&& (name.startsWith(property.getKey() + ".") || name.startsWith(property.getKey() + "["));
	}

	/**
	 * What is promised is promised in the same words everywhere.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "README.md", "docs/security.md", "docs/reliability.md",
			"api-key-core/src/main/java/io/github/apikeys/core/ApiKeyTokenVerifier.java" })
	void promiseIsTheSameEverywhere(String document) throws IOException {
		String guide = withoutLayout("docs/guide/changes.md");
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
		assertThat(Files.readString(ROOT.resolve("README.md"))).contains("<version>" + version.group(1) + "</version>");
		for (Path document : documents()) {
			assertThat(MODULE_VERSION.matcher(Files.readString(document)).results().map((match) -> match.group(1)))
				.as(document.toString())
				.allMatch(version.group(1)::equals);
		}
	}

	/**
	 * All of them, wherever somebody puts the next one.
	 */
	static List<Path> documents() throws IOException {
		List<Path> documents = new ArrayList<>();
		Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {

			@Override
			public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
				return IGNORED_FOLDERS.contains(folder.getFileName().toString()) ? FileVisitResult.SKIP_SUBTREE
						: FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
				if (file.toString().endsWith(".md")) {
					documents.add(file);
				}
				return FileVisitResult.CONTINUE;
			}

		});
		Collections.sort(documents);
		return documents;
	}

	static List<Path> pages() throws IOException {
		return documents().stream().filter((document) -> document.startsWith(ROOT.resolve("docs/guide"))).toList();
	}

	private static String prose(Path document) throws IOException {
		return Snippet.FENCED.matcher(Files.readString(document)).replaceAll("");
	}

	private static List<String> anchors(Path document) throws IOException {
		return HEADING.matcher(prose(document))
			.results()
			.map((heading) -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
			.toList();
	}

	@BeforeAll
	static void readSources() throws IOException {
		sources = new TreeMap<>();
		for (Path module : MODULES) {
			try (Stream<Path> files = Files.walk(module.resolve("src"))) {
				for (Path file : files.filter((path) -> path.toString().endsWith(".java")).toList()) {
					sources.put(file, lines(Files.readString(file)));
				}
			}
		}
		properties = PropertiesDocumentTests.properties();
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

	/**
	 * What stands between fences.
	 */
	private record Snippet(String language, String text) {

		static final Pattern FENCED = Pattern.compile("^ *```(.*)\\n((?s:.*?))^ *```$", Pattern.MULTILINE);

		static List<Snippet> of(Path document) throws IOException {
			return FENCED.matcher(Files.readString(document))
				.results()
				.map((match) -> new Snippet(match.group(1), match.group(2).stripIndent()))
				.toList();
		}

		static Set<String> ofYaml(String text) {
			YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
			yaml.setResources(new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8)));
			return Objects.requireNonNull(yaml.getObject())
				.keySet()
				.stream()
				.map(String::valueOf)
				.collect(Collectors.toSet());
		}

		static Set<String> ofProperties(String text) throws IOException {
			Properties properties = new Properties();
			properties.load(new StringReader(text));
			return properties.stringPropertyNames();
		}

	}

}
