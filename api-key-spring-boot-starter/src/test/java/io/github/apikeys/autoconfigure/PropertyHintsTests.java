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

package io.github.apikeys.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an editor proposes for a property is something that it may have.
 */
class PropertyHintsTests {

	@Test
	void hintsThenEachIsForAPropertyThatExists() throws IOException {
		assertThat(all("hints").map(PropertyHintsTests::name)).contains("api-key.hash.scheme",
				"api-key.security.schemes", "api-key.security.header-names", "api-key.rate-limit.default",
				"api-key.expiry.default", "api-key.expiry.max", "api-key.database.schema");
		List<String> properties = all("properties").map(PropertyHintsTests::name).toList();
		assertThat(all("hints").map(PropertyHintsTests::name)).doesNotHaveDuplicates().isSubsetOf(properties);
	}

	@Test
	void hintsThenEachPropertyTakesOtherValuesToo() throws IOException {
		assertThat(all("hints").filter((hint) -> !hint.path("values").isEmpty())).isNotEmpty()
			.allMatch((hint) -> hint.path("providers").path(0).path("name").asString().equals("any"));
	}

	@ParameterizedTest
	@MethodSource("values")
	void hintThenTheApplicationStartsWithEachOfItsValues(String property) {
		HostRunner.application()
			.withPropertyValues(property)
			.run((context) -> assertThat(context).as(property).hasNotFailed());
	}

	static Stream<String> values() throws IOException {
		return all("hints").flatMap((hint) -> hint.path("values")
			.valueStream()
			.map((value) -> name(hint) + "=" + value.path("value").asString()));
	}

	private static String name(JsonNode node) {
		return node.path("name").asString();
	}

	private static Stream<JsonNode> all(String kind) throws IOException {
		Stream<JsonNode> all = Stream.of();
		for (URL metadata : Collections.list(PropertyHintsTests.class.getClassLoader()
			.getResources("META-INF/spring-configuration-metadata.json"))) {
			try (InputStream input = metadata.openStream()) {
				all = Stream.concat(all, JsonMapper.shared().readTree(input).path(kind).valueStream());
			}
		}
		return all.filter((node) -> name(node).startsWith("api-key."));
	}

}
