package com.example.migration;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;

import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.sql.DataSource;

import com.alibaba.druid.pool.DruidDataSource;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@SpringBootTest
@ExtendWith(OutputCaptureExtension.class)
@AutoConfigureMockMvc
class MigrationApplicationTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private KeyImport keyImport;

	@Autowired
	private ApiKeyService apiKeys;

	@Test
	void startThenThePoolIsKnown(@Autowired DataSource dataSource, CapturedOutput output) {
		assertThat(dataSource).isInstanceOf(DruidDataSource.class);
		assertThat(output).contains("Started MigrationApplicationTests")
			.doesNotContain("Each tenant may have API keys");
	}

	@Test
	void djangoKeyWhenImportedThenWorksAndItsHashIsUpgraded() throws Exception {
		String token = "kQ3xYz9A.abcdefghijklmnopqrstuvwxyzABCDEF";
		insertDjango("kQ3xYz9A", "sha512$$" + hex("SHA-512", token), false);
		this.keyImport.importKeys();
		assertThat(hashOf("django:kQ3xYz9A")).startsWith("{").doesNotStartWith("{hmac-sha256:");
		assertWorks("Api-Key " + token, "django-kQ3xYz9A");
		assertUpgraded("django:kQ3xYz9A");
		assertWorks("Api-Key " + token, "django-kQ3xYz9A");
		assertRefused("Api-Key " + token.replace('b', 'c'));
	}

	@Test
	void djangoKeyWhenItsHashIsSlowThenWorksAndItsHashIsUpgraded() throws Exception {
		String token = "pBk2pBk2.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
		byte[] hash = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
			.generateSecret(new PBEKeySpec(token.toCharArray(), "salt".getBytes(StandardCharsets.UTF_8), 20_000, 256))
			.getEncoded();
		insertDjango("pBk2pBk2", "pbkdf2_sha256$20000$salt$" + Base64.getEncoder().encodeToString(hash), false);
		this.keyImport.importKeys();
		assertWorks("Api-Key " + token, "django-pBk2pBk2");
		assertUpgraded("django:pBk2pBk2");
		assertWorks("Api-Key " + token, "django-pBk2pBk2");
	}

	@Test
	void djangoKeyWhenItWasRevokedThereThenIsUnauthorized() throws Exception {
		String token = "rEvOkEd1.abcdefghijklmnopqrstuvwxyzABCDEF";
		insertDjango("rEvOkEd1", "sha512$$" + hex("SHA-512", token), true);
		this.keyImport.importKeys();
		assertRefused("Api-Key " + token);
		assertThat(this.apiKeys.findByKeyId("django:rEvOkEd1").orElseThrow().getState()).isEqualTo(ApiKeyState.REVOKED);
	}

	@Test
	void customerKeyWhenImportedThenWorksAndItsHashIsUpgraded() throws Exception {
		String token = "sk_0123456789abcdef0123456789abcdef01234567";
		String id = insertCustomer(token, "acme");
		assertThat(hashOf(id)).startsWith("{sha256}");
		assertWorks("Token " + token, "acme");
		assertUpgraded(id);
		assertWorks("Token " + token, "acme");
		assertThat(this.mvc.get().uri("/orders").header("X-API-Key", token)).hasStatusOk();
		assertRefused("Token " + token.replace('7', '8'));
	}

	@Test
	void importWhenRunAgainThenDoesNoHarm(CapturedOutput output) throws Exception {
		String token = "sk_76543210fedcba9876543210fedcba9876543210";
		String id = insertCustomer(token, "globex");
		insertDjango("aGaInAgA", "sha512$$" + hex("SHA-512", "aGaInAgA.abcdefghijklmnopqrstuvwxyzABCDEF"), true);
		assertThat(this.keyImport.importKeys()).isEqualTo(1);
		assertWorks("Token " + token, "globex");
		assertUpgraded(id);
		assertThat(this.keyImport.importKeys()).isZero();
		assertThat(hashOf(id)).startsWith("{hmac-sha256:2026}");
		assertWorks("Token " + token, "globex");
		assertThat(output).doesNotContain("differs in");
		this.apiKeys.revoke(this.apiKeys.findByKeyId(id).orElseThrow().getId());
		assertThat(this.keyImport.importKeys()).isZero();
		assertThat(output).containsOnlyOnce(id + " differs in [revokedAt]");
		assertRefused("Token " + token);
	}

	@Test
	void withJackson2ThenAnswersAreJsonAndTellNoHash() {
		assertThat(ClassUtils.isPresent("tools.jackson.databind.ObjectMapper", null)).isFalse();
		String token = this.apiKeys.create(NewApiKey.named("client").scopes("orders:read")).token();
		assertThat(this.mvc.get().uri("/orders/key").header("X-API-Key", token)).hasStatusOk()
			.bodyText()
			.contains("\"name\":\"client\"", "\"state\":\"ACTIVE\"")
			.doesNotContain("\"hash\"", "sha256", token.substring(token.length() - 38));
		assertThat(this.mvc.get().uri("/orders/key").header("X-API-Key", "wrong")).hasStatus(401)
			.bodyText()
			.contains("\"type\":\"urn:problem-type:api-key:unauthorized\"");
	}

	private void insertDjango(String prefix, String hash, boolean revoked) {
		this.jdbc.sql("insert into rest_framework_api_key_apikey values (?, current_timestamp, ?, ?, null, ?, ?)")
			.params(prefix + ".stored", "django-" + prefix, revoked, hash, prefix)
			.update();
	}

	private String insertCustomer(String token, String customer) throws Exception {
		this.jdbc.sql("insert into customer_token values (?, ?)").params(hex("SHA-256", token), customer).update();
		assertThat(this.keyImport.importKeys()).isEqualTo(1);
		return this.jdbc.sql("select key_id from api_key where owner = ?").param(customer).query(String.class).single();
	}

	private void assertWorks(String authorization, String owner) {
		assertThat(this.mvc.get().uri("/orders").header("Authorization", authorization)).hasStatusOk()
			.bodyText()
			.isEqualTo("Orders of " + owner);
	}

	private void assertRefused(String authorization) {
		assertThat(this.mvc.get().uri("/orders").header("Authorization", authorization)).hasStatus(401);
	}

	private void assertUpgraded(String keyId) {
		await().atMost(Duration.ofMinutes(2))
			.untilAsserted(() -> assertThat(hashOf(keyId)).startsWith("{hmac-sha256:2026}"));
	}

	private String hashOf(String keyId) {
		return this.jdbc.sql("select hash from api_key where key_id = ?").param(keyId).query(String.class).single();
	}

	private static String hex(String algorithm, String text) throws Exception {
		return HexFormat.of()
			.formatHex(MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8)));
	}

}
