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

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.apikeys.core.CreatedApiKey;
import jakarta.persistence.DiscriminatorValue;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.ConfigurationProperties;

import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

class ArchitectureTests {

	private static final JavaClasses admin = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages("io.github.apikeys.admin");

	@Test
	void adminKnowsTheCoreButNotTheStarter() {
		noClasses().should()
			.dependOnClassesThat()
			.resideInAnyPackage("io.github.apikeys.security..", "io.github.apikeys.autoconfigure..")
			.check(admin);
	}

	@Test
	void pagesReachTheDatabaseThroughTheServicesOnly() {
		noClasses().should()
			.dependOnClassesThat(JavaClass.Predicates
				.resideInAnyPackage("jakarta.persistence..", "org.hibernate..", "org.springframework.jdbc..",
						"org.springframework.transaction..")
				// the name of a type is in an annotation
				.and(DescribedPredicate.not(JavaClass.Predicates.assignableTo(DiscriminatorValue.class))))
			.check(admin);
	}

	@Test
	void onlyOnePageGetsThePlaintext() {
		noClasses().that()
			.areNotAssignableTo(IssuedKeyPage.class)
			.should()
			.callMethod(CreatedApiKey.class, "token")
			.check(admin);
	}

	@Test
	void publicClassesAreFinalOrProperties() {
		classes().that()
			.arePublic()
			.and()
			.areNotInterfaces()
			.and()
			.areNotAnnotatedWith(ConfigurationProperties.class)
			.should()
			.haveModifier(JavaModifier.FINAL)
			.check(admin);
		noClasses().that().areRecords().should().bePublic().check(admin);
	}

	@Test
	void packagesAreNullMarked() {
		classes()
			.should(be(DescribedPredicate.describe("in a null-marked package",
					(type) -> type.getPackage().isAnnotatedWith(NullMarked.class))))
			.check(admin);
	}

}
