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

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.apikeys.core.support.Causes;
import org.junit.jupiter.api.Test;

import org.springframework.core.NestedExceptionUtils;
import org.springframework.security.web.util.ThrowableAnalyzer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/**
 * What has to be right everywhere is done in one place of all modules.
 */
class OnePlaceTests {

	private static final JavaClasses modules = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages("io.github.apikeys");

	private static final DescribedPredicate<JavaCall<?>> asksForACause = DescribedPredicate.describe(
			"ask an exception for its cause",
			(call) -> call.getName().equals("getCause") && call.getTargetOwner().isAssignableTo(Throwable.class));

	/**
	 * A walk along causes of somebody else's exception has to end.
	 */
	@Test
	void causesAreWalkedInOnePlace() {
		noClasses().that()
			.doNotHaveFullyQualifiedName(Causes.class.getName())
			.should()
			.callCodeUnitWhere(asksForACause)
			.orShould()
			.dependOnClassesThat()
			.haveFullyQualifiedName(NestedExceptionUtils.class.getName())
			.orShould()
			.dependOnClassesThat()
			.haveFullyQualifiedName(ThrowableAnalyzer.class.getName())
			.check(modules);
	}

}
