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

package io.github.apikeys.admin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.github.apikeys.admin.OwnedKeys.PartnerApiKey;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the pages do with what is sent to them, on a real server.
 */
class AdminPagesTests {

	private static final String PAGES = HostApplication.PAGES;

	private static HostApplication host;

	@BeforeAll
	static void start() {
		host = HostApplication.start(Host.class, "api-key.scopes.[orders:read]=Read orders",
				"api-key.scopes.[orders:write]=Place orders");
	}

	@AfterAll
	static void stop() {
		host.close();
	}

	@BeforeEach
	void removeKeys() {
		for (String table : List.of("api_key_scope", "api_key_metadata", "partner_api_key", "courier_api_key",
				"api_key")) {
			host.bean(JdbcTemplate.class).update("delete from " + table);
		}
		host.as("admin");
	}

	@Test
	void pagesThenHeadersThatKeepThemPrivate() {
		HttpResponse<String> response = host.get(PAGES);
		assertThat(response.headers().firstValue("Content-Security-Policy"))
			.hasValueSatisfying((policy) -> assertThat(policy).startsWith("default-src 'none'; ")
				.contains("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'")
				.doesNotContain("unsafe", "data:", "http"));
		assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
		assertThat(response.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
		assertThat(response.body()).doesNotContain("style=", "<script>", "onclick", "http://", "https://");
	}

	@Test
	void createThenThePlaintextIsInThisAnswerAndNowhereElse() {
		HttpResponse<String> response = host.submit(PAGES + "/new", "/new",
				Map.of("name", "billing", "owner", "org-42", "scopes", List.of("orders:read", "orders:write"), "expiry",
						"30", "description", "two\r\nlines", "metadata", "team=finance\r\n stage = test ", "notBefore",
						"2026-01-01"));
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
		String token = Jsoup.parse(response.body()).getElementById("token").text();
		assertThat(host.apiKeys().verify(token)).isPresent();
		assertThat(response.uri().toString()).doesNotContain(token);
		ApiKey key = host.keys().get(0);
		assertThat(key.getName()).isEqualTo("billing");
		assertThat(key.getOwner()).isEqualTo("org-42");
		assertThat(key.getScopes()).containsExactly("orders:read", "orders:write");
		assertThat(key.getDescription()).isEqualTo("two\nlines");
		assertThat(key.getMetadata()).isEqualTo(Map.of("team", "finance", "stage", "test"));
		assertThat(key.getNotBefore()).isEqualTo("2026-01-01T00:00:00Z");
		assertThat(key.getExpiresAt()).isBetween(Instant.now().plus(Duration.ofDays(30)).minusSeconds(60),
				Instant.now().plus(Duration.ofDays(30)));
		assertThat(host.bean(ApiKeyReports.class).history(key.getId())).singleElement().satisfies((event) -> {
			assertThat(event.getActor()).isEqualTo("user:admin");
			assertThat(event.getAddress()).isIn("127.0.0.1", "0:0:0:0:0:0:0:1");
		});
		for (String path : List.of("", "/new", "/" + key.getId(), "/" + key.getId() + "/edit", "/export.csv")) {
			assertThat(host.get(PAGES + path).body()).doesNotContain(token, token.substring(20));
		}
	}

	@ParameterizedTest
	@CsvSource({ "partner, acme", "courier, couriers" })
	void createWhenTheTypeSaysTheOwnerThenNobodyIsAskedAndRevokeAllMissesNone(String type, String owner) {
		String page = PAGES + "/new?type=" + type;
		assertThat(Jsoup.parse(host.get(page).body()).getElementById("owner")).isNull();
		Map<String, String> form = Map.of("name", "key", "expiry", "never", "field.partner", "acme");
		assertThat(host.submit(page, "/new", form).statusCode()).isEqualTo(200);
		assertThat(host.keys()).singleElement().extracting(ApiKey::getOwner).isEqualTo(owner);
		assertThat(host.apiKeys().revokeAll(owner, null)).isOne();
	}

	@ParameterizedTest
	@ValueSource(strings = { "partner", "courier" })
	void createWhenTheTypeSaysAnotherOwnerThanTheFormThenRefusedAndShown(String type) {
		HttpResponse<String> response = host.submit(PAGES + "/new?type=" + type, "/new",
				Map.of("name", "key", "expiry", "never", "field.partner", "acme", "owner", "somebody else"));
		assertThat(response.statusCode()).isEqualTo(400);
		Document page = Jsoup.parse(response.body());
		assertThat(page.getElementById("owner").val()).isEqualTo("somebody else");
		assertThat(page.getElementById("owner").attr("aria-invalid")).isEqualTo("true");
		assertThat(host.keys()).isEmpty();
	}

	@Test
	void createWhenTheTypeSaysAnOwnerThatIsReservedThenRefusedAndShown() {
		HttpResponse<String> response = host.submit(PAGES + "/new?type=partner", "/new",
				Map.of("name", "key", "expiry", "never", "field.partner", "user:alice"));
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(Jsoup.parse(response.body()).getElementById("error-owner")).isNotNull();
		assertThat(host.keys()).isEmpty();
	}

	@Test
	void createWhenNoOtherKeyHasTheOwnerThenTheAnswerSaysSo() {
		Map<String, String> form = Map.of("name", "key", "expiry", "never", "owner", " org-<42> ");
		assertThat(
				Jsoup.parse(host.submit(PAGES + "/new", "/new", form).body()).getElementById("first-of-owner").text())
			.contains("No other key has the owner \u2068org-<42>\u2069.");
		assertThat(Jsoup.parse(host.submit(PAGES + "/new", "/new", form).body()).getElementById("first-of-owner"))
			.isNull();
		Map<String, String> nobodys = Map.of("name", "key", "expiry", "never");
		assertThat(Jsoup.parse(host.submit(PAGES + "/new", "/new", nobodys).body()).getElementById("first-of-owner"))
			.isNull();
	}

	/**
	 * In sessions, in other tables, or on another page.
	 */
	@Test
	void createAndRotateThenPlaintextAndHashAreKeptNowhereElse() {
		List<String> secrets = new ArrayList<>();
		HttpResponse<String> created = host.submit(PAGES + "/new", "/new", Map.of("name", "key", "expiry", "never"));
		UUID id = host.keys().get(0).getId();
		HttpResponse<String> rotated = host.submit(PAGES + "/" + id + "/rotate", "/rotate", Map.of("grace", "hour"));
		for (HttpResponse<String> shown : List.of(created, rotated)) {
			String token = Jsoup.parse(shown.body()).getElementById("token").text();
			secrets.add(token.substring(token.length() - 38));
		}
		JdbcTemplate jdbc = host.bean(JdbcTemplate.class);
		List<String> hashes = jdbc.queryForList("select hash from api_key", String.class)
			.stream()
			.map((hash) -> hash.substring("{sha256}".length()))
			.toList();
		assertThat(hashes).hasSize(2);
		assertThat(host.bean(Sessions.class).content()).contains(UsedSubmissions.class.getName())
			.doesNotContain(secrets)
			.doesNotContain(hashes);
		for (String table : jdbc.queryForList(
				"select table_name from information_schema.tables where table_schema = 'PUBLIC'", String.class)) {
			String rows = jdbc.queryForList("select * from \"" + table + "\"").toString();
			assertThat(rows).as(table).doesNotContain(secrets);
			if (!table.equalsIgnoreCase("api_key")) {
				assertThat(rows).as(table).doesNotContain(hashes);
			}
		}
		for (String path : List.of("", "/new", "/" + id, "/" + id + "/edit", "/" + id + "/revoke", "/" + id + "/rotate",
				"/export.csv")) {
			assertThat(host.get(PAGES + path).body()).as(path).doesNotContain(secrets).doesNotContain(hashes);
		}
	}

	@Test
	void createWhenTheFormIsSentTwiceThenOneKey() {
		Map<String, Object> form = new LinkedHashMap<>();
		Document page = Jsoup.parse(host.get(PAGES + "/new").body());
		page.select("main form input[type=hidden]").forEach((input) -> form.put(input.attr("name"), input.val()));
		form.put("name", "once");
		form.put("expiry", "never");
		assertThat(host.post(PAGES + "/new", form).body()).contains("Your new key");
		HttpResponse<String> again = host.post(PAGES + "/new", form);
		assertThat(again.statusCode()).isEqualTo(303);
		assertThat(again.headers().firstValue("Location").orElseThrow()).endsWith(PAGES);
		form.put("submission", "not-one-of-ours");
		assertThat(host.post(PAGES + "/new", form).statusCode()).isEqualTo(303);
		form.remove("submission");
		assertThat(host.post(PAGES + "/new", form).statusCode()).isEqualTo(303);
		assertThat(host.keys()).hasSize(1);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			name|''|name
			name|'a\tb'|name
			owner|'a\tb'|owner
			scopes|users:read|scopes
			scopes|Orders|scopes
			scopeText|users:read|scopes
			expiry|''|expiresAt
			expiry|yesterday|expiresAt
			expiry|date|expiresAt
			expiresOn|2999-12-31|expiresAt
			notBefore|2026-13-01|notBefore
			notBefore|0001-01-01|notBefore
			notBefore|2999-01-01|expiresAt
			metadata|none|metadata
			metadata|=value|metadata
			metadata|name=|metadata
			""")
	void createWhenInputIsInvalidThenMessageAtTheFieldAndInputKept(String field, String value, String error) {
		Map<String, Object> values = new LinkedHashMap<>(
				Map.of("name", "kept name", "owner", "kept owner", "expiry", "30", "description", "kept <text>"));
		values.put(field, value);
		HttpResponse<String> response = host.submit(PAGES + "/new", "/new", values);
		assertThat(response.statusCode()).isEqualTo(400);
		Document page = Jsoup.parse(response.body());
		assertThat(page.getElementById("error-" + error)).isNotNull();
		assertThat(page.select(".error")).hasSize(1);
		assertThat(page.select("[role=alert]").text()).contains("Nothing was saved");
		assertThat(page.getElementById("description").wholeText()).isEqualTo("kept <text>");
		if (!field.equals("name")) {
			assertThat(page.getElementById("name").val()).isEqualTo("kept name");
		}
		assertThat(host.keys()).isEmpty();
		// and the same form can be sent again
		assertThat(page.select("input[name=submission]").val()).isNotEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "keep", "7", "never" })
	void editWhenADayIsEnteredBesideAnotherChoiceThenToldAndNothingChanged(String choice) {
		ApiKey key = host.apiKeys().create(NewApiKey.named("key").neverExpires()).apiKey();
		HttpResponse<String> response = host.submit(PAGES + "/" + key.getId() + "/edit", "/edit",
				Map.of("name", "other", "expiry", choice, "expiresOn", "2999-12-31"));
		assertThat(response.statusCode()).isEqualTo(400);
		Document page = Jsoup.parse(response.body());
		assertThat(page.getElementById("error-expiresAt").text()).contains("remove the day");
		assertThat(page.getElementById("expiresOn").val()).isEqualTo("2999-12-31");
		assertThat(host.keys()).singleElement().extracting(ApiKey::getVersion).isEqualTo(key.getVersion());
	}

	@Test
	void newKeyThenEachChoiceSaysWhenItEnds() {
		Document page = Jsoup.parse(host.get(PAGES + "/new").body());
		for (String days : List.of("7", "30", "90", "365")) {
			Instant end = Instant
				.parse(page.select("label:has(input[name=expiry][value=" + days + "]) time").attr("datetime"));
			assertThat(Duration.between(Instant.now(), end)).isBetween(Duration.ofDays(Long.parseLong(days) - 1),
					Duration.ofDays(Long.parseLong(days)));
		}
	}

	@Test
	void createWhenEverythingIsWrongThenEveryMessageAtOnce() {
		Document page = Jsoup.parse(host
			.submit(PAGES + "/new", "/new", Map.of("name", " ", "owner", "x".repeat(300), "description",
					"x".repeat(1001), "scopes", "Bad!", "expiry", "date", "expiresOn", "soon", "metadata", "none"))
			.body());
		assertThat(page.select(".error").eachAttr("id")).containsExactlyInAnyOrder("error-name", "error-owner",
				"error-description", "error-scopes", "error-expiresAt", "error-metadata");
	}

	@Test
	void allowedAddressesThenShownChangedAndChecked() {
		host.submit(PAGES + "/new", "/new",
				Map.of("name", "till", "expiry", "never", "allowedAddresses", "203.0.113.0/24,\r\n2001:db8::1"));
		UUID id = host.keys().get(0).getId();
		assertThat(host.keys().get(0).getAllowedAddresses()).containsExactly("2001:db8::1", "203.0.113.0/24");
		assertThat(host.get(PAGES + "/" + id).body()).contains("203.0.113.0/24", "2001:db8::1");
		assertThat(host.submit(PAGES + "/" + id + "/edit", "/edit", Map.of("name", "renamed")).statusCode())
			.isEqualTo(303);
		assertThat(host.keys().get(0).getAllowedAddresses()).hasSize(2);
		HttpResponse<String> refused = host.submit(PAGES + "/" + id + "/edit", "/edit",
				Map.of("allowedAddresses", "203.0.113.7/24"));
		assertThat(refused.statusCode()).isEqualTo(400);
		assertThat(Jsoup.parse(refused.body()).select(".error").eachAttr("id"))
			.containsExactly("error-allowedAddresses");
		host.submit(PAGES + "/" + id + "/edit", "/edit", Map.of("allowedAddresses", " "));
		assertThat(host.keys().get(0).getAllowedAddresses()).isEmpty();
	}

	@Test
	void limitsThenShownChangedAndChecked() {
		host.submit(PAGES + "/new", "/new",
				Map.of("name", "trial", "expiry", "never", "rateLimits", "5000/1d 10/s", "quota", "1000"));
		ApiKey key = host.keys().get(0);
		assertThat(key.getRateLimits()).hasToString("10/1s, 5000/1d");
		assertThat(key.getQuota()).isEqualTo(1000);
		host.apiKeys().consumeQuota(key.getId());
		assertThat(Jsoup.parse(host.get(PAGES + "/" + key.getId()).body()).text()).contains("10/1s, 5000/1d",
				"1 of 1,000 requests used");
		assertThat(host.submit(PAGES + "/" + key.getId() + "/edit", "/edit", Map.of("name", "renamed")).statusCode())
			.isEqualTo(303);
		assertThat(host.keys().get(0).getRateLimits()).hasToString("10/1s, 5000/1d");
		assertThat(host.keys().get(0).getQuota()).isEqualTo(1000);
		HttpResponse<String> refused = host.submit(PAGES + "/" + key.getId() + "/edit", "/edit",
				Map.of("rateLimits", "many", "quota", "-1"));
		assertThat(refused.statusCode()).isEqualTo(400);
		assertThat(Jsoup.parse(refused.body()).select(".error").eachAttr("id"))
			.containsExactlyInAnyOrder("error-rateLimits", "error-quota");
		host.submit(PAGES + "/" + key.getId() + "/edit", "/edit", Map.of("rateLimits", " ", "quota", ""));
		assertThat(host.keys().get(0).getRateLimits()).isNull();
		assertThat(host.keys().get(0).getQuota()).isNull();
	}

	@Test
	void importedKeyThenShownByItsIdAndNeverByItsEnd() {
		ApiKey key = host.apiKeys()
			.importKey(ImportedApiKey.ofToken("kQ3xYz9A.abcdefghijklmnopqrstuvwxyz012345"),
					NewApiKey.named("from Django"));
		for (String path : List.of(PAGES, PAGES + "/" + key.getId())) {
			assertThat(Jsoup.parse(host.get(path).body()).text()).contains("django:kQ3xYz9A")
				.doesNotContain("django_", "012345", "abcdef");
		}
		assertThat(host.get(PAGES + "/" + key.getId()).body()).contains("Imported");
		HttpResponse<String> pasted = search("kQ3xYz9A.abcdefghijklmnopqrstuvwxyz012345");
		assertThat(pasted.uri().toString() + pasted.headers().firstValue("Location").orElse(""))
			.doesNotContain("abcdef");
		assertThat(pasted.headers().firstValue("Location").orElseThrow()).contains(key.getId().toString());
	}

	@Test
	void formsWhenOtherFieldsAreSlippedInThenIgnored() {
		UUID slippedIn = UUID.randomUUID();
		Map<String, Object> values = new LinkedHashMap<>(Map.of("name", "key", "expiry", "never", "id", slippedIn,
				"hash", "{sha256}x", "keyId", "AAAAAAAAAAAA", "revokedAt", "2026-01-01T00:00:00Z", "createdBy",
				"nobody", "createdAt", "2020-01-01T00:00:00Z"));
		values.put("token", "shop_x");
		host.submit(PAGES + "/new", "/new", values);
		ApiKey key = host.keys().get(0);
		assertThat(key.getId()).isNotEqualTo(slippedIn);
		assertThat(key.getKeyId()).isNotEqualTo("AAAAAAAAAAAA");
		assertThat(key.getRevokedAt()).isNull();
		assertThat(key.getCreatedAt()).isAfter(Instant.now().minusSeconds(60));
		host.submit(PAGES + "/" + key.getId() + "/edit", "/edit", Map.of("name", "edited", "owner", "stolen", "keyId",
				"AAAAAAAAAAAA", "disabledAt", "2026-01-01T00:00:00Z"));
		ApiKey edited = host.keys().get(0);
		assertThat(edited.getName()).isEqualTo("edited");
		assertThat(edited.getOwner()).isNull();
		assertThat(edited.getKeyId()).isEqualTo(key.getKeyId());
		assertThat(edited.getDisabledAt()).isNull();
	}

	@Test
	void editThenWhatIsNotTouchedStays() {
		Instant end = Instant.now().plus(Duration.ofDays(5)).truncatedTo(ChronoUnit.MICROS);
		UUID id = host.apiKeys()
			.create(NewApiKey.named("key")
				.description("a\nb")
				.scopes("orders:read")
				.metadata("x", "y=z")
				.expiresAt(end))
			.apiKey()
			.getId();
		assertThat(host.submit(PAGES + "/" + id + "/edit", "/edit", Map.of()).statusCode()).isEqualTo(303);
		ApiKey same = host.keys().get(0);
		assertThat(same.getVersion()).isZero();
		host.submit(PAGES + "/" + id + "/edit", "/edit",
				Map.of("expiry", "never", "scopes", "orders:write", "metadata", ""));
		ApiKey edited = host.keys().get(0);
		assertThat(edited.getExpiresAt()).isNull();
		assertThat(edited.getScopes()).containsExactly("orders:write");
		assertThat(edited.getMetadata()).isEmpty();
		assertThat(edited.getDescription()).isEqualTo("a\nb");
	}

	/**
	 * Values that a form shows otherwise than they are, or could not send at all.
	 */
	@Test
	void editWhenOnlyTheNameChangesThenNothingElseIsWritten() {
		Map<String, String> metadata = Map.of("filter", "a=1\nadmin=true", "a=b", "c", "pad", " x ", "pem",
				"-----BEGIN KEY-----\r\nMIIB\r\n-----END KEY-----\r\n", "quoted", "\"x\"", "tab", "\ta\t", "path",
				"C:\\new", "html", "</textarea>&amp;");
		NewApiKey newApiKey = NewApiKey.named("key")
			.description("\n one\r\ntwo\rthree\n ")
			.quota(Long.MAX_VALUE)
			.rateLimits("100/1m 5000/1d")
			.allowedAddresses("203.0.113.0/24", "2001:db8::1")
			.notBefore(Instant.parse("2026-01-01T01:02:03.456789Z"))
			.expiresAt(Instant.parse("2998-01-01T01:02:03.456789Z"));
		metadata.forEach(newApiKey::metadata);
		ApiKey before = createPastDeclaredScopes(newApiKey);
		assertThat(host.submit(PAGES + "/" + before.getId() + "/edit", "/edit", Map.of("name", "renamed")).statusCode())
			.isEqualTo(303);
		ApiKey after = host.keys().get(0);
		assertThat(after.getName()).isEqualTo("renamed");
		assertThat(after.getMetadata()).isEqualTo(metadata);
		assertThat(after).usingRecursiveComparison()
			.ignoringFields("name", "searchName", "version", "changedAt", "hash")
			.isEqualTo(before);
		assertThat(host.bean(ApiKeyReports.class).history(before.getId()).get(0).getDetail()).isEqualTo("name");
	}

	/**
	 * A key that was granted a scope before the application declared others.
	 */
	private static ApiKey createPastDeclaredScopes(NewApiKey newApiKey) {
		UUID id = host.apiKeys().create(newApiKey.scopes("orders:read", "orders:write", "*")).apiKey().getId();
		host.bean(JdbcTemplate.class)
			.update("insert into api_key_scope (api_key_id, scope) values (?, ?)", id, "former:scope");
		return host.keys().get(0);
	}

	@Test
	void editWhenOneEntryOfTheMetadataChangesThenTheOthersStay() {
		UUID id = host.apiKeys()
			.create(NewApiKey.named("key").metadata("pem", "-----BEGIN\r\nMIIB=\n").metadata("a=b", " c "))
			.apiKey()
			.getId();
		String page = PAGES + "/" + id + "/edit";
		String shown = Jsoup.parse(host.get(page).body()).getElementById("metadata").wholeText();
		assertThat(host.submit(page, "/edit", Map.of("metadata", shown + "team=billing")).statusCode()).isEqualTo(303);
		assertThat(host.keys().get(0).getMetadata())
			.isEqualTo(Map.of("pem", "-----BEGIN\r\nMIIB=\n", "a=b", " c ", "team", "billing"));
	}

	@Test
	void editWhenAFieldIsNotSentThenItStays() {
		UUID id = host.apiKeys()
			.create(NewApiKey.named("key")
				.description("text")
				.scopes("orders:read")
				.quota(5)
				.metadata("a", "b")
				.allowedAddresses("203.0.113.0/24")
				.expiresIn(Duration.ofDays(3)))
			.apiKey()
			.getId();
		ApiKey before = host.keys().get(0);
		Map<String, Object> form = formTokens();
		form.putAll(Map.of("name", "renamed", "version", "0"));
		assertThat(host.post(PAGES + "/" + id + "/edit", form).statusCode()).isEqualTo(303);
		assertThat(host.keys().get(0)).usingRecursiveComparison()
			.ignoringFields("name", "searchName", "version", "changedAt", "hash")
			.isEqualTo(before);
	}

	@Test
	void editWhenSomebodyElseWasFasterThenOnlyWhatOneChangedIsKept() {
		UUID id = host.apiKeys()
			.create(NewApiKey.named("key").description("old").scopes("orders:read"))
			.apiKey()
			.getId();
		String page = PAGES + "/" + id + "/edit";
		Map<String, Object> form = fields(Jsoup.parse(host.get(page).body()));
		host.apiKeys().update(id, (update) -> update.description("theirs").scopes("orders:write"));
		form.put("name", "mine");
		HttpResponse<String> conflict = host.post(page, form);
		assertThat(conflict.statusCode()).isEqualTo(409);
		Document again = Jsoup.parse(conflict.body());
		assertThat(again.getElementById("name").val()).isEqualTo("mine");
		assertThat(again.getElementById("description").wholeText()).isEqualTo("theirs");
		assertThat(host.post(page, fields(again)).statusCode()).isEqualTo(303);
		ApiKey key = host.keys().get(0);
		assertThat(key.getName()).isEqualTo("mine");
		assertThat(key.getDescription()).isEqualTo("theirs");
		assertThat(key.getScopes()).containsExactly("orders:write");
	}

	private static Map<String, Object> fields(Document page) {
		Map<String, Object> fields = new LinkedHashMap<>();
		page.select("main form")
			.get(0)
			.select("input:not([type=checkbox]):not([type=radio]), input[checked]")
			.forEach((input) -> fields.put(input.attr("name"), input.val()));
		page.select("main form textarea").forEach((input) -> fields.put(input.attr("name"), input.wholeText()));
		return fields;
	}

	@Test
	void editWhenInputIsInvalidThenStillKnownWhatWasShown() {
		UUID id = host.apiKeys().create(NewApiKey.named("key").metadata("pad", " x ")).apiKey().getId();
		HttpResponse<String> refused = host.submit(PAGES + "/" + id + "/edit", "/edit",
				Map.of("quota", "99999999999999999999", "name", "renamed"));
		assertThat(refused.statusCode()).isEqualTo(400);
		Map<String, Object> form = fields(Jsoup.parse(refused.body()));
		form.put("quota", "");
		assertThat(host.post(PAGES + "/" + id + "/edit", form).statusCode()).isEqualTo(303);
		assertThat(host.keys().get(0).getName()).isEqualTo("renamed");
		assertThat(host.keys().get(0).getMetadata()).isEqualTo(Map.of("pad", " x "));
	}

	/**
	 * Under HTTP Basic it is the page that begins the session, and texts are not equally
	 * long in every language.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "en", "de", "ar", "th-TH-u-nu-thai", "tr" })
	void pagesWhenSignedInByBasicThenCompleteInEveryLanguage(String language) {
		for (int day = 0; day < 30; day++) {
			host.bean(JdbcTemplate.class)
				.update("merge into api_key_usage_total (usage_day, requests, refusals) "
						+ "key (usage_day) values (dateadd('day', ?, current_date), 1000000, 1000)", -day);
		}
		UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
		host.apiKeys().disable(id);
		for (String path : List.of("", "/new", "/" + id, "/" + id + "/edit", "/" + id + "/revoke",
				"/" + id + "/delete")) {
			HttpResponse<String> page = host.as("admin").get(PAGES + path, "Accept-Language", language);
			assertThat(page.statusCode()).isEqualTo(200);
			assertThat(page.body().strip()).as(path).endsWith("</html>").doesNotContain("??");
			assertThat(Jsoup.parse(page.body()).select("main form[method=post]"))
				.allSatisfy((form) -> assertThat(form.select("input[name=_csrf], input[name=formToken]")).hasSize(2));
		}
		assertThat(host.submit(PAGES + "/" + id, "/enable", Map.of()).statusCode()).isEqualTo(303);
	}

	@Test
	void keyThatIsRevokedThenReadOnly() {
		UUID id = host.apiKeys().create(NewApiKey.named("key").expiresIn(Duration.ofDays(5))).apiKey().getId();
		Map<String, Object> csrf = formTokens();
		host.apiKeys().revoke(id, "lost");
		ApiKey revoked = host.keys().get(0);
		Document page = Jsoup.parse(host.get(PAGES + "/" + id).body());
		assertThat(page.select("main form, main a.button").eachText()).containsExactly("Delete…");
		assertThat(page.text()).contains("A revoked key cannot be changed any more.", "reason: lost");
		for (String action : List.of("edit", "rotate", "revoke")) {
			assertThat(host.get(PAGES + "/" + id + "/" + action).statusCode()).isEqualTo(409);
		}
		for (String action : List.of("edit", "disable", "enable", "rotate", "revoke")) {
			Map<String, Object> form = new LinkedHashMap<>(csrf);
			form.putAll(
					Map.of("name", "other", "expiry", "never", "version", "1", "grace", "none", "confirmation", "key"));
			HttpResponse<String> response = host.post(PAGES + "/" + id + "/" + action, form);
			assertThat(response.statusCode()).as(action).isEqualTo(409);
			assertThat(Jsoup.parse(response.body()).select("[role=alert]").text()).contains("Nothing was changed");
		}
		for (String action : List.of("enable", "disable", "revoke")) {
			Map<String, Object> form = new LinkedHashMap<>(csrf);
			form.putAll(Map.of("action", action, "ids", id));
			assertThat(host.post(PAGES + "/bulk/confirmed", form).statusCode()).isEqualTo(303);
		}
		assertThat(host.keys().get(0)).usingRecursiveComparison().isEqualTo(revoked);
	}

	/**
	 * As after the class of a type was removed, or a row of its table was.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "type", "row" })
	void keyThatCannotBeLoadedThenShownAndEndedAsTheOthers(String broken) {
		host.apiKeys().create(NewApiKey.named("whole").owner("org-42"));
		UUID id = host.apiKeys()
			.create(new PartnerApiKey("acme"), NewApiKey.named("odd").scopes("orders:read").metadata("a", "b"))
			.apiKey()
			.getId();
		breakRow(id, broken);
		for (String path : List.of("", "?state=active&sort=name")) {
			HttpResponse<String> page = host.get(PAGES + path);
			assertThat(page.statusCode()).as(path).isEqualTo(200);
			assertThat(Jsoup.parse(page.body()).select("a.name").eachText()).as(path)
				.containsExactlyInAnyOrder("odd", "whole");
		}
		assertThat(Jsoup.parse(host.get(PAGES + "?q=odd").body()).select("a.name").eachText()).containsExactly("odd");
		HttpResponse<String> export = host.get(PAGES + "/export.csv");
		assertThat(export.statusCode()).isEqualTo(200);
		assertThat(export.body()).contains(",\"odd\",", ",\"whole\",");
		Document list = Jsoup
			.parse(host.get(PAGES + "?type=" + host.apiKeys().find(id).orElseThrow().getKeyType()).body());
		assertThat(list.select("tbody tr")).singleElement()
			.satisfies((row) -> assertThat(row.select("td, th")).as("cells")
				.hasSameSizeAs(list.select("thead td, thead th")));
		String key = PAGES + "/" + id;
		for (String path : List.of("", "/edit", "/revoke", "/rotate", "/delete")) {
			HttpResponse<String> page = host.get(key + path);
			assertThat(page.statusCode()).as(path).isEqualTo(200);
			assertThat(page.body().strip()).as(path).contains("odd").endsWith("</html>");
		}
		assertThat(host.submit(key + "/edit", "/edit", Map.of("name", "still odd")).statusCode()).isEqualTo(303);
		HttpResponse<String> rotated = host.submit(key + "/rotate", "/rotate", Map.of("grace", "hour"));
		assertThat(rotated.statusCode()).isEqualTo(409);
		assertThat(Jsoup.parse(rotated.body()).select("[role=alert]").text()).contains("Nothing was changed");
		for (String action : List.of("disable", "enable")) {
			assertThat(host.submit(key, "/" + action, Map.of()).statusCode()).as(action).isEqualTo(303);
		}
		assertThat(host.submit(key + "/revoke", "/revoke", Map.of("confirmation", "still odd")).statusCode())
			.isEqualTo(303);
		assertThat(host.submit(key + "/delete", "/delete", Map.of("confirmation", "still odd")).statusCode())
			.isEqualTo(303);
		assertThat(host.bean(ApiKeyReports.class).history(id)).extracting(ApiKeyEvent::getChange)
			.containsExactly(ApiKeyChange.DELETED, ApiKeyChange.REVOKED, ApiKeyChange.ENABLED, ApiKeyChange.DISABLED,
					ApiKeyChange.UPDATED, ApiKeyChange.CREATED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "type", "row" })
	void bulkWhenAKeyCannotBeLoadedThenEndedWithTheOthers(String broken) {
		UUID whole = host.apiKeys().create(NewApiKey.named("whole")).apiKey().getId();
		UUID odd = host.apiKeys().create(new PartnerApiKey("acme"), NewApiKey.named("odd")).apiKey().getId();
		breakRow(odd, broken);
		Map<String, Object> form = formTokens();
		form.putAll(Map.of("action", "revoke", "ids", List.of(odd, whole)));
		assertThat(host.post(PAGES + "/bulk", form).statusCode()).isEqualTo(200);
		assertThat(host.post(PAGES + "/bulk/confirmed", form).statusCode()).isEqualTo(303);
		assertThat(host.keys()).hasSize(2).allSatisfy((key) -> assertThat(key.getRevokedAt()).isNotNull());
	}

	@Test
	void keyWhenALaterVersionWroteALineOfItsHistoryThenUnknown() {
		UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
		host.bean(JdbcTemplate.class)
			.update("update api_key_event set event_type = 'BLESSED', detail = 'twice' where api_key_id = ?", id);
		HttpResponse<String> page = host.get(PAGES + "/" + id);
		assertThat(page.statusCode()).isEqualTo(200);
		assertThat(Jsoup.parse(page.body()).text()).contains("Unknown change", "twice");
	}

	private static void breakRow(UUID id, String how) {
		host.bean(JdbcTemplate.class).update("delete from partner_api_key where id = ?", id);
		if (how.equals("type")) {
			host.bean(JdbcTemplate.class).update("update api_key set key_type = 'unknown' where id = ?", id);
		}
	}

	@Test
	void rotateByTwoThenTheSecondSeesWhatHappened() {
		UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
		Map<String, Object> form = formTokens();
		form.putAll(Map.of("grace", "hour", "expiry", "never"));
		assertThat(host.post(PAGES + "/" + id + "/rotate", form).body()).contains("Your new key", "It replaces a key");
		HttpResponse<String> second = host.post(PAGES + "/" + id + "/rotate", form);
		assertThat(second.statusCode()).isEqualTo(409);
		assertThat(Jsoup.parse(second.body()).text()).contains("a key can be rotated once", "Replaced by",
				"replaced by");
		assertThat(host.keys()).hasSize(2);
		assertThat(host.get(PAGES + "/" + id + "/rotate").statusCode()).isEqualTo(409);
	}

	@Test
	void rotateThenThePageSaysWhatTheKeyIsAndTheNewOneRunsAsLong() {
		ApiKey old = createDaysAgo(84, NewApiKey.named("nightly").expiresIn(Duration.ofDays(90)));
		String path = PAGES + "/" + old.getId() + "/rotate";
		Document page = Jsoup.parse(host.get(path).body());
		assertThat(page.select("dl").text()).contains("nightly", "in 6 days", "Last used Never");
		assertThat(page.select("input[name=grace]").eachAttr("value")).containsExactly("none", "hour", "day", "end");
		assertThat(page.select("label:has(input[name=grace][value=end]) time").attr("datetime"))
			.isEqualTo(String.valueOf(old.getExpiresAt()));
		HttpResponse<String> rotated = host.submit(path, "/rotate", Map.of("grace", "end"));
		assertThat(Jsoup.parse(rotated.body()).select("main").text()).contains("Last used: Never");
		ApiKey successor = find(find(old.getId()).getSuccessorId());
		assertThat(Duration.between(successor.getCreatedAt(), successor.getExpiresAt()))
			.isBetween(Duration.ofDays(90).minusSeconds(60), Duration.ofDays(90));
		assertThat(find(old.getId()).getExpiresAt()).isEqualTo(old.getExpiresAt());
	}

	@ParameterizedTest
	@CsvSource({ "grace, week, grace", "grace, '', grace", "expiry, yesterday, expiresAt", "expiry, keep, expiresAt",
			"expiresOn, 2999-12-31, expiresAt" })
	void rotateWhenSomethingElseIsSlippedInThenToldAtItsFieldAndNothingChanged(String field, String value,
			String error) {
		ApiKey old = createDaysAgo(84, NewApiKey.named("nightly").expiresIn(Duration.ofDays(90)));
		HttpResponse<String> refused = host.submit(PAGES + "/" + old.getId() + "/rotate", "/rotate",
				Map.of(field, value));
		assertThat(refused.statusCode()).isEqualTo(400);
		assertThat(Jsoup.parse(refused.body()).select(".error").eachAttr("id")).containsExactly("error-" + error);
		assertThat(host.keys()).singleElement().extracting(ApiKey::getSuccessorId).isNull();
	}

	@Test
	void rotateWhenTheServiceRefusesThenToldAtTheFieldThatItRefuses() {
		String path = PAGES + "/" + host.apiKeys().create(NewApiKey.named("key")).apiKey().getId() + "/rotate";
		host.apiKeys().setMaxGrace(Duration.ofHours(2));
		try {
			assertThat(Jsoup.parse(host.submit(path, "/rotate", Map.of("grace", "day")).body())
				.select(".error")
				.eachAttr("id")).containsExactly("error-grace");
			host.apiKeys().setLifetime(null, Duration.ofDays(60), false);
			assertThat(Jsoup.parse(host.submit(path, "/rotate", Map.of("grace", "hour", "expiry", "90")).body())
				.select(".error")
				.eachAttr("id")).containsExactly("error-expiresAt");
		}
		finally {
			host.apiKeys().setMaxGrace(Duration.ofDays(30));
			host.apiKeys().setLifetime(null, null, false);
		}
		assertThat(host.keys()).singleElement().extracting(ApiKey::getSuccessorId).isNull();
	}

	private static ApiKey createDaysAgo(int days, NewApiKey newApiKey) {
		host.apiKeys().setClock(Clock.fixed(Instant.now().minus(Duration.ofDays(days)), ZoneOffset.UTC));
		try {
			return host.apiKeys().create(newApiKey).apiKey();
		}
		finally {
			host.apiKeys().setClock(Clock.systemUTC());
		}
	}

	private static ApiKey find(UUID id) {
		return host.apiKeys().find(id).orElseThrow();
	}

	@ParameterizedTest
	@CsvSource({ "billing\u200b, billing", "two  spaces, two spaces", "cafe\u0301, caf\u00e9", "\u00a0padded, padded" })
	void revokeWhenTheNameIsTypedAsItLooksThenRevoked(String name, String typed) {
		UUID id = host.apiKeys().create(NewApiKey.named(name)).apiKey().getId();
		Map<String, Object> form = formTokens();
		form.put("confirmation", typed + "x");
		assertThat(host.post(PAGES + "/" + id + "/revoke", form).statusCode()).isEqualTo(400);
		form.put("confirmation", typed);
		assertThat(host.post(PAGES + "/" + id + "/revoke", form).statusCode()).isEqualTo(303);
		assertThat(host.keys().get(0).getRevokedAt()).isNotNull();
	}

	@Test
	void deleteWhenTheNameIsTypedThenRevokedAndMarkedOnceAndNothingElseIsOffered() {
		UUID id = host.apiKeys().create(NewApiKey.named("billing")).apiKey().getId();
		String key = PAGES + "/" + id;
		assertThat(Jsoup.parse(host.get(key).body()).select("main a.button").eachAttr("href"))
			.contains(key + "/delete");
		assertThat(Jsoup.parse(host.get(key + "/delete").body()).select(".notice").text())
			.contains("refused permanently");
		HttpResponse<String> refused = host.submit(key + "/delete", "/delete", Map.of("confirmation", "bill"));
		assertThat(refused.statusCode()).isEqualTo(400);
		assertThat(Jsoup.parse(refused.body()).select(".error").text()).contains("Enter the name exactly");
		assertThat(host.keys().get(0).getVersion()).isZero();
		for (int i = 0; i < 2; i++) {
			assertThat(host.submit(key + "/delete", "/delete", Map.of("confirmation", "billing")).statusCode())
				.isEqualTo(303);
			assertThat(notice(key)).contains("The key is revoked for ever, and a later purge deletes its row.");
		}
		assertThat(host.bean(ApiKeyReports.class).history(id)).extracting(ApiKeyEvent::getChange)
			.containsExactly(ApiKeyChange.DELETED, ApiKeyChange.REVOKED, ApiKeyChange.CREATED);
		Document page = Jsoup.parse(host.get(key).body());
		assertThat(page.select("main form, main a.button")).isEmpty();
		assertThat(page.select(".notice").text()).contains("a later purge deletes its row");
		assertThat(page.text()).contains("To be deleted");
	}

	@Test
	void deleteWhenTheKeyIsRevokedThenTheTimeOfItsRevocationStands() {
		UUID id = host.apiKeys().create(NewApiKey.named("billing")).apiKey().getId();
		host.apiKeys().revoke(id, "lost");
		ApiKey revoked = host.keys().get(0);
		Document form = Jsoup.parse(host.get(PAGES + "/" + id + "/delete", "Accept-Language", "de").body());
		assertThat(form.select("main").text()).contains("Schlüssel löschen", "Eine spätere Bereinigung")
			.doesNotContain("ab sofort");
		assertThat(host.submit(PAGES + "/" + id + "/delete", "/delete", Map.of("confirmation", "billing")).statusCode())
			.isEqualTo(303);
		assertThat(host.keys().get(0)).usingRecursiveComparison().isEqualTo(revoked);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "/edit", "/revoke", "/rotate", "/delete" })
	void unknownKeyThenNotFound(String page) {
		HttpResponse<String> response = host.get(PAGES + "/" + UUID.randomUUID() + page);
		assertThat(response.statusCode()).isEqualTo(404);
		assertThat(response.body()).contains("There is no such key");
		assertThat(host.post(PAGES + "/" + UUID.randomUUID() + "/disable", formTokens()).statusCode()).isEqualTo(404);
		assertThat(host.post(PAGES + "/" + UUID.randomUUID() + "/delete", formTokens()).statusCode()).isEqualTo(404);
	}

	@Test
	void actionsByGetThenNotAllowed() {
		UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
		for (String path : List.of("/search", "/bulk", "/bulk/confirmed", "/" + id + "/disable",
				"/" + id + "/enable")) {
			HttpResponse<String> response = host.get(PAGES + path + "?ids=" + id + "&action=revoke");
			assertThat(response.statusCode()).as(path).isEqualTo(405);
			assertThat(response.headers().firstValue("Allow")).hasValue("POST");
			assertThat(response.body()).contains("This address only takes forms");
		}
		for (String path : List.of("/new", "/" + id + "/edit", "/" + id + "/rotate", "/" + id + "/revoke",
				"/" + id + "/delete")) {
			HttpResponse<String> form = host
				.get(PAGES + path + "?name=other&expiry=never&version=0&grace=none&confirmation=key");
			assertThat(form.statusCode()).as(path).isEqualTo(200);
		}
		assertThat(host.keys()).singleElement().satisfies((key) -> assertThat(key.getVersion()).isZero());
	}

	@ParameterizedTest
	@ValueSource(strings = { "?state=x&type=y&sort=hash&dir=up&after=z&before=1&due=x&use=x&from=x&to=2026-02-30",
			"?q=%00%25_%21'%22%3Cscript%3E", "?owner=%27%20or%201=1", "?scope=%2A&zone=nowhere&from=2026-01-01",
			"?from=999999999-01-01", "?done=x&count=-1", "?q=a&q=b&state=active&state=revoked", "?sort=name&dir=%00" })
	void listWhenTheUrlMakesNoSenseThenStillAPage(String query) {
		host.apiKeys().create(NewApiKey.named("key"));
		HttpResponse<String> response = host.get(PAGES + query);
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).doesNotContain("<script>", "Exception");
	}

	@Test
	void listThenNamesAreTextAndNothingElse() {
		host.apiKeys()
			.create(NewApiKey.named("<script>alert(1)</script>")
				.owner("\"><img src=x>")
				.description("[[${1234567*891}]] __${1234567*891}__")
				.metadata("<b>", "javascript:alert(1)"));
		UUID id = host.keys().get(0).getId();
		for (String path : List.of("", "/" + id, "/" + id + "/edit", "/" + id + "/revoke", "/" + id + "/rotate",
				"/" + id + "/delete")) {
			Document page = Jsoup.parse(host.get(PAGES + path).body());
			assertThat(page.select("main script, main img, main b:contains(javascript)")).isEmpty();
			assertThat(page.text()).doesNotContain("1099999197");
		}
	}

	@Test
	void textOfAnyDirectionThenIsolatedFromWhatStandsBesideIt() {
		String text = "\u0645\u0641\u062a\u0627\u062d";
		UUID id = host.apiKeys()
			.create(new PartnerApiKey(text), NewApiKey.named(text).metadata(text, text).description(text))
			.apiKey()
			.getId();
		UUID successor = host.apiKeys().rotate(id, Duration.ofDays(1)).apiKey().getId();
		host.apiKeys().update(id, (update) -> update.scopes("orders:read"));
		Map<String, Object> bulk = formTokens();
		bulk.putAll(Map.of("action", "revoke", "ids", id));
		List<HttpResponse<String>> pages = new ArrayList<>();
		pages.add(host.post(PAGES + "/bulk", bulk));
		pages.add(host.get(PAGES + "?type=partner&owner=" + URLEncoder.encode(text, StandardCharsets.UTF_8)));
		for (String path : List.of("", "/edit", "/rotate", "/revoke", "/delete")) {
			pages.add(host.get(PAGES + "/" + successor + path));
		}
		pages.add(host.submit(PAGES + "/" + successor + "/revoke", "/revoke",
				Map.of("confirmation", text, "reason", text)));
		pages.add(host.get(PAGES + "/" + successor));
		pages.add(host.submit(PAGES + "/new", "/new", Map.of("name", text, "owner", "x" + text, "expiry", "never")));
		int found = 0;
		for (HttpResponse<String> page : pages) {
			for (Element element : Jsoup.parse(page.body()).getAllElements()) {
				if (element.ownText().contains(text) && !element.is("textarea, option")) {
					assertThat(element.is("bdi, [dir=auto]") || element.ownText().contains("\u2068"))
						.as("%s in %s", element, page.uri())
						.isTrue();
					found++;
				}
				for (Attribute attribute : element.attributes()) {
					if (attribute.getValue().contains(text) && !attribute.getKey().equals("value")) {
						assertThat(attribute.getValue()).as("%s in %s", element, page.uri()).contains("\u2068");
						found++;
					}
				}
			}
		}
		assertThat(found).isGreaterThan(20);
	}

	@Test
	void searchThenTheUrlHoldsItUnlessItMayBeASecret() {
		CreatedApiKey created = host.apiKeys().create(NewApiKey.named("a name & more"));
		HttpResponse<String> named = search("a name & more");
		assertThat(named.statusCode()).isEqualTo(303);
		assertThat(named.headers().firstValue("Location").orElseThrow()).endsWith(PAGES + "?q=a%20name%20%26%20more");
		assertThat(host.get(PAGES + "?q=a%20name%20%26%20more").body()).contains("a name &amp; more");
		assertThat(search(created.token()).headers().firstValue("Location").orElseThrow())
			.endsWith(PAGES + "/" + created.apiKey().getId());
		String token = created.token();
		String keyId = created.apiKey().getKeyId();
		for (String damaged : List.of(token + "x", token.substring(0, 40), token.replace(keyId, "AAAAAAAAAAAA"),
				"pk3fW9sQ.hQ8Zx1mV7tR4nB2kL6pW9sD3fG5jK0aY", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl1")) {
			HttpResponse<String> response = search(damaged);
			String location = response.headers().firstValue("Location").orElse("");
			assertThat(location + response.body()).doesNotContain(damaged);
			assertThat(host.get(PAGES + "?q=" + damaged).body()).doesNotContain(damaged);
		}
	}

	private HttpResponse<String> search(String text) {
		Map<String, Object> form = formTokens();
		form.put("q", text);
		return host.post(PAGES + "/search", form);
	}

	@Test
	void searchWhenTheTextHoldsWhatThePagesShowThenTheKeyIsFound() {
		ApiKey key = host.apiKeys().create(NewApiKey.named("key")).apiKey();
		for (String text : List.of("ak_" + key.getKeyId(), "ak_" + key.getKeyId() + "_…" + key.getLastCharacters(),
				"https://example.org" + PAGES + "/" + key.getId())) {
			assertThat(search(text).headers().firstValue("Location").orElseThrow()).endsWith(PAGES + "/" + key.getId());
		}
	}

	@Test
	void searchWhenTheTextHoldsSeveralTokensThenAllAreListed() {
		CreatedApiKey one = host.apiKeys().create(NewApiKey.named("one"));
		CreatedApiKey other = host.apiKeys().create(NewApiKey.named("other"));
		host.apiKeys().create(NewApiKey.named("third"));
		String body = search("A='" + one.token() + "'; B=\"" + other.token() + "\"").body();
		assertThat(Jsoup.parse(body).select("a.name").eachText()).containsExactly("one", "other");
		assertThat(body).doesNotContain(one.token(), other.token());
	}

	@Test
	void searchWhenThereIsNoSuchKeyThenItsIdIsNamed() {
		assertThat(search("curl -H 'X-API-Key: ak_AAAAAAAAAAAA_0123456789ABCDEFGHIJ'").body())
			.contains("There is no key with the id AAAAAAAAAAAA")
			.doesNotContain("0123456789ABCDEFGHIJ");
		assertThat(search("4eC39HqLyjWDarjtT1zdp7dc").body()).contains("It holds no token of this application");
	}

	/**
	 * What was searched for is in no URL, so there is no other page, order or export of
	 * it.
	 */
	@Test
	void searchWhenAnsweredAtOnceThenNoLinkLeadsToAllKeys() {
		CreatedApiKey one = host.apiKeys().create(NewApiKey.named("one"));
		CreatedApiKey other = host.apiKeys().create(NewApiKey.named("other"));
		for (String text : List.of(one.token() + " " + other.token(), "ak_AAAAAAAAAAAA_0123456789ABCDEFGHIJ",
				"4eC39HqLyjWDarjtT1zdp7dc")) {
			Document page = Jsoup.parse(search(text).body());
			assertThat(page.select("p.notice")).hasSize(1);
			assertThat(page.select("nav.pages, thead a, .empty")).isEmpty();
			assertThat(page.text()).doesNotContain("No keys yet");
		}
	}

	@Test
	void searchWhenTheTextOnlyLooksLikeATokenOfOursThenNoPartOfItIsShown() {
		assertThat(search("sk_live_51H8abcdefghijklmnopqrstuv").body()).doesNotContain("51H8abcdefgh")
			.contains("It holds no token of this application");
	}

	@Test
	void filterWhenATokenIsPastedIntoAnotherFieldThenItsKeyIsFoundAndTheUrlDoesNotHoldIt() {
		CreatedApiKey created = host.apiKeys().create(NewApiKey.named("key"));
		for (String field : List.of("owner", "scope", "type", "state")) {
			for (String token : List.of(created.token(), "'" + created.token() + "'", created.token() + "x")) {
				Map<String, Object> form = formTokens();
				form.put(field, token);
				assertThat(host.post(PAGES + "/search", form).headers().firstValue("Location").orElseThrow()).as(field)
					.endsWith(PAGES + "/" + created.apiKey().getId());
			}
		}
	}

	@Test
	void noticeThenItIsShownOnceAndNeverTakenFromTheUrl() {
		UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
		String key = PAGES + "/" + id;
		assertThat(notice(key + "?done=revoked")).isEmpty();
		assertThat(notice(PAGES + "?done=revoked&count=9999")).isEmpty();
		assertThat(host.post(key + "/disable", formTokens()).headers().firstValue("Location").orElseThrow())
			.endsWith(key);
		assertThat(notice(PAGES)).isEmpty();
		assertThat(notice(key)).startsWith("The key is disabled.");
		assertThat(notice(key)).isEmpty();
	}

	private static String notice(String path) {
		return Jsoup.parse(host.get(path).body()).select("p.notice").text();
	}

	@Test
	void exportThenTheFilteredListWithoutHashesAndFormulas() {
		CreatedApiKey created = host.apiKeys()
			.create(NewApiKey.named("=HYPERLINK(\"x\")").owner("@org").description("a\r\n\"b\"").scopes("orders:read"));
		host.apiKeys().create(NewApiKey.named("x;=HYPERLINK(\"y\")").owner("a, -b"));
		host.apiKeys().create(NewApiKey.named("-1+1").owner("+org"));
		host.apiKeys().revoke(host.apiKeys().create(NewApiKey.named("revoked")).apiKey().getId());
		HttpResponse<String> response = host.get(PAGES + "/export.csv?state=active&sort=name");
		assertThat(response.headers().firstValue("Content-Type")).hasValue("text/csv;charset=UTF-8");
		assertThat(response.headers().firstValue("Content-Disposition").orElseThrow()).startsWith("attachment");
		assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
		assertThat(response.body()).startsWith("\"key_id\",\"prefix\",\"type\",\"name\",")
			.contains("\"'=HYPERLINK(\"\"x\"\")\"", "\"'@org\"", "\"'-1+1\"", "\"'+org\"", "\"a\r\n\"\"b\"\"\"",
					"\"x;'=HYPERLINK(\"\"y\"\")\"", "\"a, '-b\"", "\"orders:read\",\"active\"",
					created.apiKey().getKeyId())
			.doesNotContain("sha256", "revoked\"", created.token().substring(20));
	}

	@Test
	void exportWhenMoreThanOnePartThenEveryKeyOnce() {
		for (int i = 0; i < 1001; i++) {
			host.apiKeys().create(NewApiKey.named("key-" + i));
		}
		assertThat(host.get(PAGES + "/export.csv").body().lines().skip(1).distinct()).hasSize(1001);
	}

	@Test
	void bulkWhenNothingOrNonsenseIsSelectedThenNothingHappens() {
		UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
		for (Map<String, ?> selection : List.of(Map.of("action", "revoke"), Map.of("action", "revoke", "ids", "x"),
				Map.of("action", "revoke", "ids", UUID.randomUUID()), Map.of("action", "delete", "ids", id))) {
			Map<String, Object> form = formTokens();
			form.putAll(selection);
			assertThat(host.post(PAGES + "/bulk", form).statusCode()).isEqualTo(303);
			assertThat(notice(PAGES)).isEqualTo("No key was selected.");
			host.post(PAGES + "/bulk/confirmed", form);
			assertThat(notice(PAGES)).isEqualTo((selection.get("ids") instanceof UUID && !selection.containsValue(id))
					? "No key was revoked. One key was not changed: it was so already, is revoked, or is gone."
					: "No key was selected.");
		}
		assertThat(host.keys().get(0).getVersion()).isZero();
	}

	@Test
	void bulkWhenSomeKeysAreInUseThenTheyComeFirstAndTheNumberMustBeTyped() {
		UUID quiet = host.apiKeys().create(NewApiKey.named("quiet").owner("org-1")).apiKey().getId();
		UUID used = host.apiKeys().create(NewApiKey.named("used").owner("org-2")).apiKey().getId();
		host.bean(JdbcTemplate.class)
			.update("update api_key set last_used_at = ? where id = ?",
					Timestamp.from(Instant.now().minus(Duration.ofDays(6))), used);
		for (String action : List.of("disable", "revoke")) {
			Map<String, Object> form = formTokens();
			form.putAll(Map.of("action", action, "ids", List.of(quiet, used)));
			Document page = Jsoup.parse(host.post(PAGES + "/bulk", form).body());
			assertThat(page.select("tbody tr").eachText()).satisfiesExactly(
					(row) -> assertThat(row).contains("used", "org-2", "6 days ago"),
					(row) -> assertThat(row).contains("quiet", "org-1", "Never"));
			assertThat(page.getElementById("in-use").text()).startsWith("One of these keys was used");
			form.put("reason", "kept reason");
			for (String number : List.of("", "1", "all")) {
				form.put("confirmation", number);
				HttpResponse<String> refused = host.post(PAGES + "/bulk/confirmed", form);
				assertThat(refused.statusCode()).isEqualTo(400);
				assertThat(Jsoup.parse(refused.body()).getElementById("error-confirmation")).isNotNull();
				if (action.equals("revoke")) {
					assertThat(Jsoup.parse(refused.body()).getElementById("reason").wholeText())
						.isEqualTo("kept reason");
				}
			}
			assertThat(host.keys()).allMatch((key) -> key.getDisabledAt() == null || action.equals("revoke"))
				.allMatch((key) -> key.getRevokedAt() == null);
			form.put("confirmation", " 2 ");
			assertThat(host.post(PAGES + "/bulk/confirmed", form).statusCode()).isEqualTo(303);
		}
		assertThat(host.keys()).hasSize(2).allMatch((key) -> key.getRevokedAt() != null);
	}

	@Test
	void bulkWhenNoKeyIsInUseOrTheyAreEnabledThenNothingMustBeTyped() {
		UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
		host.bean(JdbcTemplate.class)
			.update("update api_key set last_used_at = ? where id = ?",
					Timestamp.from(Instant.now().minus(Duration.ofDays(8))), id);
		assertThat(bulk("disable", id)).isEqualTo("One key is disabled now.");
		host.bean(JdbcTemplate.class)
			.update("update api_key set last_used_at = ? where id = ?", Timestamp.from(Instant.now()), id);
		assertThat(bulk("enable", id)).isEqualTo("One key is enabled now.");
		assertThat(find(id).getDisabledAt()).isNull();
	}

	@Test
	void bulkThenTheResultSaysHowManyWereChangedAndHowManyWereSoAlready() {
		UUID changed = host.apiKeys().create(NewApiKey.named("changed")).apiKey().getId();
		UUID same = host.apiKeys().create(NewApiKey.named("same")).apiKey().getId();
		UUID revoked = host.apiKeys().create(NewApiKey.named("revoked")).apiKey().getId();
		host.apiKeys().disable(same);
		host.apiKeys().revoke(revoked);
		assertThat(bulk("disable", changed, same, revoked))
			.isEqualTo("One key is disabled now. 2 keys were not changed: "
					+ "they were so already, are revoked, or are gone.");
		assertThat(bulk("enable", revoked))
			.isEqualTo("No key was enabled. One key was not changed: it was so already," + " is revoked, or is gone.");
		assertThat(bulk("revoke", changed, revoked)).startsWith("One key is revoked now. One key was not changed");
	}

	@Test
	void bulkWhenMoreThanCanBeChangedAtOnceThenNoneIsAndThePageSaysSo() {
		UUID id = host.apiKeys().create(NewApiKey.named("key")).apiKey().getId();
		Map<String, Object> form = formTokens();
		List<UUID> ids = Stream.concat(Stream.of(id), Stream.generate(UUID::randomUUID).limit(500)).toList();
		form.putAll(Map.of("action", "revoke", "ids", ids));
		for (String path : List.of("/bulk", "/bulk/confirmed")) {
			assertThat(host.post(PAGES + path, form).statusCode()).isEqualTo(303);
			assertThat(Jsoup.parse(host.get(PAGES).body()).select("p.notice").text())
				.isEqualTo("Nothing was changed: at most 500 keys can be changed at once.");
		}
		assertThat(find(id).getRevokedAt()).isNull();
	}

	private static String bulk(String action, UUID... ids) {
		Map<String, Object> form = formTokens();
		form.putAll(Map.of("action", action, "ids", List.of(ids)));
		assertThat(host.post(PAGES + "/bulk/confirmed", form).statusCode()).isEqualTo(303);
		return Jsoup.parse(host.get(PAGES).body()).select("p.notice").text();
	}

	/**
	 * Keys in each state, used and unused, that end soon and that do not.
	 */
	@Test
	void tileThenItsNumberIsThatOfItsList() {
		for (String owner : List.of("one", "two")) {
			for (int expiry : List.of(0, 10, 100)) {
				for (String change : List.of("none", "disable", "revoke", "expire", "use", "later")) {
					create(owner, expiry, change);
				}
			}
		}
		for (String view : List.of("", "?owner=one")) {
			for (Element tile : Jsoup.parse(host.get(PAGES + view).body(), host.get(PAGES).uri().toString())
				.select("a.tile")) {
				Document list = Jsoup.parse(host.get(tile.attr("href")).body());
				int number = Integer.parseInt(tile.select("strong").text());
				assertThat(list.select("#rows tr")).as(tile.text()).hasSize(view.isEmpty() ? number : number / 2);
				assertThat(list.select("#of-all")).hasSize(1);
				assertThat(list.select("a.tile[aria-current]").text()).isEqualTo(tile.text());
				assertThat(list.select("a.tile[aria-current]").attr("href")).isEqualTo(PAGES + view);
			}
		}
	}

	private void create(String owner, int expiry, String change) {
		NewApiKey attributes = NewApiKey.named("key").owner(owner);
		if (expiry > 0) {
			attributes.expiresAt(Instant.now().plus(Duration.ofDays(expiry)));
		}
		if (change.equals("later")) {
			attributes.notBefore(Instant.now().plus(Duration.ofDays(1)));
		}
		UUID id = host.apiKeys().create(attributes).apiKey().getId();
		JdbcTemplate jdbc = host.bean(JdbcTemplate.class);
		switch (change) {
			case "disable" -> host.apiKeys().disable(id);
			case "revoke" -> host.apiKeys().revoke(id);
			case "expire" -> jdbc.update("update api_key set expires_at = '2026-01-01 00:00:00' where id = ?", id);
			case "use" -> jdbc.update("update api_key set last_used_at = '2026-01-01 00:00:00' where id = ?", id);
			default -> {
			}
		}
	}

	@Test
	void filtersThenEachIsShownAndCanBeRemoved() {
		Document page = Jsoup.parse(host.get(PAGES + "?q=key&owner=org-42&use=90&zone=UTC").body());
		assertThat(page.select("details.filters[open]")).hasSize(1);
		assertThat(page.select("a.chip").eachText()).containsExactly("Remove the filter Owner: org-42 ×",
				"Remove the filter Last used: Not for 90 days ×");
		assertThat(page.select("a.chip").eachAttr("href")).containsExactly(PAGES + "?q=key&zone=UTC&use=90",
				PAGES + "?q=key&owner=org-42&zone=UTC");
		Document plain = Jsoup.parse(host.get(PAGES + "?q=key&zone=UTC").body());
		assertThat(plain.select("a.chip, details.filters[open]")).isEmpty();
		assertThat(Jsoup.parse(host.get(PAGES + "?from=2026-02-01&to=2026-01-01").body()).select("p.notice").text())
			.contains("the period ends before it begins");
	}

	@Test
	void keyWhenReachedFromAPartOfTheListThenEveryWayBackLeadsThere() {
		UUID id = host.apiKeys().create(NewApiKey.named("key").owner("a&b=c %")).apiKey().getId();
		host.apiKeys().create(NewApiKey.named("other"));
		String view = PAGES + "?q=k&owner=a%26b%3Dc%20%25&zone=UTC&sort=name&dir=desc";
		String page = Jsoup.parse(host.get(view).body()).select("a.name").attr("href");
		for (String path : List.of("", "edit", "rotate", "revoke", "delete")) {
			Document key = Jsoup.parse(host.get(page.replace("?", path.isEmpty() ? "?" : "/" + path + "?")).body());
			assertThat(key.select("a.back").attr("href")).isEqualTo(path.isEmpty() ? view : page);
			assertThat(key.select("main a[href*=" + id + "]").eachAttr("href")).isNotEmpty()
				.allSatisfy((link) -> assertThat(link).contains("?view="));
		}
		HttpResponse<String> saved = host.submit(page.replace("?", "/edit?"), page.substring(page.indexOf('?')),
				Map.of("name", "renamed"));
		assertThat(saved.headers().firstValue("Location").orElseThrow()).endsWith(page);
		Document issued = Jsoup.parse(
				host.submit(page.replace("?", "/rotate?"), page.substring(page.indexOf('?')), Map.of("expiry", "never"))
					.body());
		assertThat(issued.select("main a:contains(All keys)").attr("href")).isEqualTo(view);
		assertThat(Jsoup.parse(host.get(PAGES + "/" + id + "?view=state%3Dnone%26dir%3Dasc%26x%3D%25").body())
			.select("a.back")
			.attr("href")).isEqualTo(PAGES);
	}

	@Test
	void sortThenTheLatestFirstAndTheNearestEndFirst() {
		host.apiKeys().create(NewApiKey.named("key"));
		Document page = Jsoup.parse(host.get(PAGES + "?sort=name").body());
		assertThat(page.select("thead a").eachAttr("href")).containsExactly(PAGES + "?sort=name&dir=desc",
				PAGES + "?sort=createdAt&dir=desc", PAGES + "?sort=expiresAt&dir=asc",
				PAGES + "?sort=lastUsedAt&dir=desc");
	}

	@Test
	void overviewThenItCountsEveryState() {
		host.apiKeys().create(NewApiKey.named("active"));
		host.apiKeys().disable(host.apiKeys().create(NewApiKey.named("disabled")).apiKey().getId());
		Document page = Jsoup.parse(host.get(PAGES).body());
		assertThat(page.select("#of-all")).isEmpty();
		assertThat(page.select(".tile").eachText()).containsExactly("0 Not yet valid", "1 Active", "1 Disabled",
				"0 Expired", "0 Revoked", "0 Expiring within 30 days", "2 Never used");
	}

	@Test
	void languageWhenNotKnownThenEnglish() {
		assertThat(host.get(PAGES, "Accept-Language", "de-AT").body()).contains("<html lang=\"de\"", "Neuer Schlüssel");
		assertThat(host.get(PAGES, "Accept-Language", "fr").body()).contains("<html lang=\"en\"", "New key");
	}

	private static Map<String, Object> formTokens() {
		return host.formTokens(PAGES + "/new");
	}

	@Configuration(proxyBeanMethods = false)
	@Import({ Sessions.class, OwnedKeys.class })
	static class Host {

	}

	/**
	 * What the sessions of the application hold.
	 */
	static class Sessions implements HttpSessionListener {

		private final List<HttpSession> sessions = new CopyOnWriteArrayList<>();

		@Override
		public void sessionCreated(HttpSessionEvent event) {
			this.sessions.add(event.getSession());
		}

		@Override
		public void sessionDestroyed(HttpSessionEvent event) {
			this.sessions.remove(event.getSession());
		}

		String content() {
			ByteArrayOutputStream content = new ByteArrayOutputStream();
			for (HttpSession session : this.sessions) {
				for (String name : Collections.list(session.getAttributeNames())) {
					try {
						new ObjectOutputStream(content).writeObject(List.of(name, session.getAttribute(name)));
					}
					catch (IOException ex) {
						throw new UncheckedIOException(ex);
					}
				}
			}
			return content.toString(StandardCharsets.ISO_8859_1);
		}

	}

}
