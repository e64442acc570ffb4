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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * docs/properties.md says what the configuration metadata says.
 */
class PropertiesDocumentTests {

	private static final Path DOCUMENT = Path.of("..", "docs", "properties.md");

	private static final Path GENERATED = Path.of("target", "properties.md");

	@Test
	void documentIsGeneratedFromTheConfigurationMetadata() throws IOException {
		String generated = generate(properties());
		Files.writeString(GENERATED, generated);
		assertThat(Files.exists(DOCUMENT) ? Files.readString(DOCUMENT) : "")
			.as("docs/properties.md; the right one is sample-app/target/properties.md")
			.isEqualTo(generated);
	}

	static Map<String, JsonNode> properties() throws IOException {
		Map<String, JsonNode> properties = new TreeMap<>();
		for (URL metadata : Collections.list(PropertiesDocumentTests.class.getClassLoader()
			.getResources("META-INF/spring-configuration-metadata.json"))) {
			try (InputStream input = metadata.openStream()) {
				for (JsonNode property : JsonMapper.shared().readTree(input).path("properties")) {
					String name = property.path("name").asString();
					if (name.startsWith("api-key.") || name.startsWith("management.endpoint.apikeys.")
							|| name.startsWith("management.health.api-keys.")) {
						properties.put(name, property);
					}
				}
			}
		}
		return properties;
	}

	private static String generate(Map<String, JsonNode> properties) {
		StringBuilder document = new StringBuilder(
				"""
						# Properties

						The descriptions that an IDE shows for `api-key.` in `application.properties`. The [guide](guide.md) shows the
						properties in use.
						""");
		String section = "";
		for (Map.Entry<String, JsonNode> property : properties.entrySet()) {
			String name = property.getKey();
			String current = name.startsWith("management.") ? "Actuator"
					: name.substring(0, (name + ".").indexOf('.', "api-key.".length()));
			if (!current.equals(section)) {
				section = current;
				document.append("\n## %s\n\n| property | type | default | |\n|---|---|---|---|\n"
					.formatted(current.startsWith("api-key.") ? "`" + current + "`" : current));
			}
			document.append("| `%s` | %s | %s | %s |\n".formatted(name, type(property.getValue()),
					defaultValue(property.getValue()),
					property.getValue().path("description").asString().replace("|", "\\|")));
		}
		return document.toString();
	}

	private static String type(JsonNode property) {
		String type = property.path("type").asString();
		return "`" + type.replaceAll("[a-z]+\\.(?=[a-zA-Z])", "").replaceAll("\\w+\\$", "").replace(",", ", ") + "`";
	}

	private static String defaultValue(JsonNode property) {
		JsonNode value = property.path("defaultValue");
		if (value.isMissingNode()) {
			return "";
		}
		return "`" + (value.isArray() ? value.path(0).asString() : value.asString()) + "`";
	}

}
