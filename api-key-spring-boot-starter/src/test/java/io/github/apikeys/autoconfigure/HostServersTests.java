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
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.host.HostApplication;
import io.github.apikeys.security.HasApiKey;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Real servers as applications set them up.
 */
class HostServersTests {

	private static final boolean VIRTUAL_THREADS = Runtime.version().feature() >= 21;

	private final String database = HostRunner.database();

	@ParameterizedTest
	@CsvSource({ "spring.threads.virtual.enabled, HTTP_1_1", "server.http2.enabled, HTTP_2" })
	void serverWhenItHasThreadsOrAProtocolOfAnotherKindThenKeysAreRequired(String property, Version version)
			throws Exception {
		try (ConfigurableApplicationContext context = start("--" + property + "=true")) {
			ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
			String token = apiKeys.create(NewApiKey.named("client").scopes("orders:read")).token();
			HttpClient client = HttpClient.newHttpClient();
			HttpResponse<String> permitted = client.send(request(context, "/thread", token), BodyHandlers.ofString());
			assertThat(permitted.statusCode()).isEqualTo(200);
			assertThat(permitted.version()).isEqualTo(version);
			assertThat(permitted.body().startsWith("VirtualThread"))
				.isEqualTo(VIRTUAL_THREADS && property.contains("virtual"));
			assertThat(status(client, context, token + "x")).isEqualTo(401);
			assertThat(status(client, context, apiKeys.create(NewApiKey.named("other")).token())).isEqualTo(403);
		}
	}

	/**
	 * The server awaits the request before the context closes what writes usage.
	 */
	@Test
	void requestWhenItIsOpenAtAGracefulShutdownThenIsAnsweredAndItsUsageIsWritten() throws Exception {
		ConfigurableApplicationContext context = start("--server.shutdown=graceful");
		String token = context.getBean(ApiKeyService.class)
			.create(NewApiKey.named("client").scopes("orders:read"))
			.token();
		HttpRequest request = request(context, "/open", token);
		Gate gate = context.getBean(Gate.class);
		CompletableFuture<HttpResponse<String>> response = HttpClient.newHttpClient()
			.sendAsync(request, BodyHandlers.ofString());
		assertThat(gate.entered.await(2, TimeUnit.MINUTES)).isTrue();
		CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
		Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> isRefused(request.uri()));
		gate.opened.countDown();
		closed.get(2, TimeUnit.MINUTES);
		assertThat(response.get(2, TimeUnit.MINUTES).statusCode()).isEqualTo(200);
		assertThat(new JdbcTemplate(new DriverManagerDataSource(this.database, "sa", ""))
			.queryForObject("select sum(requests) from api_key_usage", Integer.class)).isOne();
	}

	private static boolean isRefused(URI server) throws IOException {
		try (Socket socket = new Socket(server.getHost(), server.getPort())) {
			return !socket.isConnected();
		}
		catch (ConnectException ex) {
			return true;
		}
	}

	private ConfigurableApplicationContext start(String property) {
		return new SpringApplicationBuilder(HostApplication.class, Endpoints.class, Gate.class).run("--server.port=0",
				"--server.address=127.0.0.1", "--management.health.redis.enabled=false",
				"--spring.datasource.url=" + this.database, "--spring.flyway.enabled=false",
				"--spring.security.user.password=password", property);
	}

	private static int status(HttpClient client, ConfigurableApplicationContext context, String token)
			throws Exception {
		return client.send(request(context, "/thread", token), BodyHandlers.discarding()).statusCode();
	}

	private static HttpRequest request(ConfigurableApplicationContext context, String path, String token) {
		int port = ((ServletWebServerApplicationContext) context).getWebServer().getPort();
		return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).header("X-API-Key", token).build();
	}

	@RestController
	static class Endpoints {

		private final Gate gate;

		Endpoints(Gate gate) {
			this.gate = gate;
		}

		@HasApiKey("orders:read")
		@GetMapping("/thread")
		String thread() {
			return Thread.currentThread().toString();
		}

		@HasApiKey("orders:read")
		@GetMapping("/open")
		String open() throws InterruptedException {
			this.gate.entered.countDown();
			return String.valueOf(this.gate.opened.await(2, TimeUnit.MINUTES));
		}

	}

	/**
	 * Holds a request.
	 */
	static class Gate {

		private final CountDownLatch entered = new CountDownLatch(1);

		private final CountDownLatch opened = new CountDownLatch(1);

	}

}
