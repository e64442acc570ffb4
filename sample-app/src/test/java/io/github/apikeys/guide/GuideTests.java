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

package io.github.apikeys.guide;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyOwners;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.token.OpaqueTokenFormat;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.domain.Pageable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;

/**
 * What docs/guide and README.md say.
 */
@SpringBootTest(classes = GuideApplication.class,
		properties = { "spring.datasource.url=jdbc:h2:mem:guide", "spring.flyway.enabled=false",
				"former-tokens.id-secret=0123456789abcdef0123456789abcdef",
				"device-tokens.id-secret=0123456789abcdef0123456789abcdef", "spring.jpa.hibernate.ddl-auto=validate",
				"api-key.token.prefix=ak", "api-key.scopes.[orders\\:admin]=Administer orders",
				"api-key.scopes.[reports\\:read]=Read reports", "api-key.expiry.default=90d" })
class GuideTests {

	private static final String BASIC = "Basic dXNlcjpwYXNzd29yZA==";

	@Autowired
	private OpaqueTokenFormat formerTokens;

	@Autowired
	private ApiKeyService apiKeys;

	@Autowired
	private ApiKeyTokenVerifier verifier;

	@Autowired
	private KeyClerk clerk;

	@Autowired
	private KeyRules rules;

	private MockMvcTester mvc;

	@BeforeEach
	void setUp(@Autowired WebApplicationContext context) {
		MockMvc mockMvc = MockMvcBuilders.webAppContextSetup(context).apply(springSecurity()).build();
		this.mvc = MockMvcTester.create(mockMvc);
	}

	@Test
	void anyUsableKey() {
		assertThat(get("/api/hello", "X-API-Key", key())).hasStatus(200).bodyText().isEqualTo("Hello, client");
		assertThat(get("/api/hello", "Authorization", "Api-Key " + key())).hasStatus(200);
		assertThat(get("/api/hello", "Accept", "*/*")).hasStatus(401);
	}

	@Test
	void scopes() {
		assertThat(get("/api/orders", "X-API-Key", key("orders:read"))).hasStatus(200);
		assertThat(get("/api/orders", "X-API-Key", key("orders:*"))).hasStatus(200);
		assertThat(get("/api/orders", "X-API-Key", key("*"))).hasStatus(200);
		assertThat(get("/api/orders", "X-API-Key", key())).hasStatus(403);
		assertThat(get("/api/archive", "X-API-Key", key("orders:read"))).hasStatus(200);
		assertThat(get("/api/archive", "X-API-Key", key())).hasStatus(403);
		assertThat(get("/api/drafts", "X-API-Key", key("orders:admin"))).hasStatus(200);
		assertThat(get("/api/drafts", "X-API-Key", key("orders:read"))).hasStatus(403);
	}

	@Test
	void permissions() {
		assertThat(get("/api/permitted", "X-API-Key", key("orders:read"))).hasStatus(200);
		assertThat(get("/api/permitted", "X-API-Key", key("orders:write"))).hasStatus(403);
	}

	@Test
	void pathTreeThatRequiresKeys() {
		assertThat(get("/api/reports/today", "X-API-Key", key("reports:read"))).hasStatus(200);
		assertThat(get("/api/reports/today", "X-API-Key", key())).hasStatus(403);
	}

	@Test
	void streamsWhenTheKeyEndsThenClosed(@Autowired OpenStreams streams) {
		UUID id = this.apiKeys.create(NewApiKey.named("stream")).apiKey().getId();
		AtomicBoolean closed = new AtomicBoolean();
		streams.add(id, new SseEmitter() {

			@Override
			public void complete() {
				closed.set(true);
			}

		});
		this.apiKeys.update(id, (change) -> change.name("open"));
		assertThat(closed).isFalse();
		assertThat(streams.isActive(id)).isTrue();
		this.apiKeys.revoke(id);
		assertThat(closed).isTrue();
		assertThat(streams.isActive(id)).isFalse();
	}

	@Test
	void keyOrPerson() {
		assertThat(get("/partner/either", "X-API-Key", key())).hasStatus(200);
		assertThat(get("/partner/either", "Authorization", BASIC)).hasStatus(200).bodyText().isEqualTo("user");
	}

