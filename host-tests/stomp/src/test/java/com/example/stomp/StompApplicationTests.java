package com.example.stomp;

import java.lang.reflect.Type;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.messaging.converter.StringMessageConverter;
import org.springframework.messaging.simp.stomp.StompFrameHandler;
import org.springframework.messaging.simp.stomp.StompHeaders;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.messaging.WebSocketStompClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT, properties = "server.address=127.0.0.1")
class StompApplicationTests {

	private final WebSocketStompClient client = new WebSocketStompClient(new StandardWebSocketClient());

	private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

	@Autowired
	private ApiKeyService apiKeys;

	@LocalServerPort
	private int port;

	@AfterEach
	void stop() {
		this.client.stop();
	}

	@Test
	void handshakeWhenItHasAKeyThenTheKeyIsTheUserOfTheConnection() throws Exception {
		CreatedApiKey reader = create("orders:read");
		StompSession session = connect(reader.token());
		assertThat(send(session, "read")).isEqualTo("orders of " + reader.apiKey().getKeyId());
		session.disconnect();
		refused("wrong", 401);
		refused(create("users:read").token(), 403);
	}

	@Test
	void handlerWhenGuardedThenTheKeyOfTheHandshakeDecides() throws Exception {
		StompSession reader = connect(create("orders:read").token());
		assertThat(send(reader, "write")).isEqualTo("denied");
		reader.disconnect();
		StompSession writer = connect(create("orders:read", "orders:write").token());
		assertThat(send(writer, "write")).isEqualTo("written");
		writer.disconnect();
	}

	@Test
	void connectionWhenItsKeyIsRevokedThenGoesOnAndANewOneIsRefused() throws Exception {
		CreatedApiKey reader = create("orders:read");
		StompSession session = connect(reader.token());
		this.apiKeys.revoke(reader.apiKey().getId());
		assertThat(send(session, "read")).isEqualTo("orders of " + reader.apiKey().getKeyId());
		session.disconnect();
		refused(reader.token(), 401);
	}

	private CreatedApiKey create(String... scopes) {
		return this.apiKeys.create(NewApiKey.named("client").scopes(scopes));
	}

	private StompSession connect(String token) throws Exception {
		this.client.setMessageConverter(new StringMessageConverter());
		WebSocketHttpHeaders headers = new WebSocketHttpHeaders();
		headers.add("X-API-Key", token);
		StompSession session = this.client
			.connectAsync("ws://127.0.0.1:" + this.port + "/messages", headers, new StompSessionHandlerAdapter() {
			})
			.get(2, TimeUnit.MINUTES);
		session.subscribe("/user/queue/answers", new StompFrameHandler() {

			@Override
			public Type getPayloadType(StompHeaders headers) {
				return String.class;
			}

			@Override
			public void handleFrame(StompHeaders headers, Object payload) {
				StompApplicationTests.this.answers.add((String) payload);
			}

		});
		return session;
	}

	private String send(StompSession session, String what) throws InterruptedException {
		session.send("/app/orders/" + what, "");
		return this.answers.poll(2, TimeUnit.MINUTES);
	}

	private void refused(String token, int status) {
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> connect(token))
			.withStackTraceContaining("[" + status + "]");
	}

}
