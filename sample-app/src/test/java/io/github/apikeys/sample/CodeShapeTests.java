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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.test.contract.ApiKeyRepositoryContract;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A class has a size that a reader can keep in mind: in lines, in arguments, and in other
 * classes.
 */
class CodeShapeTests {

	private static final int MAX_LINES = 300;

	private static final int MAX_PARAMETERS = 5;

	private static final int MAX_TYPES = 25;

	private static final String CORE = "io.github.apikeys.core";

	private static final List<String> MODULES = List.of("api-key-core", "api-key-spring-boot-starter", "api-key-admin",
			"api-key-test");

	private static final List<String> COMMENTS = List.of("/*", "*", "//");

	private static final JavaClasses modules = new ClassFileImporter()
		.withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages("io.github.apikeys");

	/**
	 * Lines without blank ones, comments and imports; a nested type is a type of its own.
	 * An entity has a field, a mapping and a getter for each of its columns.
	 */
	@Test
	void classHasNoMoreThan300Lines() throws IOException {
		assertThat(linesOfTypes()).filteredOn((type) -> type.lines() > MAX_LINES)
			.extracting(SourceType::name)
			.containsExactlyInAnyOrder(ApiKey.class.getSimpleName(), ApiKeyRepositoryContract.class.getSimpleName());
	}

	private static List<SourceType> linesOfTypes() throws IOException {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		List<SourceType> types = new ArrayList<>();
		try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
			JavacTask task = (JavacTask) compiler.getTask(null, files, null, List.of("-proc:none"), null,
					files.getJavaFileObjectsFromPaths(sources()));
			SourcePositions positions = Trees.instance(task).getSourcePositions();
			for (CompilationUnitTree unit : task.parse()) {
				BitSet code = linesOfCode(unit.getSourceFile().getCharContent(true).toString());
				unit.accept(new TypeScanner(unit, positions, code, types), null);
			}
		}
		return types;
	}

	private static List<Path> sources() throws IOException {
		List<Path> sources = new ArrayList<>();
		for (String module : MODULES) {
			try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
				files.filter((file) -> file.toString().endsWith(".java")).forEach(sources::add);
			}
		}
		return sources;
	}

	private static BitSet linesOfCode(String source) {
		BitSet code = new BitSet();
		int number = 1;
		for (String line : source.lines().map(String::strip).toList()) {
			code.set(number++, !line.isEmpty() && COMMENTS.stream().noneMatch(line::startsWith));
		}
		return code;
	}

	/**
	 * Apart from records, beans, and methods that a library declares.
	 */
	@Test
	void codeUnitHasNoMoreThanFiveParameters() {
		Set<String> found = modules.stream()
			.flatMap((type) -> type.getCodeUnits().stream())
			.filter((unit) -> unit.getRawParameterTypes().size() > MAX_PARAMETERS)
			.filter(CodeShapeTests::isOfOurChoice)
			.map((unit) -> unit.getOwner().getName() + "." + unit.getName())
			.collect(Collectors.toCollection(TreeSet::new));
		assertThat(found).containsExactly(ApiKeyPrincipal.class.getName() + ".<init>");
	}

	private static boolean isOfOurChoice(JavaCodeUnit unit) {
		JavaClass owner = unit.getOwner();
		if (unit.getModifiers().contains(JavaModifier.SYNTHETIC) || unit.isAnnotatedWith(Bean.class)) {
			return false;
		}
		if (unit instanceof JavaConstructor) {
			return !owner.isRecord() && !owner.isEnum() && !owner.isAnonymousClass() && !owner.isLocalClass();
		}
		return !(unit instanceof JavaMethod method) || !isInherited(method);
	}

	private static boolean isInherited(JavaMethod method) {
		return Stream
			.concat(method.getOwner().getAllRawSuperclasses().stream(),
					method.getOwner().getAllRawInterfaces().stream())
			.filter((type) -> !type.getPackageName().startsWith("io.github.apikeys"))
			.flatMap((type) -> type.getMethods().stream())
			.anyMatch((other) -> other.getName().equals(method.getName())
					&& other.getRawParameterTypes().size() == method.getRawParameterTypes().size());
	}

	/**
	 * With its nested types.
	 */
	@Test
	void classOfCoreUsesNoMoreThan25OthersOfCore() {
		Map<String, Set<String>> used = new TreeMap<>();
		modules.stream()
			.filter(CodeShapeTests::isOfCore)
			.forEach((type) -> type.getDirectDependenciesFromSelf()
				.stream()
				.map((dependency) -> dependency.getTargetClass().getBaseComponentType())
				.filter((target) -> isOfCore(target) && !outermost(target).equals(outermost(type)))
				.forEach((target) -> used.computeIfAbsent(outermost(type), (name) -> new TreeSet<>())
					.add(outermost(target))));
		assertThat(used).isNotEmpty();
		used.values().removeIf((others) -> others.size() <= MAX_TYPES);
		assertThat(used).isEmpty();
	}

	private static boolean isOfCore(JavaClass type) {
		return (type.getPackageName() + ".").startsWith(CORE + ".");
	}

	private static String outermost(JavaClass type) {
		return type.getName().replaceFirst("\\$.*", "");
	}

	private record SourceType(String name, int lines) {

	}

	/**
	 * Counts the lines of the types in a source file.
	 */
	private static final class TypeScanner extends TreeScanner<Void, Void> {

		private final CompilationUnitTree unit;

		private final SourcePositions positions;

		private final BitSet code;

		private final List<SourceType> types;

		TypeScanner(CompilationUnitTree unit, SourcePositions positions, BitSet code, List<SourceType> types) {
			this.unit = unit;
			this.positions = positions;
			this.code = code;
			this.types = types;
		}

		/**
		 * The lines of nested types are gone when those of the outer one are counted.
		 */
		@Override
		public Void visitClass(ClassTree type, Void nothing) {
			super.visitClass(type, nothing);
			if (!type.getSimpleName().isEmpty()) {
				int start = line(this.positions.getStartPosition(this.unit, type));
				int end = line(this.positions.getEndPosition(this.unit, type)) + 1;
				this.types
					.add(new SourceType(type.getSimpleName().toString(), this.code.get(start, end).cardinality()));
				this.code.clear(start, end);
			}
			return null;
		}

		private int line(long position) {
			return (int) this.unit.getLineMap().getLineNumber(position);
		}

	}

}