	@Test
	void keyAndPerson() {
		MvcTestResult both = this.mvc.get()
			.uri("/partner/both")
			.header("X-API-Key", key("orders:read"))
			.header(HttpHeaders.AUTHORIZATION, BASIC)
			.exchange();
		assertThat(both).hasStatus(200).bodyText().isEqualTo("user through client");
		MvcTestResult keyWithoutScope = this.mvc.get()
			.uri("/partner/both")
			.header("X-API-Key", key())
			.header(HttpHeaders.AUTHORIZATION, BASIC)
			.exchange();
		assertThat(keyWithoutScope).hasStatus(403);
		assertThat(get("/partner/both", "X-API-Key", key("orders:read"))).hasStatus(403);
		assertThat(get("/partner/both", "Authorization", BASIC)).hasStatus(403);
	}

	@Test
	void keyAndPersonIsRefusedUnlessAccepted() {
		MvcTestResult both = this.mvc.get()
			.uri("/api/hello")
			.header("X-API-Key", key())
			.header(HttpHeaders.AUTHORIZATION, BASIC)
			.exchange();
		assertThat(both).hasStatus(401);
	}

	@Test
	void namesOfOneChain() {
		assertThat(get("/named/nothing", "X-Partner-Key", key())).hasStatus(404);
		assertThat(get("/named/nothing", "Authorization", "Partner " + key())).hasStatus(404);
		assertThat(get("/named/nothing", "X-API-Key", key())).hasStatus(401);
	}

	/**
	 * Paths without a handler, so that 404 means that the caller came so far.
	 */
	@Test
	void authenticatedThenAnyKeyWhateverItsScopesAndWithoutACsrfToken() {
		assertThat(get("/nothing", "X-API-Key", key())).hasStatus(404);
		assertThat(this.mvc.post().uri("/nothing").header("X-API-Key", key())).hasStatus(404);
	}

	@Test
	void chainForClientsThenTheirScopesDecideWhateverTheyPresent() {
		assertThat(get("/clients/reports/1", "X-API-Key", key("reports:read"))).hasStatus(404);
		assertThat(get("/clients/reports/1", "X-API-Key", key())).hasStatus(403);
		assertThat(get("/clients/other", "X-API-Key", key("*"))).hasStatus(403);
		assertThat(get("/clients/reports/1", "Authorization", "Bearer " + jwt("reports:read"))).hasStatus(404);
		assertThat(get("/clients/reports/1", "Authorization", "Bearer " + jwt("other"))).hasStatus(403);
		assertThat(get("/clients/reports/1", "Authorization", "Bearer wrong")).hasStatus(401);
		assertThat(get("/clients/reports/1", "Accept", "*/*")).hasStatus(401);
	}

	private static String jwt(String scope) {
		JwtClaimsSet claims = JwtClaimsSet.builder().subject("client").claim("scope", scope).build();
		return NimbusJwtEncoder.withSecretKey(SecurityConfiguration.JWT_SECRET)
			.build()
			.encode(JwtEncoderParameters.from(JwsHeader.with(MacAlgorithm.HS256).build(), claims))
			.getTokenValue();
	}

	@Test
	void chainForPeopleAndKeys() {
		assertThat(get("/nothing", "X-API-Key", key())).hasStatus(404);
		assertThat(get("/nothing", "Accept", "text/html")).hasStatus(302);
	}

	@Test
	void lifeOfAKey() {
		String token = this.clerk.lifeOfAKey();
		String keyId = token.split("_")[1];
		assertThat(this.clerk.nameOf(token)).isEqualTo("nobody");
		assertThat(this.clerk.log()).filteredOn((line) -> line.startsWith(keyId))
			.containsExactly(keyId + " CREATED", keyId + " UPDATED", keyId + " UPDATED", keyId + " DISABLED",
					keyId + " ENABLED", keyId + " REVOKED");
		assertThat(this.clerk.active()).noneMatch((apiKey) -> apiKey.getKeyId().equals(keyId));
		assertThat(this.clerk.nameOf(key())).isEqualTo("client");
	}

