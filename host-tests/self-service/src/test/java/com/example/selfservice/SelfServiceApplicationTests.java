package com.example.selfservice;

import java.util.Map;
import java.util.UUID;

import javax.sql.DataSource;

import com.jayway.jsonpath.JsonPath;
import com.mchange.v2.c3p0.ComboPooledDataSource;
import io.github.apikeys.core.ApiKeyOwners;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.httpBasic;

@SpringBootTest
@ExtendWith(OutputCaptureExtension.class)
@AutoConfigureMockMvc
class SelfServiceApplicationTests {

	private static final String READER = """
			{ "name": "laptop", "scopes": ["reports:read"] }""";

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApiKeyService apiKeys;

	@AfterEach
	void revokeAll() {
		this.apiKeys.revokeAll(ApiKeyOwners.ofUser("alice"), "Test ended");
		this.apiKeys.revokeAll(ApiKeyOwners.ofUser("bob"), "Test ended");
	}

	@Test
	void startThenThePoolIsKnown(@Autowired DataSource dataSource, CapturedOutput output) {
		assertThat(dataSource).isInstanceOf(ComboPooledDataSource.class);
		assertThat(output).contains("Started SelfServiceApplicationTests")
			.doesNotContain("Each tenant may have API keys");
	}

	@Test
	void userCreatesListsAndRevokes() throws Exception {
		Map<String, String> created = create("alice");
		assertThat(created.get("token")).startsWith("mine_");
		assertThat(this.mvc.get().uri("/reports").header("X-API-Key", created.get("token"))).hasStatusOk();
		assertThat(list("alice")).hasStatusOk()
			.bodyJson()
			.extractingPath("$[?(@.state == 'ACTIVE')].id")
			.asArray()
			.containsExactly(created.get("id"));
		assertThat(list("alice")).bodyText().doesNotContain(created.get("token"));
		assertThat(revoke("alice", created.get("id"))).hasStatus(204);
		assertThat(list("alice")).bodyText().doesNotContain(created.get("id"));
		assertThat(this.mvc.get().uri("/my/keys?state=REVOKED").with(httpBasic("alice", "password"))).hasStatusOk()
			.bodyText()
			.contains(created.get("id"));
		assertThat(revoke("alice", created.get("id"))).hasStatus(204);
		assertThat(this.mvc.get().uri("/reports").header("X-API-Key", created.get("token"))).hasStatus(401);
		assertThat(post("alice", "/my/keys/" + created.get("id") + "/rotation", "{ \"graceHours\": 1 }"))
			.hasStatus(409);
	}

	@Test
	void userRotates() throws Exception {
		Map<String, String> created = create("alice");
		String rotation = "/my/keys/" + created.get("id") + "/rotation";
		Map<String, String> successor = read(post("alice", rotation, "{ \"graceHours\": 24 }"));
		assertThat(this.mvc.get().uri("/reports").header("X-API-Key", created.get("token"))).hasStatusOk();
		assertThat(this.mvc.get().uri("/reports").header("X-API-Key", successor.get("token"))).hasStatusOk();
		assertThat(post("alice", rotation, "{ \"graceHours\": 24 }")).hasStatus(409);
	}

	@Test
	void anotherUserSeesNothing() throws Exception {
		Map<String, String> created = create("alice");
		assertThat(list("bob")).hasStatusOk().bodyText().doesNotContain(created.get("id"));
		assertThat(revoke("bob", created.get("id"))).hasStatus(404);
		assertThat(post("bob", "/my/keys/" + created.get("id") + "/rotation", "{ \"graceHours\": 1 }")).hasStatus(404);
		assertThat(revoke("bob", UUID.randomUUID().toString())).hasStatus(404);
		assertThat(this.mvc.get().uri("/reports").header("X-API-Key", created.get("token"))).hasStatusOk();
	}

