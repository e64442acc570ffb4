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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packaged sample application as a process of its own, and what can be seen of it
 * from outside.
 */
final class SampleProcess implements AutoCloseable {

	private static final Path JAR = Path.of("..", "sample-app", "target", "sample-app.jar");

	private static final Pattern THREAD = Pattern.compile("(?m)^\"([^\"]+)\" ");

	private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

	private static final int START_SECONDS = 300;

	private final Process process;

	private final int port;

	private final PollErrors pollErrors;

	private SampleProcess(Process process, int port, PollErrors pollErrors) {
		this.process = process;
		this.port = port;
		this.pollErrors = pollErrors;
	}

	static SampleProcess start(Path output, List<String> arguments) throws Exception {
		if (!Files.isRegularFile(JAR)) {
			throw new IllegalStateException(JAR.toAbsolutePath().normalize()
					+ " is missing: run 'mvn package -DskipTests -pl sample-app -am' first");
		}
		int port = freePort();
		int debugger = freePort();
		List<String> command = new ArrayList<>(List.of(tool("java"), "-Xmx256m", "-XX:+UseSerialGC",
				PollErrors.option(debugger), "-jar", JAR.toString(), "--server.port=" + port));
		command.addAll(arguments);
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
		Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
		for (int i = 0; i < START_SECONDS && process.isAlive(); i++) {
			Thread.sleep(1000);
			try (HttpConnection connection = new HttpConnection(port)) {
				if (connection.get("/api/public", null) == 200) {
					return new SampleProcess(process, port, new PollErrors(debugger));
				}
			}
			catch (IOException ex) {
				// not yet
			}
		}
		process.destroyForcibly();
		throw new IllegalStateException("It did not start:\n" + Files.readString(output));
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	int port() {
		return this.port;
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Returns the names of all threads, without their numbers.
	 */
	List<String> threads() throws Exception {
		return THREAD.matcher(jcmd("Thread.print"))
			.results()
			.map((thread) -> thread.group(1).replaceAll("[0-9]+", "N"))
			.toList();
	}

	/**
	 * Returns how many bytes are used after a full garbage collection.
	 */
	long liveBytes() throws Exception {
		Matcher total = TOTAL.matcher(jcmd("GC.class_histogram"));
		if (!total.find()) {
			throw new IllegalStateException("jcmd printed no total");
		}
		return Long.parseLong(total.group(1));
	}

	/**
	 * Returns the number of open files and sockets, -1 where it is not known.
	 */
	long openFiles() throws IOException {
		Path files = Path.of("/proc", String.valueOf(this.process.pid()), "fd");
		if (!Files.isDirectory(files)) {
			return -1;
		}
		try (var open = Files.list(files)) {
			return open.count();
		}
	}

	/**
	 * Lets the polls for changes end with an {@link Error} for a time.
	 */
	void failPolls(int millis) throws Exception {
		if (this.pollErrors.make(millis) == 0) {
			throw new IllegalStateException("Nobody asked what changed");
		}
	}

	void suspend() throws Exception {
		run("kill", "-STOP", String.valueOf(this.process.pid()));
	}

	void resume() throws Exception {
		run("kill", "-CONT", String.valueOf(this.process.pid()));
	}

	private String jcmd(String command) throws Exception {
		return run(tool("jcmd"), String.valueOf(this.process.pid()), command);
	}

	static String run(String... command) throws Exception {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (process.waitFor() != 0) {
			throw new IOException(String.join(" ", command) + ": " + output);
		}
		return output;
	}

	private static String tool(String name) {
		return Path.of(System.getProperty("java.home"), "bin", name).toString();
	}

	@Override
	public void close() throws Exception {
		this.pollErrors.close();
		this.process.destroy();
		if (!this.process.waitFor(60, TimeUnit.SECONDS)) {
			this.process.destroyForcibly();
		}
	}

}
