package com.example.existingproduct;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import javax.crypto.spec.SecretKeySpec;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import redis.embedded.RedisServer;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.http.HttpHeaders;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MockMvcTester.MockMvcRequestBuilder;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.request.RequestPostProcessor;

import static io.github.apikeys.test.ApiKeyRequestPostProcessors.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;

@SpringBootTest
@AutoConfigureMockMvc
@ExtendWith(OutputCaptureExtension.class)
class ExistingProductApplicationTests {

	private static final Pattern HIDDEN = Pattern.compile("type=\"hidden\" name=\"(\\w+)\" value=\"([^\"]*)\"");

	private static RedisServer redisServer;

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private StringRedisTemplate redis;

	@Autowired
	private PartnerRepository partners;

	@Autowired
	private PartnerService partnerService;

	@Autowired
	private ApiKeyService apiKeys;

	@Autowired
	private JdbcClient jdbc;

	@Value("${product.jwt-secret}")
	private String jwtSecret;

	private Partner partner;

	@DynamicPropertySource
	static void startRedis(DynamicPropertyRegistry registry) throws IOException {
		for (int attempt = 0; attempt < 10 && redisServer == null; attempt++) {
			redisServer = tryToStartRedis();
		}
		registry.add("spring.data.redis.port", () -> redisServer.ports().get(0));
	}