	@Test
	void ownerWhenCalledLikeAUserThenItsKeysAreNotTheUsers() {
		CreatedApiKey created = this.apiKeys
			.create(NewApiKey.named("of an organization").owner("bob").scopes("reports:read"));
		String id = created.apiKey().getId().toString();
		assertThat(list("bob")).hasStatusOk().bodyText().doesNotContain(id);
		assertThat(revoke("bob", id)).hasStatus(404);
		assertThat(post("bob", "/my/keys/" + id + "/rotation", "{ \"graceHours\": 1 }")).hasStatus(404);
		this.apiKeys.revokeAll("bob", "Test ended");
	}

	@Test
	void scopeWhenUserLacksItThenIsForbidden() {
		assertThat(post("bob", "/my/keys", "{ \"name\": \"n\", \"scopes\": [\"reports:write\"] }")).hasStatus(403);
		assertThat(post("bob", "/my/keys", "{ \"name\": \"n\", \"scopes\": [\"*\"] }")).hasStatus(403);
	}

	@ParameterizedTest
	@ValueSource(strings = { "reports:write", "report:read" })
	void scopeWhenUserLacksItOrItIsMisspeltThenTheProblemNamesIt(String scope) {
		assertThat(post("bob", "/my/keys", "{ \"name\": \"n\", \"scopes\": [\"" + scope + "\"] }")).hasStatus(403)
			.bodyJson()
			.extractingPath("scope")
			.isEqualTo(scope);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{}", "{ \"name\": \"\", \"scopes\": [] }", "{ \"name\": null, \"scopes\": [] }",
			"{ \"name\": \"n\", \"scopes\": null }", "{ \"name\": \"n\", \"scopes\": [\"Reports Read\"] }",
			"{ \"name\": \"n\", \"scopes\": [null] }", "no JSON" })
	void inputWhenBadThenIsBadRequest(String body) {
		assertThat(post("alice", "/my/keys", body)).hasStatus(400);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{ \"graceHours\": -1 }", "{ \"graceHours\": 1000 }", "{ \"graceHours\": \"x\" }" })
	void graceWhenBadThenIsBadRequest(String body) throws Exception {
		assertThat(post("alice", "/my/keys/" + create("alice").get("id") + "/rotation", body)).hasStatus(400);
	}

	@Test
	void idWhenNoneThenIsBadRequest() {
		assertThat(revoke("alice", "1")).hasStatus(400);
	}

	@Test
	void stateWhenUnknownThenIsBadRequest() {
		assertThat(this.mvc.get().uri("/my/keys?state=gone").with(httpBasic("alice", "password"))).hasStatus(400);
	}

	@Test
	void sortWhenUnknownThenIsBadRequest() {
		assertThat(this.mvc.get().uri("/my/keys?sort=hash").with(httpBasic("alice", "password"))).hasStatus(400);
	}

	@Test
	void keyWhenOneTooManyThenIsBadRequest() throws Exception {
		create("bob");
		create("bob");
		create("bob");
		assertThat(post("bob", "/my/keys", READER)).hasStatus(400)
			.bodyJson()
			.extractingPath("attribute")
			.isEqualTo("owner");
	}

	@Test
	void callerWhenWithKeyOrWithoutAnythingThenManagesNone() throws Exception {
		Map<String, String> created = create("alice");
		assertThat(this.mvc.get().uri("/my/keys").header("X-API-Key", created.get("token"))).hasStatus(403);
		assertThat(this.mvc.get().uri("/my/keys")).hasStatus(401);
	}

	private Map<String, String> create(String user) throws Exception {
		return read(post(user, "/my/keys", READER));
	}

	private Map<String, String> read(MvcTestResult result) throws Exception {
		assertThat(result).hasStatus(201);
		return JsonPath.read(result.getResponse().getContentAsString(), "$");
	}

	private MvcTestResult list(String user) {
		return this.mvc.get().uri("/my/keys").with(httpBasic(user, "password")).exchange();
	}

	private MvcTestResult revoke(String user, String id) {
		return this.mvc.delete().uri("/my/keys/" + id).with(httpBasic(user, "password")).with(csrf()).exchange();
	}

	private MvcTestResult post(String user, String uri, String body) {
		return this.mvc.post()
			.uri(uri)
			.with(httpBasic(user, "password"))
			.with(csrf())
			.contentType(MediaType.APPLICATION_JSON)
			.content(body)
			.exchange();
	}

}
