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

package io.github.apikeys.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An application in a virtual machine of its own, which ends with this one.
 */
final class JavaProcess implements AutoCloseable {

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private static final Pattern STARTED = Pattern
		.compile("Started \\S+ in \\S+ seconds \\(process running for (\\S+)\\)");

	private final Process process;

	private final Path log;

	private JavaProcess(Process process, Path log) {
		this.process = process;
		this.log = log;
	}

	static JavaProcess start(String classPath, List<String> jvmOptions, Class<?> main, String... arguments)
			throws Exception {
		Path log = Files.createTempFile("benchmark", ".log");
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(jvmOptions);
		command.addAll(List.of("-cp", classPath, main.getName()));
		command.addAll(List.of(arguments));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
		JavaProcess started = new JavaProcess(process, log);
		for (int i = 0; i < 1200 && process.isAlive(); i++) {
			if (STARTED.matcher(started.log()).find()) {
				return started;
			}
			Thread.sleep(100);
		}
		process.destroyForcibly();
		throw new IllegalStateException("It did not start:\n" + started.log());
	}

	String log() throws IOException {
		return Files.readString(this.log);
	}

	int port() throws IOException {
		return Integer.parseInt(find(PORT));
	}

	double secondsToStart() throws IOException {
		return Double.parseDouble(find(STARTED));
	}

	String find(Pattern pattern) throws IOException {
		Matcher matcher = pattern.matcher(log());
		if (!matcher.find()) {
			throw new IllegalStateException("There is no '" + pattern + "' in:\n" + log());
		}
		return matcher.group(1);
	}

	@Override
	public void close() throws Exception {
		this.process.destroy();
		if (!this.process.waitFor(30, TimeUnit.SECONDS)) {
			this.process.destroyForcibly();
		}
		Files.delete(this.log);
	}

}