	@Test
	void rotationHistoryAndUse() {
		CreatedApiKey old = this.apiKeys.create(NewApiKey.named("rotated"));
		UUID id = old.apiKey().getId();
		String successor = this.clerk.replace(id);
		assertThat(this.clerk.nameOf(old.token())).isEqualTo("rotated");
		assertThat(this.clerk.nameOf(successor)).isEqualTo("rotated");
		assertThat(this.clerk.historyOf(id)).extracting(ApiKeyEvent::getChange)
			.containsExactly(ApiKeyChange.ROTATED, ApiKeyChange.CREATED);
		assertThat(this.clerk.usageOf(id)).hasSize(30);
		assertThat(this.clerk.unused()).extracting(ApiKey::getId).doesNotContain(id);
	}

	@Test
	void importedKeys() {
		this.clerk.importAll(this.formerTokens);
		assertThat(this.clerk.importAgain(this.clerk.ended()).getApiKey().getState(Instant.now()))
			.isEqualTo(ApiKeyState.REVOKED);
		assertThat(this.clerk.importAgain(this.clerk.ended()).isCreated()).isFalse();
		assertThat(this.clerk.importAgain(this.clerk.ended().withRevocation(Instant.EPOCH, null)).isCreated())
			.isFalse();
		assertThat(this.clerk.log()).contains("django:pW7nRt2C differs in [revokedAt]");
		assertThat(this.clerk.nameOf("kQ3xYz9A.abcdefghijklmnopqrstuvwxyz012345")).isEqualTo("partner");
		assertThat(this.clerk.nameOf("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b")).isEqualTo("device");
		assertThat(this.clerk.nameOf("sk_4eC39HqLyjWDarjtT1zdp7dc")).isEqualTo("former");
		assertThat(this.clerk.nameOf("sk_Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9")).startsWith("former, of which");
		assertThat(get("/api/orders", "X-API-Key", "kQ3xYz9A.abcdefghijklmnopqrstuvwxyz012345")).hasStatus(200);
	}

	@Test
	void limits() {
		CreatedApiKey created = this.clerk.limited();
		assertThat(get("/api/hello", "X-API-Key", created.token())).hasStatus(200)
			.hasHeader("RateLimit-Policy", "\"2/1s\";q=2;w=1, \"3/1d\";q=3;w=86400");
		// the first two of them at once, and the last of the day when a second is over
		AtomicInteger accepted = new AtomicInteger(1);
		Awaitility.await().until(() -> {
			int status = get("/api/hello", "X-API-Key", created.token()).getResponse().getStatus();
			return ((status == 200) ? accepted.incrementAndGet() : accepted.get()) == 3;
		});
		MvcTestResult refused = get("/api/hello", "X-API-Key", created.token());
		assertThat(refused).hasStatus(429).containsHeader("Retry-After");
		this.clerk.grantMore(created.apiKey().getId());
		assertThat(get("/api/hello", "X-API-Key", created.token())).hasStatus(200).doesNotContainHeader("RateLimit");
		ApiKey used = this.apiKeys.find(created.apiKey().getId()).orElseThrow();
		assertThat(used.getQuota()).isEqualTo(2000);
		assertThat(used.getQuotaUsed()).isEqualTo(4);
	}

