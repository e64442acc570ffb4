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

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import jakarta.persistence.Entity;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

import org.springframework.data.repository.Repository;
import org.springframework.stereotype.Component;

import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

class ArchitectureTests {

	private static final JavaClasses core = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages("io.github.apikeys.core");

	private static final DescribedPredicate<JavaClass> DATABASE = JavaClass.Predicates
		.resideInAnyPackage("jakarta.persistence..", "jakarta.transaction..", "org.hibernate..",
				"org.springframework.data.jpa..", "org.springframework.orm..", "org.springframework.dao..",
				"org.springframework.transaction..")
		.or(JavaClass.Predicates.belongToAnyOf(ApiKeyStore.class, ApiKeyTable.class, CallerTransaction.class,
				ChangeTransactions.class, Detached.class, JpaApiKeyRepository.class, JpaApiKeyService.class,
				JpaVerificationSource.class, KeyChanges.class, KeyGuard.class, KeyHistory.class, KeyReader.class,
				KeyRemoval.class, OwnTransactions.class, OwnerStore.class, Quotas.class, TenantRouting.class,
				UsageStore.class));

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

	/**
	 * Whoever finds keys elsewhere can verify them all the same.
	 */
	@Test
	void verificationKnowsNoDatabase() {
		noClasses().that()
			.belongToAnyOf(ApiKeyVerifier.class, VerificationCache.class, VerificationSource.class,
					VerificationStatistics.class, ChangePoller.class, HashUpgrader.class, SlowComparisons.class,
					LoadedApiKey.class, StoredApiKey.class, RecentChanges.class, Moment.class, UsageRecorder.class,
					UsageSink.class, UsageCount.class)
			.should()
			.dependOnClassesThat(DATABASE)
			.orShould()
			.dependOnClassesThat()
			.resideInAPackage("org.springframework.data..")
			.check(core);
	}

	/**
	 * What becomes of a key is the same in every store.
	 */
	@Test
	void commandsKnowNoDatabase() {
		noClasses().that()
			.belongToAnyOf(DefaultApiKeyService.class, ApiKeyRepository.class, KeyPurge.class, KeyImports.class,
					IssuanceRules.class)
			.should()
			.dependOnClassesThat(DATABASE)
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
