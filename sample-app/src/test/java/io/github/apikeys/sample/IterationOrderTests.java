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

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The same answer on every run: the JVM shuffles immutable sets and maps at each start.
 */
class IterationOrderTests {

	private static final JavaClasses modules = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages("io.github.apikeys");

	private static final DescribedPredicate<JavaCall<?>> makesAShuffledCollection = DescribedPredicate
		.describe("makes a collection whose order differs from start to start", (call) -> isShuffled(call.getTarget()));

	@Test
	void everyModuleIsLookedAt() {
		assertThat(modules.stream().map((type) -> type.getPackageName()).collect(Collectors.toSet())).contains(
				"io.github.apikeys.core", "io.github.apikeys.core.token", "io.github.apikeys.core.hash",
				"io.github.apikeys.security", "io.github.apikeys.ratelimit", "io.github.apikeys.autoconfigure",
				"io.github.apikeys.admin", "io.github.apikeys.test", "io.github.apikeys.sample");
	}

	@Test
	void orderOfWhatIsMadeDoesNotDependOnTheStartOfTheJvm() {
		noClasses().should().callCodeUnitWhere(makesAShuffledCollection).check(modules);
	}

	private static boolean isShuffled(CodeUnitCallTarget target) {
		String name = target.getName();
		if (target.getOwner().isEquivalentTo(Set.class)) {
			return name.equals("copyOf") || (name.equals("of") && !fewerThan(2, target));
		}
		if (target.getOwner().isEquivalentTo(Map.class)) {
			return List.of("copyOf", "ofEntries").contains(name) || (name.equals("of") && !fewerThan(3, target));
		}
		if (target.getOwner().isEquivalentTo(Collectors.class)) {
			return List.of("toSet", "toUnmodifiableSet", "toUnmodifiableMap").contains(name);
		}
		return target.getOwner().isEquivalentTo(IdentityHashMap.class);
	}

	// one array is any number of elements
	private static boolean fewerThan(int parameters, CodeUnitCallTarget target) {
		return target.getRawParameterTypes().size() < parameters
				&& target.getRawParameterTypes().stream().noneMatch((type) -> type.isArray());
	}

}
