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

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

import org.springframework.util.FileSystemUtils;

/**
 * A MariaDB server from the operating system's packages, on loopback, for one test class.
 */
final class MariaDbServer implements AutoCloseable {

	private final Path directory;

	private final Process process;

	private final String url;

	private MariaDbServer(Path directory, Process process, String url) {
		this.directory = directory;
		this.process = process;
		this.url = url;
	}

	static boolean isInstalled() {
		return find("mariadbd") != null && find("mariadb-install-db") != null;
	}

	static MariaDbServer start() throws Exception {
		Path directory = Files.createTempDirectory("mariadb");
		Path data = directory.resolve("data");
		List<String> install = command("mariadb-install-db", data);
		install.add("--auth-root-authentication-method=normal");
		Process installation = run(directory, install);
		if (!installation.waitFor(60, TimeUnit.SECONDS) || installation.exitValue() != 0) {
			throw new IllegalStateException("mariadb-install-db failed, see " + directory);
		}
		int port = freePort();
		List<String> server = command("mariadbd", data);
		server.addAll(List.of("--port=" + port, "--bind-address=127.0.0.1", "--socket=" + directory.resolve("socket"),
				"--innodb-flush-log-at-trx-commit=0"));
		Process process = run(directory, server);
		// also where the tests are stopped half way
		Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
		String root = "jdbc:mariadb://127.0.0.1:" + port + "/";
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.ignoreExceptions()
			.until(() -> execute(root, "create database keys_test"));
		return new MariaDbServer(directory, process, root + "keys_test");
	}

	String url() {
		return this.url;
	}

	@Override
	public void close() throws Exception {
		this.process.destroy();
		this.process.waitFor(30, TimeUnit.SECONDS);
		FileSystemUtils.deleteRecursively(this.directory);
	}

	private static List<String> command(String program, Path data) {
		List<String> command = new ArrayList<>(
				List.of(String.valueOf(find(program)), "--no-defaults", "--datadir=" + data));
		if ("root".equals(System.getProperty("user.name"))) {
			command.add("--user=root");
		}
		return command;
	}

	private static Process run(Path directory, List<String> command) throws IOException {
		return new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
			.start();
	}

	private static boolean execute(String url, String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection(url, "root", "")) {
			connection.createStatement().execute(sql);
			return true;
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	private static Path find(String program) {
		return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
			.map((directory) -> Path.of(directory, program))
			.filter(Files::isExecutable)
			.findFirst()
			.orElse(null);
	}

}
