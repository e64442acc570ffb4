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

package io.github.apikeys.test;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;

class ArchitectureTests {

	private static final JavaClasses test = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importUrl(InMemoryApiKeyService.class.getProtectionDomain().getCodeSource().getLocation());

	@Test
	void testSupportKnowsNeitherDatabasesNorTestFrameworks() {
		noClasses().that()
			.resideOutsideOfPackage("io.github.apikeys.test.contract")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("io.github.apikeys.admin..", "io.github.apikeys.test.contract..",
					"jakarta.persistence..", "org.springframework.orm..", "org.springframework.transaction..",
					"org.junit..", "org.assertj..", "org.mockito..")
			.check(test);
	}

	@Test
	void publicClassesAreFinal() {
		classes().that()
			.arePublic()
			.and()
			.areNotInterfaces()
			.and()
			.resideOutsideOfPackage("io.github.apikeys.test.contract")
			.should()
			.haveModifier(JavaModifier.FINAL)
			.check(test);
	}

	/**
	 * Lists of keys are pages.
	 */
	@Test
	void contractsKnowInterfacesOnly() {
		noClasses().that()
			.resideInAPackage("io.github.apikeys.test.contract")
			.should()
			.dependOnClassesThat(JavaClass.Predicates
				.resideInAnyPackage("io.github.apikeys.test", "io.github.apikeys.autoconfigure..",
						"io.github.apikeys.core.jpa..", "jakarta.persistence..", "org.hibernate..",
						"org.springframework..")
				.and(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage("org.springframework.data.domain"))))
			.check(test);
	}

	@Test
	void autoConfigurationsHaveNoPublicMembers() {
		noMethods().that()
			.areDeclaredInClassesThat()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.bePublic()
			.check(test);
	}

	@Test
	void beansHaveNamesThatNoApplicationHas() {
		for (JavaClass type : test) {
			for (JavaMethod method : type.getMethods()) {
				if (method.isAnnotatedWith(Bean.class)) {
					assertThat(method.getAnnotationOfType(Bean.class).value()).as(method.getFullName())
						.containsExactly("io.github.apikeys." + method.getName());
				}
			}
		}
	}

	@Test
	void packagesAreNullMarked() {
		classes()
			.should(be(DescribedPredicate.describe("in a null-marked package",
					(type) -> type.getPackage().isAnnotatedWith(NullMarked.class))))
			.check(test);
	}

}
