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

package io.github.apikeys.security;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Compiles classes of packages that nobody would write a test in, or too many to write.
 */
public final class SourceCompiler {

	private final Map<String, String> sources = new HashMap<>();

	/**
	 * Adds a class.
	 * @param name the fully qualified name
	 * @param body what follows the package and the imports that such classes need
	 * @return this compiler
	 */
	public SourceCompiler add(String name, String body) {
		this.sources.put(name, """
				package %s;
				import io.github.apikeys.security.HasApiKey;
				import org.springframework.web.bind.annotation.*;
				%s
				""".formatted(name.substring(0, name.lastIndexOf('.')), body));
		return this;
	}

	/**
	 * Compiles what was added.
	 * @param missing classes that are not there when the others are loaded
	 * @return a loader of the classes
	 */
	public ClassLoader compile(String... missing) {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
		Map<String, ByteArrayOutputStream> classes = new HashMap<>();
		JavaFileManager files = new InMemoryFiles(compiler.getStandardFileManager(diagnostics, null, null), classes);
		List<SourceFile> units = this.sources.entrySet().stream().map(SourceFile::new).toList();
		List<String> options = List.of("-proc:none", "-parameters", "-classpath",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
		if (!compiler.getTask(null, files, diagnostics, options, null, units).call()) {
			throw new IllegalStateException(diagnostics.getDiagnostics().toString());
		}
		classes.keySet().removeAll(List.of(missing));
		return new InMemoryLoader(classes);
	}

	private static final class SourceFile extends SimpleJavaFileObject {

		private final String source;

		SourceFile(Map.Entry<String, String> source) {
			super(URI.create("string:///" + source.getKey().replace('.', '/') + ".java"), Kind.SOURCE);
			this.source = source.getValue();
		}

		@Override
		public CharSequence getCharContent(boolean ignoreEncodingErrors) {
			return this.source;
		}

	}

	private static final class InMemoryFiles extends ForwardingJavaFileManager<StandardJavaFileManager> {

		private final Map<String, ByteArrayOutputStream> classes;

		InMemoryFiles(StandardJavaFileManager files, Map<String, ByteArrayOutputStream> classes) {
			super(files);
			this.classes = classes;
		}

		@Override
		public JavaFileObject getJavaFileForOutput(Location location, String className, JavaFileObject.Kind kind,
				FileObject sibling) {
			return new SimpleJavaFileObject(URI.create("mem:///" + className.replace('.', '/') + ".class"), kind) {

				@Override
				public OutputStream openOutputStream() {
					ByteArrayOutputStream bytes = new ByteArrayOutputStream();
					InMemoryFiles.this.classes.put(className, bytes);
					return bytes;
				}

			};
		}

	}

	private static final class InMemoryLoader extends ClassLoader {

		private final Map<String, ByteArrayOutputStream> classes;

		InMemoryLoader(Map<String, ByteArrayOutputStream> classes) {
			super(SourceCompiler.class.getClassLoader());
			this.classes = classes;
		}

		@Override
		public InputStream getResourceAsStream(String name) {
			ByteArrayOutputStream bytes = name.endsWith(".class")
					? this.classes.get(name.substring(0, name.length() - ".class".length()).replace('/', '.')) : null;
			return (bytes != null) ? new ByteArrayInputStream(bytes.toByteArray()) : super.getResourceAsStream(name);
		}

		@Override
		protected Class<?> findClass(String name) throws ClassNotFoundException {
			ByteArrayOutputStream bytes = this.classes.get(name);
			if (bytes == null) {
				throw new ClassNotFoundException(name);
			}
			return defineClass(name, bytes.toByteArray(), 0, bytes.size());
		}

	}

}
