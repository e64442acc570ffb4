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
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.apikeys.leaks.Leaks;

import org.springframework.util.FileSystemUtils;

/**
 * The sample as a process of its own, with an administrator who is signed in. It does not
 * log at TRACE as the tests do: under load, the log would be what is measured.
 */
final class Node implements AutoCloseable {

	private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

	private static final Pattern CSRF_FIELD = Pattern.compile("name=\"_csrf\" type=\"hidden\" value=\"([^\"]+)\"");

	private static final Pattern TOKEN = Pattern.compile("name=\"(_csrf|formToken)\"[^>]*value=\"([^\"]+)\"");

	private final HttpClient http = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.cookieHandler(new CookieManager())
		.build();

	private final Process process;

	private final Path log;

	private final Path accessLogs;

	private final String origin;

	private final Map<String, String> tokens = new TreeMap<>();

	private Node(Process process, Path log, Path accessLogs, String port) {
		this.process = process;
		this.log = log;
		this.accessLogs = accessLogs;
		this.origin = "http://localhost:" + port;
	}

	static Node start(String jdbcUrl) throws Exception {
		Path log = Files.createTempFile("node", ".log");
		Path accessLogs = Files.createTempDirectory("node-access");
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx256m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
				SampleApplication.class.getName(), "--logging.level.root=info", "--server.port=0",
				"--spring.datasource.url=" + jdbcUrl, "--spring.datasource.username=postgres",
				"--spring.datasource.password=postgres", "--server.tomcat.accesslog.enabled=true",
				"--server.tomcat.accesslog.buffered=false", "--server.tomcat.accesslog.pattern=%s %U",
				"--server.tomcat.accesslog.directory=" + accessLogs)
			.redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.start();
		Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
		long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
		while (System.nanoTime() < end && process.isAlive()) {
			Matcher port = PORT.matcher(Files.readString(log));
			if (port.find()) {
				return new Node(process, log, accessLogs, port.group(1));
			}
			Thread.sleep(100);
		}
		process.destroyForcibly();
		throw new IllegalStateException("The node did not start:\n" + Files.readString(log));
	}

	URI uri(String path) {
		return URI.create(this.origin + path);
	}

	void signIn() throws Exception {
		Matcher login = CSRF_FIELD.matcher(get("/login"));
		if (!login.find()) {
			throw new IllegalStateException("There is no form to sign in");
		}
		send("/login", Map.of("username", "admin", "password", "password", "_csrf", login.group(1)));
		Matcher page = TOKEN.matcher(get("/admin/api-keys"));
		while (page.find()) {
			this.tokens.put(page.group(1), page.group(2));
		}
		if (this.tokens.isEmpty()) {
			throw new IllegalStateException("Nobody is signed in");
		}
	}

	private String get(String path) throws Exception {
		return this.http.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString()).body();
	}

	/**
	 * Submits a form of the admin pages.
	 */
	void post(String path, Map<String, String> fields) throws Exception {
		Map<String, String> all = new TreeMap<>(fields);
		all.putAll(this.tokens);
		int status = send(path, all);
		if (status != 303 && status != 302) {
			throw new IllegalStateException(path + " was answered with " + status);
		}
	}

	private int send(String path, Map<String, String> fields) throws Exception {
		String form = fields.entrySet()
			.stream()
			.map((field) -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&"));
		HttpResponse<Void> response = this.http.send(HttpRequest.newBuilder(uri(path))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.header("Origin", this.origin)
			.POST(HttpRequest.BodyPublishers.ofString(form))
			.build(), BodyHandlers.discarding());
		return response.statusCode();
	}

	/**
	 * How many requests for a path the server answered with a status. A client that sends
	 * a request again by itself does not know.
	 */
	long answered(int status, String path) throws IOException {
		long answered = 0;
		try (DirectoryStream<Path> files = Files.newDirectoryStream(this.accessLogs)) {
			for (Path file : files) {
				try (Stream<String> lines = Files.lines(file)) {
					answered += lines.filter((status + " " + path)::equals).count();
				}
			}
		}
		return answered;
	}

	boolean hasLogged(String text) throws IOException {
		return Files.readString(this.log).contains(text);
	}

	@Override
	public void close() throws Exception {
		this.process.destroy();
		if (!this.process.waitFor(20, TimeUnit.SECONDS)) {
			this.process.destroyForcibly();
		}
		Files.readString(this.log).lines().forEach((line) -> Leaks.search("the log of a node", line));
		Files.delete(this.log);
		FileSystemUtils.deleteRecursively(this.accessLogs);
	}

}
