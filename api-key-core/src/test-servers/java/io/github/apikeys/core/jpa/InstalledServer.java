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

package io.github.apikeys.core.jpa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

import org.springframework.util.FileSystemUtils;

/**
 * A server of the operating system's packages, on loopback, one for all test classes of a
 * JVM. Tests of other modules are compiled with it, too.
 */
public enum InstalledServer {

	MARIADB("mariadb", "mariadbd", List.of("mariadb-install-db", "--auth-root-authentication-method=normal"),
			List.of()),

	MYSQL("mysql", "mysqld", List.of("mysqld", "--initialize-insecure"),
			List.of("--mysqlx=OFF", "--disable-log-bin", "--secure-file-priv=NULL"));

	// another program may take a port that was free
	private static final int MAX_ATTEMPTS = 10;

	private final String protocol;

	private final String program;

	private final List<String> installation;

	private final List<String> options;

	private final AtomicInteger databases = new AtomicInteger();

	private String url;

	InstalledServer(String protocol, String program, List<String> installation, List<String> options) {
		this.protocol = protocol;
		this.program = program;
		this.installation = installation;
		this.options = options;
	}

	public static boolean hasMariaDb() {
		return find("mariadbd") != null && find("mariadb-install-db") != null;
	}

	/**
	 * Only where MySQL itself is put: elsewhere the program may be MariaDB's, or locked
	 * into the folders of the system's server.
	 */
	public static boolean hasMySql() {
		return Files.isExecutable(Path.of("/usr/local/mysql/bin/mysqld"));
	}

	/**
	 * Creates an empty database.
	 * @return the URL, for the user {@code root} without a password
	 */
	public synchronized String createDatabase() throws Exception {
		if (this.url == null) {
			this.url = start();
		}
		String name = "keys_" + this.databases.incrementAndGet();
		execute(this.url, "create database " + name);
		return this.url + name;
	}

	private String start() throws Exception {
		Path directory = Files.createTempDirectory(this.protocol);
		Process installation = run(directory, this.installation);
		if (!installation.waitFor(120, TimeUnit.SECONDS) || installation.exitValue() != 0) {
			throw new IllegalStateException(this.installation + " failed, see " + directory);
		}
		for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
			int port = freePort();
			Process process = run(directory, command(directory, port));
			// also where the tests are stopped half way
			Thread hook = new Thread(() -> stop(process, directory));
			Runtime.getRuntime().addShutdownHook(hook);
			String root = "jdbc:" + this.protocol + "://127.0.0.1:" + port + "/";
			Awaitility.await().until(() -> !process.isAlive() || isAnswered(root, directory));
			if (process.isAlive()) {
				return root;
			}
			Runtime.getRuntime().removeShutdownHook(hook);
		}
		throw new IllegalStateException(this.program + " does not start, see " + directory);
	}

	private List<String> command(Path directory, int port) {
		List<String> command = new ArrayList<>(List.of(this.program, "--port=" + port, "--bind-address=127.0.0.1",
				"--socket=" + directory.resolve("socket"), "--innodb-flush-log-at-trx-commit=0"));
		command.addAll(this.options);
		return command;
	}

	/**
	 * Returns whether it is the server of the directory that answers, and not one that
	 * was faster to take the port.
	 */
	private static boolean isAnswered(String url, Path directory) {
		try (Connection connection = DriverManager.getConnection(url, "root", "");
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("select @@socket")) {
			return result.next() && directory.resolve("socket").toString().equals(result.getString(1));
		}
		catch (SQLException ex) {
			return false;
		}
	}

	private static void stop(Process process, Path directory) {
		process.destroy();
		try {
			process.waitFor(30, TimeUnit.SECONDS);
			FileSystemUtils.deleteRecursively(directory);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Process run(Path directory, List<String> programAndOptions) throws IOException {
		List<String> command = new ArrayList<>(List.of(String.valueOf(find(programAndOptions.get(0))), "--no-defaults",
				"--datadir=" + directory.resolve("data")));
		if ("root".equals(System.getProperty("user.name"))) {
			command.add("--user=root");
		}
		command.addAll(programAndOptions.subList(1, programAndOptions.size()));
		return new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
			.start();
	}

	private static void execute(String url, String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection(url, "root", "")) {
			connection.createStatement().execute(sql);
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	private static Path find(String program) {
		return Stream.of("/usr/local/mysql/bin", "/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
			.map((directory) -> Path.of(directory, program))
			.filter(Files::isExecutable)
			.findFirst()
			.orElse(null);
	}

}
