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

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.host.HostApplication;
import io.github.apikeys.security.HasApiKey;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
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

	private ConfigurableApplicationContext start(String property) {
		return new SpringApplicationBuilder(HostApplication.class, Endpoints.class).run("--server.port=0",
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

		@HasApiKey("orders:read")
		@GetMapping("/thread")
		String thread() {
			return Thread.currentThread().toString();
		}

	}

}
