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

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.SpringFactoriesLoader;

import static org.assertj.core.api.Assertions.assertThat;

class AdminRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	@BeforeEach
	void registerAsSpringDoes() {
		SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
			.load(RuntimeHintsRegistrar.class)
			.stream()
			.filter(AdminRuntimeHints.class::isInstance)
			.forEach((registrar) -> registrar.registerHints(this.hints, getClass().getClassLoader()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "io/github/apikeys/admin/templates/", "io/github/apikeys/admin/assets/" })
	void templatesAndAssetsAreKept(String folder) throws IOException {
		Resource[] resources = new PathMatchingResourcePatternResolver().getResources("classpath*:" + folder + "*.*");
		assertThat(resources).isNotEmpty()
			.allSatisfy((resource) -> assertThat(
					RuntimeHintsPredicates.resource().forResource(folder + resource.getFilename()))
				.accepts(this.hints));
	}

	@Test
	void templatesOfTheApplicationAreKept() {
		assertThat(RuntimeHintsPredicates.resource().forResource("templates/api-key-admin/list.html"))
			.accepts(this.hints);
	}

	@Test
	void textsAreKept() {
		assertThat(RuntimeHintsPredicates.resource().forBundle("io.github.apikeys.admin.messages")).accepts(this.hints);
	}

	@ParameterizedTest
	@FieldSource("io.github.apikeys.admin.AdminRuntimeHints#TEMPLATE_TYPES")
	void whatTemplatesAskIsKept(Class<?> type) {
		assertThat(RuntimeHintsPredicates.reflection()
			.onType(type)
			.withMemberCategory(MemberCategory.INVOKE_DECLARED_METHODS)).accepts(this.hints);
	}

}
