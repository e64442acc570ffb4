package com.example.authorization;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.HttpHeaders;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@AutoConfigureMockMvc
class AuthorizationApplicationTests {

	private static final Pattern ACCESS_TOKEN = Pattern.compile("\"access_token\":\"([^\"]+)\"");

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApiKeyService apiKeys;

	@Test
	void apiWhenItTakesTokensOfTheServerThenKeysAsWell() throws Exception {
		MvcTestResult issued = token().headers((headers) -> headers.setBasicAuth("billing", "secret")).exchange();
		assertThat(issued).hasStatusOk();
		Matcher accessToken = ACCESS_TOKEN.matcher(issued.getResponse().getContentAsString());
		assertThat(accessToken.find()).isTrue();
		assertThat(this.mvc.get().uri("/orders/7").header("Authorization", "Bearer " + accessToken.group(1)))
			.hasStatusOk();
		assertThat(this.mvc.get().uri("/orders/7").header("X-API-Key", key("orders:read"))).hasStatusOk();
		assertThat(this.mvc.get().uri("/orders/7").header("X-API-Key", key("users:read"))).hasStatus(403);
		assertThat(this.mvc.get().uri("/orders/7")).hasStatus(401);
	}

	@Test
	void tokenEndpointWhenAKeyIsPresentedThenIsThatOfTheServerAlone() {
		String key = key("orders:read");
		assertThat(token().header("X-API-Key", key)).hasStatus(401);
		assertThat(token().header("Authorization", "Api-Key " + key)).hasStatus(401);
		assertThat(token().header("X-API-Key", "wrong").headers((headers) -> headers.setBasicAuth("billing", "secret")))
			.hasStatusOk();
		assertThat(this.mvc.get().uri("/oauth2/jwks").header("X-API-Key", "wrong")).hasStatusOk();
	}

	@Test
	void answerWhenItHasLinksThenAsWithoutKeysAndARefusalIsAProblem() {
		String key = key("orders:read");
		assertThat(this.mvc.get().uri("/orders/7").accept("application/hal+json").header("X-API-Key", key))
			.hasContentType("application/hal+json")
			.bodyJson()
			.isStrictlyEqualTo("""
					{ "number": 7, "_links": {
						"self": { "href": "http://localhost/orders/7" },
						"invoice": { "href": "http://localhost/orders/7/invoice" } } }
					""");
		MvcTestResult denied = this.mvc.get()
			.uri("/orders/7/invoice")
			.accept("application/hal+json")
			.header("X-API-Key", key)
			.exchange();
		assertThat(denied).hasStatus(403)
			.containsHeader(HttpHeaders.WWW_AUTHENTICATE)
			.bodyText()
			.contains("\"requiredScopes\":[\"invoices:read\"]");
		assertThat(this.mvc.get().uri("/orders/7/invoice").header("X-API-Key", key("orders:read", "invoices:read")))
			.hasStatusOk()
			.bodyJson()
			.extractingPath("$._links.self.href")
			.isEqualTo("http://localhost/orders/7/invoice");
	}

	private MockMvcTester.MockMvcRequestBuilder token() {
		return this.mvc.post()
			.uri("/oauth2/token")
			.param("grant_type", "client_credentials")
			.param("scope", "orders:read");
	}

	private String key(String... scopes) {
		return this.apiKeys.create(NewApiKey.named("client").scopes(scopes)).token();
	}

}
