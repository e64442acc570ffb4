package com.example.devtools;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.devtools.restart.Restarter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class DevtoolsApplicationTests {

	@Test
	void restartThenKeysOfATypeOfTheApplicationWork(@TempDir Path directory) throws Exception {
		start("--server.port=0", "--spring.datasource.url=jdbc:h2:" + directory.resolve("keys"));
		ConfigurableApplicationContext context = StartedContexts.await();
		ClassLoader classLoader = context.getBeanFactory().getBeanClassLoader();
		String first = get(context, "/new", "");
		assertThat(get(context, "/project", first)).isEqualTo("200 moon RestartClassLoader");
		Set<Thread> threads = threads();
		assertThat(threads).isNotEmpty();
		Restarter.getInstance().restart();
		context = StartedContexts.await();
		assertThat(context.getBeanFactory().getBeanClassLoader()).isNotSameAs(classLoader);
		assertThat(get(context, "/project", first)).isEqualTo("200 moon RestartClassLoader");
		assertThat(get(context, "/project", get(context, "/new", ""))).isEqualTo("200 moon RestartClassLoader");
		assertThat(get(context, "/project", "wrong")).startsWith("401 ")
			.contains("\"type\":\"urn:problem-type:api-key:unauthorized\"");
		assertThat(ClassUtils.isPresent("tools.jackson.databind.ObjectMapper", null)).isFalse();
		assertThat(get(context, "/keys", "")).contains("\"name\":\"client\"", "\"state\":\"ACTIVE\"")
			.doesNotContain("\"hash\"", "sha256", first.substring(first.length() - 38));
		await().atMost(Duration.ofMinutes(2)).until(() -> threads.stream().noneMatch(Thread::isAlive));
		context.close();
		await().atMost(Duration.ofMinutes(2)).until(() -> threads().isEmpty());
	}

	/**
	 * As the command line does it: restarts are for the thread of that name, and not for
	 * tests.
	 */
	private static void start(String... args) {
		Thread main = new Thread(() -> DevtoolsApplication.main(args), "main");
		main.setContextClassLoader(ClassLoader.getSystemClassLoader());
		main.setDaemon(true);
		main.start();
	}

	private static Set<Thread> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("api-key"))
			.collect(Collectors.toSet());
	}

	private static String get(ConfigurableApplicationContext context, String path, String token) throws Exception {
		String port = context.getEnvironment().getProperty("local.server.port");
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
		if (!token.isEmpty()) {
			request.header("X-API-Key", token);
		}
		var response = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
		return token.isEmpty() ? response.body() : response.statusCode() + " " + response.body();
	}

}
