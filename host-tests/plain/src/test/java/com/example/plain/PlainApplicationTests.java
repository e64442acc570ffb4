package com.example.plain;

import java.time.Duration;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@AutoConfigureMockMvc
class PlainApplicationTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApiKeyService apiKeys;

	@Test
	void keyWhenItHasTheScopeThenIsPermitted() {
		String token = create("orders:read", "orders:write");
		assertThat(this.mvc.get().uri("/api/hello").header("X-API-Key", token)).hasStatusOk()
			.bodyText()
			.isEqualTo("Hello, billing-service");
		assertThat(this.mvc.get().uri("/api/orders").header("X-API-Key", token)).hasStatusOk();
	}

	@Test
	void keyWhenItLacksTheScopeThenIsForbidden() {
		assertThat(this.mvc.get().uri("/api/orders").header("X-API-Key", create("orders:write"))).hasStatus(403);
	}

	@Test
	void keyWhenItIsWrongThenIsUnauthorized() {
		assertThat(this.mvc.get().uri("/api/hello").header("X-API-Key", create() + "x")).hasStatus(401);
	}

	@Test
	void callerWhenThereIsNoKeyThenIsUnauthorized() {
		assertThat(this.mvc.get().uri("/api/hello")).hasStatus(401);
	}

	private String create(String... scopes) {
		return this.apiKeys
			.create(NewApiKey.named("billing-service").owner("org-42").scopes(scopes).expiresIn(Duration.ofDays(90)))
			.token();
	}

}
