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
import java.time.Duration;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole way, from the headers of a request to the rows of a table.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@ExtendWith(OutputCaptureExtension.class)
abstract class AbstractShopTests {

	private static final Pattern CURL_LINE = Pattern
		.compile("curl -H 'X-API-Key: (\\S+)' http://localhost:(\\d+)(\\S+)");

	private static final Pattern CSRF_FIELD = Pattern.compile("name=\"_csrf\" type=\"hidden\" value=\"([^\"]+)\"");

	private final HttpClient http = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

	@Autowired
	private ApiKeyService apiKeys;

	@Autowired
	private Organizations organizations;

	@Autowired
	private OrganizationRepository repository;

	@Autowired
	private JdbcTemplate jdbc;

	@LocalServerPort
	private int port;

	@Test
	void publicEndpointIsOpenToAll() throws Exception {
		assertThat(get("/api/public").statusCode()).isEqualTo(200);
	}

	@Test
	void helloWhenKeyThenGreetsItByName() throws Exception {
		CreatedApiKey billing = create("billing-service");
		HttpResponse<String> response = get("/api/hello", "X-API-Key", billing.token());
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).contains("Hello, billing-service");
		assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
	}

	@Test
	void helloWhenKeyInAuthorizationThenGreetsIt() throws Exception {
		CreatedApiKey billing = create("billing-service");
		assertThat(get("/api/hello", "Authorization", "Api-Key " + billing.token()).statusCode()).isEqualTo(200);
	}

	@Test
	void helloWhenNoKeyThen401() throws Exception {
		assertThat(get("/api/hello").statusCode()).isEqualTo(401);
	}

	@Test
	void helloWhenWrongKeyThen401() throws Exception {
		HttpResponse<String> response = get("/api/hello", "X-API-Key", create("billing-service").token() + "x");
		assertThat(response.statusCode()).isEqualTo(401);
		assertThat(response.headers().firstValue("WWW-Authenticate")).hasValue("Api-Key");
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
	}

	@Test
	void helloWhenUserThen403() throws Exception {
		signIn();
		assertThat(get("/api/hello").statusCode()).isEqualTo(403);
	}

	@Test
	void ordersWhenScopesThenReadsAndWrites() throws Exception {
		String token = create("warehouse", "orders:read", "orders:write").token();
		HttpResponse<String> placed = placeOrder(token, "{\"article\":\"Jug\",\"quantity\":3}");
		assertThat(placed.statusCode()).isEqualTo(201);
		assertThat(get("/api/orders", "X-API-Key", token).body()).contains("Jug", "warehouse");
	}

	@Test
	void ordersWhenScopeIsMissingThen403() throws Exception {
		String token = create("reader", "orders:read").token();
		HttpResponse<String> refused = placeOrder(token, "{\"article\":\"Jug\",\"quantity\":3}");
		assertThat(refused.statusCode()).isEqualTo(403);
		assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
	}

	@Test
	void ordersWhenInputIsInvalidThen400() throws Exception {
		String token = create("warehouse", "orders:write").token();
		assertThat(placeOrder(token, "{\"article\":\"\",\"quantity\":0}").statusCode()).isEqualTo(400);
	}

	@Test
	void sharedIsForKeysAndPeople() throws Exception {
		assertThat(get("/api/shared").statusCode()).isEqualTo(401);
		assertThat(get("/api/shared", "X-API-Key", create("partner").token()).body()).contains("Hello, partner");
		signIn();
		assertThat(get("/api/shared").body()).contains("Hello, user");
	}

	@Test
	void pagesWhenNotSignedInThenLoginPage() throws Exception {
		HttpResponse<String> response = get("/", "Accept", "text/html");
		assertThat(response.statusCode()).isEqualTo(302);
		assertThat(response.headers().firstValue("Location").orElseThrow()).endsWith("/login");
	}

	@Test
	void revokedKeyIsRefusedAtOnce() throws Exception {
		CreatedApiKey created = create("leaked");
		assertThat(get("/api/hello", "X-API-Key", created.token()).statusCode()).isEqualTo(200);
		this.apiKeys.revoke(created.apiKey().getId());
		assertThat(get("/api/hello", "X-API-Key", created.token()).statusCode()).isEqualTo(401);
	}

	@Test
	void organizationWhenKeyOfTheTypeThenItIsThere() throws Exception {
		Organization inn = this.repository.findAllByOrderByName().get(1);
		CreatedApiKey created = this.organizations.createKey(inn, "till");
		assertThat(created.token()).startsWith("shop_org_");
		assertThat(get("/api/organization", "X-API-Key", created.token()).body()).contains("Mountain Inn");
		assertThat(get("/api/orders", "X-API-Key", created.token()).statusCode()).isEqualTo(200);
		assertThat(get("/api/organization", "X-API-Key", create("other", "*").token()).statusCode()).isEqualTo(403);
		assertThat(get("/api/organization").statusCode()).isEqualTo(401);
	}

	@Test
	void organizationWhenNotActiveThenItsKeysAreRefused() throws Exception {
		Organization inn = this.repository.findAllByOrderByName().get(1);
		String token = this.organizations.createKey(inn, "till").token();
		String other = this.organizations.createKey(this.repository.findAllByOrderByName().get(0), "till").token();
		assertThat(get("/api/organization", "X-API-Key", token).statusCode()).isEqualTo(200);
		this.organizations.setActive(inn, false);
		try {
			assertThat(get("/api/organization", "X-API-Key", token).statusCode()).isEqualTo(401);
			assertThat(get("/api/organization", "X-API-Key", other).statusCode()).isEqualTo(200);
		}
		finally {
			this.organizations.setActive(inn, true);
		}
		assertThat(get("/api/organization", "X-API-Key", token).statusCode()).isEqualTo(200);
	}

	@Test
	void rotatedKeyWorksUntilItsGraceIsOverAndItsSuccessorIsOfTheSameOrganization() throws Exception {
		Organization inn = this.repository.findAllByOrderByName().get(1);
		CreatedApiKey old = this.organizations.createKey(inn, "till");
		CreatedApiKey successor = this.apiKeys.rotate(old.apiKey().getId(), Duration.ofDays(1));
		assertThat(get("/api/organization", "X-API-Key", old.token()).statusCode()).isEqualTo(200);
		CreatedApiKey last = this.apiKeys.rotate(successor.apiKey().getId(), Duration.ZERO);
		assertThat(this.organizations.keysOf(inn)).extracting(OrganizationApiKey::getId)
			.contains(old.apiKey().getId(), last.apiKey().getId());
		assertThat(get("/api/organization", "X-API-Key", old.token()).statusCode()).isEqualTo(401);
		assertThat(get("/api/organization", "X-API-Key", successor.token()).statusCode()).isEqualTo(401);
		assertThat(get("/api/organization", "X-API-Key", last.token()).body()).contains("Mountain Inn");
		assertThat(this.apiKeys.revokeAll(inn.getOwner(), "Contract ended")).isPositive();
		assertThat(get("/api/organization", "X-API-Key", last.token()).statusCode()).isEqualTo(401);
	}

	@Test
	void keyOfThePredecessorGoesOn() throws Exception {
		String key = "kQ3xYz9A.abcdefghijklmnopqrstuvwxyz012345";
		Organization inn = this.repository.findAllByOrderByName().get(1);
		ApiKey imported = this.apiKeys.importKey(new OrganizationApiKey(inn),
				ImportedApiKey.ofDjango("kQ3xYz9A",
						"pbkdf2_sha256$1000$saltSALT123$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4="),
				NewApiKey.named("till").scopes("orders:read"));
		assertThat(get("/api/organization", "Authorization", "Api-Key " + key).body()).contains("Mountain Inn");
		Awaitility.await().until(() -> hash(imported).startsWith("{sha256}"));
		assertThat(get("/api/orders", "Authorization", "Api-Key " + key).statusCode()).isEqualTo(200);
		assertThat(get("/api/orders", "Authorization", "Api-Key " + key + "6").statusCode()).isEqualTo(401);
	}

	private String hash(ApiKey apiKey) {
		return this.jdbc.queryForObject("select hash from api_key where key_id = ?", String.class, apiKey.getKeyId());
	}

	@Test
	void startPrintsALineThatCanBePasted(CapturedOutput output) throws Exception {
		new DemoKey(this.apiKeys).print(this.port);
		MatchResult line = lastCurlLine(output);
		assertThat(line.group(2)).isEqualTo(String.valueOf(this.port));
		assertThat(get(line.group(3), "X-API-Key", line.group(1)).body()).contains("Hello, Demo client");
	}

	@Test
	void startEndsTheDemoKeyOfTheFormerStart(CapturedOutput output) throws Exception {
		new DemoKey(this.apiKeys).print(this.port);
		MatchResult former = lastCurlLine(output);
		new DemoKey(this.apiKeys).print(this.port);
		assertThat(get("/api/hello", "X-API-Key", former.group(1)).statusCode()).isEqualTo(401);
	}

	private static MatchResult lastCurlLine(CapturedOutput output) {
		return CURL_LINE.matcher(output.getOut()).results().reduce((first, last) -> last).orElseThrow();
	}

	private CreatedApiKey create(String name, String... scopes) {
		return this.apiKeys.create(NewApiKey.named(name).scopes(scopes).expiresIn(Duration.ofDays(90)));
	}

	private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
		HttpRequest.Builder request = request(path);
		if (headers.length > 0) {
			request.headers(headers);
		}
		return this.http.send(request.build(), BodyHandlers.ofString());
	}

	private HttpResponse<String> placeOrder(String token, String json) throws IOException, InterruptedException {
		return this.http.send(request("/api/orders").header("X-API-Key", token)
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString(json))
			.build(), BodyHandlers.ofString());
	}

	private void signIn() throws IOException, InterruptedException {
		Matcher csrf = CSRF_FIELD.matcher(get("/login").body());
		assertThat(csrf.find()).isTrue();
		String form = "username=user&password=password&_csrf="
				+ URLEncoder.encode(csrf.group(1), StandardCharsets.UTF_8);
		HttpResponse<String> response = this.http
			.send(request("/login").header("Content-Type", "application/x-www-form-urlencoded")
				.POST(HttpRequest.BodyPublishers.ofString(form))
				.build(), BodyHandlers.ofString());
		assertThat(response.headers().firstValue("Location").orElseThrow()).doesNotContain("/login");
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + path))
			.timeout(Duration.ofMinutes(2));
	}

}