	/**
	 * Another program may take a port that was free.
	 */
	private static RedisServer tryToStartRedis() throws IOException {
		RedisServer server = RedisServer.newRedisServer().port(freePort()).setting("bind 127.0.0.1").build();
		try {
			server.start();
			return server;
		}
		catch (IOException ex) {
			return null;
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	@AfterAll
	static void stopRedis() throws IOException {
		redisServer.stop();
	}

	@BeforeEach
	void createPartner() {
		this.partner = this.partners.save(new Partner("Acme"));
	}

	@Test
	void ordersWhenBearerTokenOrKeyThenScopeDecides() {
		assertThat(this.mvc.get().uri("/orders").header("Authorization", "Bearer " + jwt("orders:read"))).hasStatusOk();
		assertThat(this.mvc.get().uri("/orders").header("Authorization", "Bearer " + jwt("other"))).hasStatus(403);
		assertThat(this.mvc.get().uri("/orders").header("X-API-Key", key("orders:read"))).hasStatusOk();
		assertThat(this.mvc.get().uri("/orders").header("Authorization", "Api-Key " + key("orders:read")))
			.hasStatusOk();
		assertThat(this.mvc.get().uri("/orders").header("X-API-Key", key())).hasStatus(403);
		assertThat(this.mvc.get().uri("/orders").header("Authorization", "Bearer " + key("orders:read")))
			.hasStatus(401);
		assertThat(this.mvc.get()
			.uri("/orders")
			.header("Authorization", "Bearer " + jwt("orders:read"))
			.header("X-API-Key", key("orders:read"))).hasStatus(401);
	}

	@Test
	void partnerWhenKeyIsOfAPartnerThenIsNamed() {
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", key())).hasStatusOk()
			.bodyJson()
			.isLenientlyEqualTo("{ \"name\": \"Acme\" }");
		String other = this.apiKeys.create(NewApiKey.named("other").expiresIn(Duration.ofDays(1))).token();
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", other)).hasStatus(403);
		assertThat(this.mvc.get().uri("/partner").header("Authorization", "Bearer " + jwt("orders:read")))
			.hasStatus(403);
	}

	@Test
	void keyWhenPartnerIsInactiveThenIsUnauthorizedAtOnce() {
		String token = key();
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", token)).hasStatusOk();
		this.partnerService.setActive(this.partner.getId(), false);
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", token)).hasStatus(401);
		this.partnerService.setActive(this.partner.getId(), true);
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", token)).hasStatusOk();
	}

	@Test
	void postWhenInASessionThenNeedsCsrfTokenAndOtherwiseNot() {
		assertThat(this.mvc.post().uri("/profile").with(user("alice"))).hasStatus(403);
		assertThat(this.mvc.post().uri("/profile").with(user("alice")).with(csrf())).hasStatusOk();
		assertThat(this.mvc.post().uri("/profile").header("X-API-Key", key())).hasStatusOk();
		assertThat(this.mvc.post().uri("/profile").header("Authorization", "Bearer " + jwt("any"))).hasStatusOk();
	}

	@Test
	void callerWhenNobodyThenIsAskedByTheProduct() {
		assertThat(this.mvc.get().uri("/orders").header("Accept", "text/html")).hasStatus(302)
			.hasRedirectedUrl("/login");
		assertThat(this.mvc.get().uri("/orders").header("Accept", "application/json")).hasStatus(401)
			.headers()
			.hasHeaderSatisfying(HttpHeaders.WWW_AUTHENTICATE,
					(values) -> assertThat(values).singleElement().asString().startsWith("Bearer"));
	}

	@Test
	void keyWhenItWouldLiveTooLongThenIsNotCreated() {
		for (NewApiKey key : List.of(NewApiKey.named("long").expiresIn(Duration.ofDays(91)),
				NewApiKey.named("never").neverExpires(), NewApiKey.named("unsaid"))) {
			assertThatExceptionOfType(InvalidApiKeyAttributeException.class).isThrownBy(() -> this.apiKeys.create(key))
				.returns("expiresAt", InvalidApiKeyAttributeException::getAttribute);
		}
	}

	@Test
	void keyWhenItsLimitIsReachedThenHasToWait() {
		String token = this.partnerService
			.createKey(this.partner, NewApiKey.named("slow").expiresIn(Duration.ofDays(1)).rateLimits("2/1h"))
			.token();
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", token)).hasStatusOk();
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", token)).hasStatusOk();
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", token)).hasStatus(429)
			.containsHeader(HttpHeaders.RETRY_AFTER);
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", key())).hasStatusOk().containsHeader("RateLimit");
	}

	@Test
	void pagesWhenOtherAuthorityThenAreClosed() {
		String token = key();
		assertThat(this.mvc.get().uri("/backoffice/keys").with(user("a").roles("ADMIN"))).hasStatus(403);
		assertThat(this.mvc.get().uri("/backoffice/keys").header("X-API-Key", token)).hasStatus(401);
		assertThat(this.mvc.get().uri("/admin/api-keys").with(support())).hasStatus(404);
		assertThat(this.mvc.get().uri("/backoffice/keys?type=partner").with(support())).hasStatusOk()
			.bodyText()
			.contains("<th", "Partner", "Acme");
		assertThat(this.mvc.get().uri("/backoffice/keys/new?type=partner").with(support())).hasStatusOk()
			.bodyText()
			.contains("Acme", "name=\"formToken\"");
	}

	@Test
	void keyWhenCreatedOnThePagesThenBelongsToItsPartner() throws Exception {
		MvcTestResult form = this.mvc.get().uri("/backoffice/keys/new?type=partner").with(support()).exchange();
		MockMvcRequestBuilder submission = this.mvc.post()
			.uri("/backoffice/keys/new")
			.cookie(form.getResponse().getCookie("SESSION"))
			.with(support())
			.param("name", "from the page")
			.param("expiry", "30")
			.param("field.partner", this.partner.getId().toString());
		HIDDEN.matcher(form.getResponse().getContentAsString())
			.results()
			.forEach((input) -> submission.param(input.group(1), input.group(2)));
		MvcTestResult issued = submission.with(csrf()).exchange();
		assertThat(issued).hasStatusOk();
		Matcher token = Pattern.compile("acme_partner_\\w{51}").matcher(issued.getResponse().getContentAsString());
		assertThat(token.find()).isTrue();
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", token.group())).hasStatusOk();
		this.partnerService.setActive(this.partner.getId(), false);
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", token.group())).hasStatus(401);
		this.partnerService.setActive(this.partner.getId(), true);
		assertThat(this.apiKeys.revokeAll(this.partner.getOwner(), "Contract ended")).isOne();
		assertThat(this.mvc.get().uri("/partner").header("X-API-Key", token.group())).hasStatus(401);
	}

	@Test
	void keyWhenItsScopeIsAWildcardThenRulesForTextsDoNotSeeIt(CapturedOutput output) {
		assertThat(this.mvc.get().uri("/orders").header("X-API-Key", key("orders:*"))).hasStatus(403);
		assertThat(output).contains("was granted the wildcard");
	}

	/**
	 * Even what the application itself stores of a caller is of no use to a reader.
	 */
	@Test
	void sessionsWhenInRedisThenTheyHoldNoToken() throws Exception {
		String token = key("orders:read");
		assertThat(this.mvc.get().uri("/orders").header("X-API-Key", token)).hasStatusOk()
			.doesNotContainHeader(HttpHeaders.SET_COOKIE);
		MvcTestResult kept = this.mvc.post().uri("/last-caller").header("X-API-Key", token).exchange();
		Cookie session = kept.getResponse().getCookie("SESSION");
		assertThat(kept).hasStatusOk();
		assertThat(session).isNotNull();
		assertThat(this.mvc.get().uri("/orders").cookie(session).header("Accept", "application/json")).hasStatus(401);
		MvcTestResult form = this.mvc.get().uri("/login").cookie(session).header("X-API-Key", token).exchange();
		assertThat(form.getResponse().getCookie("SESSION")).isNull();
		String stored = this.redis.keys("*")
			.stream()
			.map((key) -> key + " " + this.redis.opsForHash().entries(key))
			.collect(Collectors.joining("\n"));
		assertThat(stored).contains("sessionAttr:caller", ApiKeyPrincipal.class.getName())
			.doesNotContain(token, token.substring(token.length() - 38), "sha256");
	}

	@Test
	void handlerWhenTestedWithADescribedKeyThenAsWithATokenInAHeader() {
		assertThat(this.mvc.get().uri("/orders").with(apiKey().scopes("orders:read"))).hasStatusOk();
		assertThat(this.mvc.get().uri("/orders").with(apiKey())).hasStatus(403);
		ApiKey stored = this.partnerService
			.createKey(this.partner, NewApiKey.named("key").expiresIn(Duration.ofDays(1)))
			.apiKey();
		assertThat(this.mvc.get().uri("/partner").with(apiKey(stored))).hasStatusOk().bodyText().contains("Acme");
		assertThat(this.mvc.get().uri("/partner").with(apiKey().type(PartnerApiKey.class))).failure()
			.hasMessageContaining("apiKey(created.apiKey())");
	}

	@Test
	void migrationsWhenFlywayRanThenHaveTheirOwnHistories() {
		assertThat(count("flyway_schema_history")).isPositive();
		assertThat(count("api_key_schema_history")).isPositive();
	}

	private int count(String table) {
		return this.jdbc.sql("select count(*) from \"" + table + "\"").query(Integer.class).single();
	}

	private String key(String... scopes) {
		return this.partnerService
			.createKey(this.partner, NewApiKey.named("key").scopes(scopes).expiresIn(Duration.ofDays(90)))
			.token();
	}

	private String jwt(String scope) {
		Instant now = Instant.now();
		JwtClaimsSet claims = JwtClaimsSet.builder()
			.subject("alice")
			.issuedAt(now)
			.expiresAt(now.plusSeconds(60))
			.claim("scope", scope)
			.build();
		return NimbusJwtEncoder.withSecretKey(new SecretKeySpec(this.jwtSecret.getBytes(), "HmacSHA256"))
			.build()
			.encode(JwtEncoderParameters.from(JwsHeader.with(MacAlgorithm.HS256).build(), claims))
			.getTokenValue();
	}

	private static RequestPostProcessor support() {
		return user("support").authorities(new SimpleGrantedAuthority("ROLE_SUPPORT"));
	}

}
