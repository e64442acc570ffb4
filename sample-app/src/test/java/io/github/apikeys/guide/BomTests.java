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
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whoever imports the versions of this project gets those of all its modules.
 */
class BomTests {

	private static final Path ROOT = Path.of("..");

	@Test
	void bomListsEveryPublishedModule() throws IOException {
		List<String> published = values("module", Files.readString(ROOT.resolve("pom.xml"))).stream()
			.filter(BomTests::isPublished)
			.toList();
		assertThat(published).contains("api-key-core", "api-key-spring-boot-starter");
		assertThat(managed()).filteredOn((artifact) -> !artifact.startsWith("bucket4j"))
			.containsExactlyInAnyOrderElementsOf(published);
	}

	/**
	 * Spring Boot manages all else that is optional for the starter.
	 */
	@Test
	void bomHasTheVersionsOfBucket4j() throws IOException {
		assertThat(managed()).contains("bucket4j_jdk17-core", "bucket4j_jdk17-lettuce");
		assertThat(Files.readString(ROOT.resolve("docs/guide/limits.md"))).contains(
				"<artifactId>bucket4j_jdk17-core</artifactId>\n</dependency>", "com.bucket4j:bucket4j_jdk17-lettuce");
	}

	/**
	 * An application that imports it has nothing of our parent.
	 */
	@Test
	void bomDefinesWhatItRefersToAsTheParentDoes() throws IOException {
		String bom = Files.readString(ROOT.resolve("api-key-bom/pom.xml"));
		List<String> properties = Pattern.compile("\\$\\{([^}]+)}")
			.matcher(bom)
			.results()
			.map((match) -> match.group(1))
			.filter((property) -> !property.startsWith("project."))
			.distinct()
			.toList();
		assertThat(properties).containsExactly("bucket4j.version")
			.allSatisfy((property) -> assertThat(values(property, bom)).hasSize(1)
				.isEqualTo(values(property, Files.readString(ROOT.resolve("pom.xml")))));
	}

	private static List<String> managed() throws IOException {
		String bom = Files.readString(ROOT.resolve("api-key-bom/pom.xml"));
		return values("artifactId",
				bom.substring(bom.indexOf("<dependencyManagement>"), bom.indexOf("</dependencyManagement>")));
	}

	private static boolean isPublished(String module) {
		try {
			String pom = Files.readString(ROOT.resolve(module).resolve("pom.xml"));
			return !pom.contains("<packaging>pom<") && !values("maven.deploy.skip", pom).contains("true");
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static List<String> values(String element, String pom) {
		return Pattern.compile("<" + element + ">([^<]+)<")
			.matcher(pom)
			.results()
			.map((MatchResult match) -> match.group(1))
			.toList();
	}

}