	@Test
	void leanChain() {
		String token = this.apiKeys.create(NewApiKey.named("machine")).token();
		MvcTestResult accepted = this.mvc.get()
			.uri("/machines/hello")
			.secure(true)
			.header("X-API-Key", token)
			.exchange();
		assertThat(accepted).hasStatus(200)
			.hasHeader("X-Content-Type-Options", "nosniff")
			.hasHeader("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
			.containsHeader("Strict-Transport-Security")
			.doesNotContainHeader("Set-Cookie");
		assertThat(accepted.getRequest().getSession(false)).isNull();
		assertThat(this.mvc.post().uri("/machines/hello").header("X-API-Key", token)).hasStatus(200);
		assertThat(this.mvc.get().uri("/machines/hello")).hasStatus(401).hasHeader("WWW-Authenticate", "Api-Key");
		assertThat(get("/machines/hello", "X-API-Key", "wrong")).hasStatus(401);
		assertThat(get("/machines/hello", "Authorization", BASIC)).hasStatus(401);
		assertThat(this.mvc.get().uri("/machines/hello").with(user("somebody"))).hasStatus(403);
	}

	@Test
	void rules() {
		assertThat(this.clerk.withoutAnExpiry().apiKey().getExpiresAt()).isNull();
		CreatedApiKey till = this.clerk.fromTheOfficeOnly();
		assertThat(this.verifier.verify(till.token(), "203.0.113.9")).isPresent();
		assertThat(get("/api/hello", "X-API-Key", till.token())).hasStatus(401);
		assertThat(this.rules.log()).contains("ADDRESS from 127.0.0.1");
		for (String header : List.of("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP")) {
			assertThat(this.mvc.get()
				.uri("/api/hello")
				.header("X-API-Key", till.token())
				.header(header, header.equals("Forwarded") ? "for=203.0.113.9" : "203.0.113.9")).hasStatus(401);
		}
		assertThat(this.mvc.get().uri("/api/hello").header("X-API-Key", till.token()).with((request) -> {
			request.setRemoteAddr("203.0.113.9");
			return request;
		})).hasStatus(200);
		String token = this.apiKeys.create(NewApiKey.named("blocked").owner("org-1")).token();
		assertThat(this.clerk.nameOf(token)).isEqualTo("blocked");
		this.rules.blocked().add("org-1");
		this.clerk.block("org-1");
		assertThat(this.clerk.nameOf(token)).isEqualTo("nobody");
	}

	@Test
	void endsOfManyAndOfWhatWasFound() {
		String one = this.apiKeys.create(NewApiKey.named("one").owner("org-2")).token();
		this.apiKeys.create(NewApiKey.named("two").owner("org-2"));
		assertThat(this.clerk.found(one)).isPresent();
		assertThat(this.clerk.nameOf(one)).isEqualTo("nobody");
		assertThat(this.clerk.found("ak_nonsense")).isEmpty();
		UUID three = this.apiKeys.create(NewApiKey.named("three").owner("org-3")).apiKey().getId();
		assertThat(this.clerk.remove(three, "org-3")).isZero();
		assertThat(this.apiKeys.find(three)).isPresent();
		assertThat(this.clerk.leave("org-2")).isOne();
		this.clerk.purge();
		assertThat(this.apiKeys.list(ApiKeyQuery.all().owner("org-2"), Pageable.unpaged())).hasSize(2);
	}

	@Test
	void selfService() {
		assertThat(createMine(user("user"), "{\"name\":\"mine\",\"scopes\":[\"reports:read\"]}")).hasStatus(200)
			.bodyText()
			.startsWith("ak_");
		ApiKey mine = this.apiKeys.list(ApiKeyQuery.all().owner("user:user"), Pageable.unpaged()).getContent().get(0);
		assertThat(this.mvc.get().uri("/my/keys").with(user("user"))).hasStatus(200)
			.bodyJson()
			.extractingPath("$[*].state")
			.asArray()
			.containsExactly("ACTIVE");
		assertThat(this.mvc.get().uri("/my/keys?state=unknown").with(user("user"))).hasStatus(400);
		for (String scope : List.of("orders:admin", "report:read")) {
			assertThat(createMine(user("user"), "{\"name\":\"more\",\"scopes\":[\"" + scope + "\"]}")).hasStatus(403)
				.bodyJson()
				.isStrictlyEqualTo(
						"{\"field\":\"scopes\",\"message\":\"You cannot grant the scope '" + scope + "'.\"}");
		}
		assertThat(createMine(user("user"), "{\"name\":\"\",\"scopes\":[]}")).hasStatus(400);
		assertThat(get("/my/keys", "X-API-Key", key())).hasStatus(403);
		for (UUID notMine : List.of(UUID.randomUUID(), this.apiKeys.create(NewApiKey.named("x")).apiKey().getId())) {
			assertThat(this.mvc.delete().uri("/my/keys/" + notMine).with(csrf()).with(user("user"))).hasStatus(404);
		}
		assertThat(rotateMine(mine)).hasStatus(200).bodyText().startsWith("ak_");
		assertThat(rotateMine(mine)).hasStatus(409);
		this.apiKeys.list(ApiKeyQuery.all().owner("user:user"), Pageable.unpaged())
			.filter((key) -> !key.equals(mine))
			.forEach((successor) -> this.apiKeys.revoke(successor.getId()));
		assertThat(this.mvc.delete().uri("/my/keys/" + mine.getId()).with(csrf()).with(user("user"))).hasStatus(204);
		assertThat(rotateMine(mine)).hasStatus(409);
		assertThat(this.apiKeys.find(mine.getId()).orElseThrow().getRevokedAt()).isNotNull();
		assertThat(this.mvc.get().uri("/my/keys").with(user("user"))).bodyText().isEqualTo("[]");
		assertThat(this.mvc.get().uri("/my/keys?state=REVOKED").with(user("user"))).hasStatus(200)
			.bodyText()
			.contains(mine.getKeyId(), "\"state\":\"REVOKED\"")
			.doesNotContain("\"hash\"");
	}

	private MvcTestResult rotateMine(ApiKey key) {
		return this.mvc.post().uri("/my/keys/" + key.getId() + "/rotation").with(csrf()).with(user("user")).exchange();
	}

	@Test
	void selfServiceWhenTwoStoresHaveAUserOfTheSameNameThenTwoOwners(@Autowired StaffKeys keys) {
		StaffKeys.Employee employee = mock();
		given(employee.getUsername()).willReturn("kim");
		try {
			SecurityContextHolder.getContext()
				.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(employee, null, List.of()));
			assertThat(keys.create("of staff")).isEqualTo("user:staff:kim");
			SecurityContextHolder.getContext()
				.setAuthentication(UsernamePasswordAuthenticationToken
					.authenticated(User.withUsername("kim").password("").build(), null, List.of()));
			assertThat(keys.create("of a customer")).isEqualTo("user:customers:kim");
			assertThat(keys.names()).containsExactly("of a customer");
		}
		finally {
			SecurityContextHolder.clearContext();
		}
	}

