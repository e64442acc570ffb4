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

package io.github.apikeys.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A property belongs to one module. The others learn from types of core what it says.
 */
class PropertyNamesTests {

	private static final List<String> MODULES = List.of("api-key-core", "api-key-spring-boot-starter", "api-key-admin",
			"api-key-test");

	@ParameterizedTest
	@CsvSource({ "api-key.admin., api-key-admin", "api-key.scopes, api-key-spring-boot-starter",
			"api-key.security., api-key-spring-boot-starter", "api-key.rate-limit., api-key-spring-boot-starter" })
	void propertyWhenItBelongsToAModuleThenNoOtherNamesIt(String property, String owner) {
		assertThat(naming(owner, property)).isNotEmpty();
		assertThat(MODULES).filteredOn((module) -> !module.equals(owner))
			.allSatisfy((module) -> assertThat(naming(module, property)).isEmpty());
	}

	/**
	 * The files of main code that name a property.
	 */
	private static List<Path> naming(String module, String property) {
		try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
			return files.filter((file) -> file.toString().endsWith(".java"))
				.filter((file) -> read(file).contains(property))
				.sorted()
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
