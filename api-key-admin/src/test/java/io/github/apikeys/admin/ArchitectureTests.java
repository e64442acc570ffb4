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
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.Timer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import io.github.apikeys.core.CreatedApiKey;
import jakarta.persistence.DiscriminatorValue;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.UrlResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;

import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

class ArchitectureTests {

	private static final JavaClasses admin = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importUrl(ApiKeyAdminAutoConfiguration.class.getProtectionDomain().getCodeSource().getLocation());

	/**
	 * A thread inherits what is bound to the one that starts it, such as the user and the
	 * tenant of a request, unless somebody says otherwise.
	 */
	@Test
	void noThreadIsStartedHere() {
		noClasses().should()
			.callConstructorWhere(JavaAccess.Predicates.targetOwner(JavaClass.Predicates.assignableTo(Thread.class)
				.or(JavaClass.Predicates.assignableTo(ExecutorService.class))))
			.orShould()
			.dependOnClassesThat()
			.belongToAnyOf(Executors.class, Timer.class)
			.check(admin);
	}

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
	void beansHaveNamesThatNoApplicationHas() {
		for (JavaClass type : admin) {
			for (JavaMethod method : type.getMethods()) {
				if (method.isAnnotatedWith(Bean.class)) {
					assertThat(method.getAnnotationOfType(Bean.class).value()).as(method.getFullName())
						.containsExactly("io.github.apikeys." + method.getName());
				}
			}
		}
	}

	/**
	 * However a request gets to a handler, the handler decides.
	 */
	@Test
	void everyHandlerPassesTheGuardFirst() {
		methods().that()
			.areMetaAnnotatedWith(RequestMapping.class)
			.should(beginWithACallTo("enter", "enterToChange"))
			.check(admin);
		methods().that()
			.areMetaAnnotatedWith(RequestMapping.class)
			.and()
			.areNotAnnotatedWith(GetMapping.class)
			.should(beginWithACallTo("enterToChange"))
			.check(admin);
	}

	@Test
	void everyControllerIsKnownToTheGuard() {
		classes().that()
			.areAnnotatedWith(Controller.class)
			.should(be(DescribedPredicate.describe("known to the guard",
					(type) -> AdminHandlerGuard.HANDLERS.contains(type.reflect()))))
			.check(admin);
	}

	private static ArchCondition<JavaMethod> beginWithACallTo(String... names) {
		return be(DescribedPredicate.describe("begin with a call to " + List.of(names), (method) -> {
			JavaMethodCall first = method.getMethodCallsFromSelf()
				.stream()
				.min(Comparator.comparingInt(JavaMethodCall::getLineNumber))
				.orElse(null);
			return first != null && first.getTargetOwner().isEquivalentTo(AdminHandlerGuard.class)
					&& List.of(names).contains(first.getName());
		}));
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
	void everyFailureAnalyzerIsListed() throws IOException {
		List<String> declared = admin.stream()
			.filter((type) -> type.isAssignableTo(FailureAnalyzer.class))
			.map(JavaClass::getName)
			.sorted()
			.toList();
		Properties factories = PropertiesLoaderUtils.loadProperties(
				new UrlResource(ApiKeyAdminAutoConfiguration.class.getProtectionDomain().getCodeSource().getLocation()
						+ "META-INF/spring.factories"));
		assertThat(factories.getProperty(FailureAnalyzer.class.getName()).split(","))
			.containsExactlyElementsOf(declared);
	}

	@Test
	void packagesAreNullMarked() {
		classes()
			.should(be(DescribedPredicate.describe("in a null-marked package",
					(type) -> type.getPackage().isAnnotatedWith(NullMarked.class))))
			.check(admin);
	}

}
