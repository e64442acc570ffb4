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

package io.github.apikeys.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.Timer;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.apikeys.core.support.Answers;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.Advisor;
import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.SpringAsmInfo;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.UrlResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.util.ClassUtils;

import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

class ArchitectureTests {

	private static final String AUTO_CONFIGURATIONS = "/META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports";

	private static final JavaClasses starter = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importUrl(ApiKeyAutoConfiguration.class.getProtectionDomain().getCodeSource().getLocation());

	/**
	 * What is checked is all that the module has.
	 */
	@Test
	void everyPackageIsChecked() {
		assertThat(starter).extracting(JavaClass::getPackageName)
			.contains("io.github.apikeys.autoconfigure", "io.github.apikeys.security", "io.github.apikeys.ratelimit");
	}

	@Test
	void packagesAreFreeOfTangles() {
		slices().matching("io.github.apikeys.(*)..").should().beFreeOfCycles().check(starter);
	}

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
			.check(starter);
	}

	@Test
	void mechanismWorksWithoutAutoConfiguration() {
		noClasses().that()
			.resideInAPackage("..security..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("io.github.apikeys.autoconfigure..", "org.springframework.boot..",
					"jakarta.persistence..", "org.hibernate..")
			.check(starter);
	}

	/**
	 * They are bound in every application, whatever is on its class path.
	 */
	@Test
	void propertiesKnowNothingThatAnApplicationMayLack() {
		noClasses().that()
			.haveNameMatching(".*\\.ApiKeyProperties(\\$.*)?")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("jakarta..", "javax..", "org.hibernate..", "org.flywaydb..",
					"org.springframework.data..", "org.springframework.jdbc..", "org.springframework.boot.jdbc..",
					"org.springframework.boot.sql..", "org.springframework.web..")
			.check(starter);
	}

	/**
	 * Chains and mappings are code of the application, which may throw. A reference goes
	 * to {@link Answers}; what calls directly is called by it.
	 */
	@Test
	void checksAskTheApplicationThroughAnswers() {
		DescribedPredicate<JavaMethodCall> asks = DescribedPredicate.describe("asks a chain or a mapping",
				(call) -> Set.of("getFilters", "getFilterChains", "getWebFilters", "getHandlerMethods", "getHandlerMap")
					.contains(call.getTarget().getName()) && call.getTarget().getOwner().getName().startsWith("org."));
		noClasses().that()
			.doNotHaveFullyQualifiedName(ServletHandlers.class.getName())
			.and()
			.doNotHaveFullyQualifiedName(ReactiveHandlers.class.getName())
			.and()
			.haveNameNotMatching(Pattern.quote(RegisteredHandlers.class.getName()) + "\\$.*")
			.should()
			.callMethodWhere(asks)
			.check(starter);
	}

	/**
	 * A native image knows the types that the constants name.
	 */
	@Test
	void typesThatAnApplicationMayLackAreConstants() {
		noClasses().that()
			.resideInAPackage("..autoconfigure..")
			.and()
			.doNotHaveFullyQualifiedName(OptionalType.class.getName())
			.should()
			.callMethodWhere(DescribedPredicate.describe("looks for a type by its name",
					(call) -> Set.of("isPresent", "forName", "resolveClassName", "loadClass")
						.contains(call.getTarget().getName())
							&& Set.of(ClassUtils.class.getName(), Class.class.getName(), ClassLoader.class.getName())
								.contains(call.getTarget().getOwner().getName())))
			.check(starter);
	}

	/**
	 * The application may have a strategy of its own.
	 */
	@Test
	void callersAreFoundByTheStrategyOfTheApplication() {
		noClasses().should()
			.callMethod(SecurityContextHolder.class, "getContext")
			.orShould()
			.callMethod(SecurityContextHolder.class, "setContext", SecurityContext.class)
			.orShould()
			.callMethod(SecurityContextHolder.class, "clearContext")
			.check(starter);
	}

	@Test
	void nothingKnowsTheAdminPages() {
		noClasses().should().dependOnClassesThat().resideInAPackage("io.github.apikeys.admin..").check(starter);
	}

	@Test
	void autoConfigurationsArePublicAndFinalWithoutPublicMembers() {
		classes().that()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.bePublic()
			.andShould()
			.haveModifier(JavaModifier.FINAL)
			.check(starter);
		noMethods().that()
			.areDeclaredInClassesThat()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.bePublic()
			.check(starter);
	}

	@Test
	void beanMethodsArePackagePrivate() {
		methods().that().areAnnotatedWith(Bean.class).should().bePackagePrivate().check(starter);
	}

	@Test
	void beansHaveNamesThatNoApplicationHas() {
		for (JavaClass type : starter) {
			for (JavaMethod method : type.getMethods()) {
				if (method.isAnnotatedWith(Bean.class)) {
					assertThat(method.getAnnotationOfType(Bean.class).value()).as(method.getFullName())
						.containsExactly("io.github.apikeys." + method.getName());
				}
			}
		}
	}

	@Test
	void beansThatAreCreatedEarlyComeFromStaticMethods() {
		DescribedPredicate<JavaClass> early = JavaClass.Predicates.assignableTo(BeanFactoryPostProcessor.class)
			.or(JavaClass.Predicates.assignableTo(Advisor.class));
		methods().that().areAnnotatedWith(Bean.class).and().haveRawReturnType(early).should().beStatic().check(starter);
	}

	@Test
	void publicTypesAreNoRecords() {
		noClasses().that().areRecords().should().bePublic().check(starter);
	}

	@Test
	void packagesAreNullMarked() {
		classes()
			.should(be(DescribedPredicate.describe("in a null-marked package",
					(type) -> type.getPackage().isAnnotatedWith(NullMarked.class))))
			.check(starter);
	}

	@Test
	void everyAutoConfigurationIsListed() throws IOException {
		TreeSet<String> declared = new TreeSet<>();
		starter.stream()
			.filter((type) -> type.isAnnotatedWith(AutoConfiguration.class))
			.forEach((type) -> declared.add(type.getName()));
		assertThat(lines(AUTO_CONFIGURATIONS)).containsExactlyElementsOf(declared);
	}

	@Test
	void everyFailureAnalyzerIsListed() throws IOException {
		List<String> declared = starter.stream()
			.filter((type) -> type.isAssignableTo(FailureAnalyzer.class))
			.map(JavaClass::getName)
			.sorted()
			.toList();
		Properties factories = PropertiesLoaderUtils.loadProperties(
				new UrlResource(ApiKeyAutoConfiguration.class.getProtectionDomain().getCodeSource().getLocation()
						+ "META-INF/spring.factories"));
		assertThat(factories.getProperty(FailureAnalyzer.class.getName()).split(","))
			.containsExactlyElementsOf(declared);
	}

	/**
	 * What is only named, since it need not be there, is not renamed by a compiler.
	 */
	@Test
	void typesOfOursThatAreNamedExist() throws IOException {
		Set<String> named = new TreeSet<>();
		for (JavaClass type : starter) {
			try (InputStream in = type.getSource().orElseThrow().getUri().toURL().openStream()) {
				new ClassReader(in).accept(new NamedTypes(named), ClassReader.SKIP_DEBUG);
			}
		}
		assertThat(named).hasSizeGreaterThan(8)
			.allSatisfy((type) -> assertThat(ClassUtils.isPresent(type, getClass().getClassLoader())).isTrue());
	}

	private static final class NamedTypes extends ClassVisitor {

		private static final Pattern NAME = Pattern.compile("io\\.github\\.apikeys\\.([a-z]+\\.)+[A-Z][\\w$]*");

		private final Set<String> named;

		NamedTypes(Set<String> named) {
			super(SpringAsmInfo.ASM_VERSION);
			this.named = named;
		}

		@Override
		public MethodVisitor visitMethod(int access, String name, String descriptor, String signature,
				String[] exceptions) {
			return new MethodVisitor(SpringAsmInfo.ASM_VERSION) {

				@Override
				public void visitLdcInsn(Object value) {
					if (value instanceof String text && NAME.matcher(text).matches()) {
						NamedTypes.this.named.add(text);
					}
				}

			};
		}

	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest",
			"org.springframework.boot.data.jpa.test.autoconfigure.AutoConfigureDataJpa" })
	void slicesListAutoConfigurationsOfSlicesThatExist(String slice) throws Exception {
		assertThat(Class.forName(slice)).isAnnotation();
		assertThat(lines(AUTO_CONFIGURATIONS)).containsAll(lines("/META-INF/spring/" + slice + ".imports"));
	}

	@Test
	void everyPropertyIsDescribed() throws IOException {
		String metadata = String.join("\n", lines("/META-INF/spring-configuration-metadata.json"));
		String properties = metadata.substring(metadata.indexOf("\"properties\""), metadata.indexOf("\"hints\""));
		List<String> entries = Arrays.stream(properties.split("\\{")).skip(1).toList();
		assertThat(entries).hasSizeGreaterThan(12)
			.allSatisfy((entry) -> assertThat(entry).contains("\"description\"")
				.containsAnyOf("\"name\": \"api-key.", "\"name\": \"management.endpoint.apikeys.",
						"\"name\": \"management.health.api-keys."));
	}

	private List<String> lines(String resource) throws IOException {
		try (InputStream in = getClass().getResourceAsStream(resource)) {
			return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
		}
	}

}
