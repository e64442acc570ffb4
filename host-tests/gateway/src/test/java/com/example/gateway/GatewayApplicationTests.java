package com.example.gateway;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import com.sun.net.httpserver.HttpServer;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@ExtendWith(OutputCaptureExtension.class)
@AutoConfigureMockMvc
class GatewayApplicationTests {

	private static final Map<String, List<String>> passedOn = new ConcurrentHashMap<>();

	private static HttpServer orders;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApiKeyService apiKeys;

	@DynamicPropertySource
	static void startOrders(DynamicPropertyRegistry registry) throws IOException {
		orders = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		orders.createContext("/", (exchange) -> {
			// An answer before the end of the body meets a client that still sends, which
			// the JDK's does not
			// survive.
			exchange.getRequestBody().readAllBytes();
			passedOn.clear();
			exchange.getRequestHeaders().forEach((name, values) -> passedOn.put(name.toLowerCase(), values));
			byte[] body = exchange.getRequestURI().getPath().getBytes();
			exchange.sendResponseHeaders(200, body.length);
			exchange.getResponseBody().write(body);
			exchange.close();
		});
		orders.start();
		registry.add("orders", () -> "http://localhost:" + orders.getAddress().getPort());
	}

	@AfterAll
	static void stopOrders() {
		orders.stop(0);
	}

	@Test
	void startThenThePoolIsKnown(@Autowired DataSource dataSource, CapturedOutput output) {
		assertThat(dataSource.getClass().getName()).startsWith("org.apache.tomcat.");
		assertThat(output).contains("Started GatewayApplicationTests").doesNotContain("Each tenant may have API keys");
	}

	@Test
	void routeWhenTheKeyHasTheScopeThenPassedOnWithoutTheKey() {
		String token = this.apiKeys.create(NewApiKey.named("client").scopes("orders:read")).token();
		assertThat(this.mvc.get().uri("/orders/1").header("X-API-Key", token).header("X-Trace", "7")).hasStatusOk()
			.bodyText()
			.isEqualTo("/orders/1");
		assertThat(passedOn).containsEntry("x-trace", List.of("7")).doesNotContainKeys("x-api-key", "authorization");
		assertThat(this.mvc.get().uri("/orders/2").header("Authorization", "Api-Key " + token)).hasStatusOk();
		assertThat(passedOn).doesNotContainKeys("x-api-key", "authorization");
	}

	@Test
	void routeWhenThereIsNoGoodKeyThenNotPassedOn() {
		passedOn.clear();
		assertThat(this.mvc.get().uri("/orders/1").header("X-API-Key", "wrong")).hasStatus(401);
		assertThat(this.mvc.get().uri("/orders/1")).hasStatus(401);
		String token = this.apiKeys.create(NewApiKey.named("client")).token();
		assertThat(this.mvc.get().uri("/orders/1").header("X-API-Key", token)).hasStatus(403);
		assertThat(passedOn).isEmpty();
	}

	@Test
	void routeWithoutKeysThenAHeaderOfThatNameIsSomebodyElses() {
		assertThat(this.mvc.get().uri("/partners/1").header("X-API-Key", "theirs")).hasStatusOk();
		assertThat(passedOn).containsEntry("x-api-key", List.of("theirs"));
	}

}