	@Test
	void selfServiceThenAUserSeesWhatTheViewHasAndNotTheEntity() {
		CreatedApiKey created = this.apiKeys
			.create(NewApiKey.named("seen").userOwner(ApiKeyOwners.ofUser("viewer")).metadata("crm", "blocked"));
		assertThat(this.mvc.get().uri("/my/keys").with(user("viewer"))).hasStatus(200)
			.bodyJson()
			.extractingPath("$[0]")
			.asMap()
			.containsOnlyKeys("id", "keyId", "name", "scopes", "state");
		assertThat(JsonMapper.shared().writeValueAsString(created.apiKey()))
			.contains("\"crm\":\"blocked\"", "\"lastUsedFrom\"", "\"allowedAddresses\"", "\"state\":\"ACTIVE\"")
			.doesNotContain("\"hash\"", created.token().substring(20));
	}

	@Test
	void selfServiceWhenTheUserIsDeletedThenTheNextOfTheNameFindsNoUsableKey(
			@Autowired ApplicationEventPublisher publisher) {
		CreatedApiKey welcome = this.clerk.forAUser();
		assertThat(this.mvc.get().uri("/my/keys").with(user("alice"))).hasStatus(200)
			.bodyText()
			.contains(welcome.apiKey().getKeyId());
		assertThat(this.clerk.nameOf(welcome.token())).isEqualTo("welcome");
		publisher.publishEvent(new UserDeletedEvent("alice"));
		assertThat(this.clerk.nameOf(welcome.token())).isEqualTo("nobody");
	}

	private MvcTestResult createMine(RequestPostProcessor user, String json) {
		return this.mvc.post()
			.uri("/my/keys")
			.with(csrf())
			.with(user)
			.contentType(MediaType.APPLICATION_JSON)
			.content(json)
			.exchange();
	}

	private String key(String... scopes) {
		return this.apiKeys.create(NewApiKey.named("client").scopes(scopes)).token();
	}

	private MvcTestResult get(String path, String header, String value) {
		return this.mvc.get().uri(path).header(header, value).exchange();
	}

}
