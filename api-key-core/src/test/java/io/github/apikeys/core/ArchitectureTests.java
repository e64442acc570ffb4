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

package io.github.apikeys.core;

import java.util.Timer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.jpa.ApiKeyEntityNotManagedException;
import io.github.apikeys.core.jpa.JpaApiKeyReports;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.jpa.UuidColumnContributor;
import io.github.apikeys.core.support.BackgroundThreads;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

import org.springframework.data.repository.Repository;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;

import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

class ArchitectureTests {

	private static final JavaClasses core = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importUrl(ApiKey.class.getProtectionDomain().getCodeSource().getLocation());

	private static final String[] DATABASE = { "jakarta.transaction..", "org.hibernate.query..", "java.sql..",
			"javax.sql..", "org.springframework.orm..", "org.springframework.dao..", "org.springframework.jdbc..",
			"org.springframework.transaction.." };

	@Test
	void packagesAreFreeOfTangles() {
		slices().matching("io.github.apikeys.(**)").should().beFreeOfCycles().check(core);
	}

	@Test
	void coreKnowsNoWebAndNoAutoConfiguration() {
		noClasses().should()
			.dependOnClassesThat()
			.resideInAnyPackage("jakarta.servlet..", "org.springframework.web..", "org.springframework.boot..",
					"org.springframework.security.web..", "org.springframework.security.config..", "org.flywaydb..")
			.check(core);
	}

	@Test
	void tokensAndHashesKnowNoDatabase() {
		noClasses().that()
			.resideInAnyPackage("..token..", "..hash..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("jakarta.persistence..", "org.hibernate..", "org.springframework.data..",
					"org.springframework.transaction..")
			.check(core);
	}

	@Test
	void supportKnowsNothingOfKeys() {
		classes().that()
			.resideInAPackage("..core.support..")
			.should()
			.onlyDependOnClassesThat()
			.resideInAnyPackage("..core.support..", "java..", "com.github.benmanes.caffeine..",
					"org.apache.commons.logging..", "org.jspecify..", "org.springframework.util..")
			.check(core);
	}

	/**
	 * Whoever finds keys elsewhere can verify them all the same.
	 */
	@Test
	void verificationKnowsNoStore() {
		noClasses().that()
			.resideInAPackage("..core.verification..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage(DATABASE)
			.orShould()
			.dependOnClassesThat()
			.resideInAnyPackage("jakarta.persistence..", "org.hibernate..", "org.springframework.data..",
					"..core.jpa..")
			.check(core);
	}

	/**
	 * What becomes of a key is the same in every store, and its words serve them all.
	 */
	@Test
	void wordsAndCommandsKnowNeitherVerificationNorStore() {
		noClasses().that()
			.resideInAPackage("io.github.apikeys.core")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("..core.verification..", "..core.jpa..", "..core.support..")
			.check(core);
	}

	/**
	 * A statement that flushes looks at all that the caller has loaded. Usage is written
	 * in transactions of its own, in which nothing is.
	 */
	@Test
	void statementsOfChangesDoNotFlush() {
		noClasses().that()
			.resideInAPackage("..core.jpa..")
			.and()
			.doNotHaveSimpleName("Statements")
			.and()
			.doNotHaveSimpleName("UsageStore")
			.should()
			.callMethod(EntityManager.class, "createQuery", String.class)
			.orShould()
			.callMethod(EntityManager.class, "createNativeQuery", String.class)
			.check(core);
	}

	/**
	 * The entities say how they are mapped, and the types of keys are those of a
	 * persistence unit. Statements are made elsewhere.
	 */
	@Test
	void onlyTheStoreMakesStatements() {
		noClasses().that()
			.resideOutsideOfPackages("..core.jpa..", "..core.migration..")
			.should()
			.dependOnClassesThat(JavaClass.Predicates.resideInAnyPackage(DATABASE)
				.or(JavaClass.Predicates.assignableTo(EntityManager.class)))
			.check(core);
	}

	/**
	 * A store is put together by its public classes, and Hibernate finds another;
	 * everything else may change.
	 */
	@Test
	void theStoreIsClosed() {
		classes().that()
			.resideInAPackage("..core.jpa..")
			.and()
			.doNotBelongToAnyOf(JpaApiKeyService.class, JpaApiKeyReports.class, ApiKeyEntityNotManagedException.class,
					UuidColumnContributor.class)
			.should()
			.notBePublic()
			.check(core);
	}

	/**
	 * The package is added to what applications scan.
	 */
	@Test
	void scanningFindsNothingButTheEntity() {
		noClasses().should()
			.beMetaAnnotatedWith(Component.class)
			.orShould()
			.beAssignableTo(Repository.class)
			.check(core);
	}

	/**
	 * The threads of a service that nobody closes go on while other tests run.
	 */
	@Test
	void servicesOfTestsEndWithTheirPersistenceUnit() {
		noClasses().that()
			.doNotHaveSimpleName("PersistenceUnit")
			.should()
			.callConstructor(JpaApiKeyService.class, EntityManagerFactory.class, PlatformTransactionManager.class,
					ApiKeyTokenFormats.class, ApiKeyHashers.class)
			.check(new ClassFileImporter()
				.importUrl(ArchitectureTests.class.getProtectionDomain().getCodeSource().getLocation()));
	}

	/**
	 * A thread inherits what is bound to the one that starts it, such as the user and the
	 * tenant of a request, unless somebody says otherwise.
	 */
	@Test
	void threadsAreStartedAtOnePlace() {
		noClasses().that()
			.doNotBelongToAnyOf(BackgroundThreads.class)
			.should()
			.callConstructorWhere(JavaAccess.Predicates.targetOwner(JavaClass.Predicates.assignableTo(Thread.class)
				.or(JavaClass.Predicates.assignableTo(ExecutorService.class))))
			.orShould()
			.dependOnClassesThat()
			.belongToAnyOf(Executors.class, Timer.class)
			.check(core);
	}

	@Test
	void publicTypesAreNoRecords() {
		noClasses().that().areRecords().should().bePublic().check(core);
	}

	@Test
	void publicClassesAreFinalUnlessTheyAreMadeToBeExtended() {
		classes().that()
			.arePublic()
			.and()
			.areNotInterfaces()
			.and()
			.areNotEnums()
			.and()
			.areNotAnnotatedWith(Entity.class)
			.and()
			.areNotAssignableFrom(JpaApiKeyService.class)
			.and()
			.areNotAssignableFrom(BackgroundThreads.class)
			.and()
			.areNotAssignableFrom(ApiKeyRotationException.class)
			.should()
			.haveModifier(JavaModifier.FINAL)
			.check(core);
	}

	@Test
	void packagesAreNullMarked() {
		classes()
			.should(be(DescribedPredicate.describe("in a null-marked package",
					(type) -> type.getPackage().isAnnotatedWith(NullMarked.class))))
			.check(core);
	}

}
