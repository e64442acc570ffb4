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

package io.github.apikeys.security;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.UnreadPaths;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;
import org.springframework.data.domain.Pageable;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.event.AbstractAuthenticationEvent;
import org.springframework.security.authentication.event.AuthenticationFailureBadCredentialsEvent;
import org.springframework.security.authentication.event.AuthenticationSuccessEvent;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * What callers see, through a real server and down to a real table.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.datasource.url=jdbc:h2:mem:http", "spring.flyway.enabled=false",
				"spring.jpa.open-in-view=false", "spring.security.user.name=user",
				"spring.security.user.password=password", "spring.security.user.roles=USER",
				"management.endpoints.web.exposure.include=*", "server.max-http-request-header-size=64KB",
				"server.tomcat.max-http-form-post-size=1KB" })
class ApiKeyHttpTests {

	private static final Pattern CSRF_FIELD = Pattern.compile("name=\"_csrf\" type=\"hidden\" value=\"([^\"]+)\"");

	private final CookieManager cookies = new CookieManager();

	private final HttpClient http = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.cookieHandler(this.cookies)
		.build();

	@Autowired
	private JpaApiKeyService apiKeys;

	@Autowired
	private ApiKeyTokenFormat tokenFormat;

	@Autowired
	private JdbcTemplate jdbc;

	@Autowired
	private Application application;

	@LocalServerPort
	private int port;

	@BeforeEach
	void clear() {
		this.application.events.clear();
		this.application.credentials.clear();
		this.application.calls.clear();
	}

	/**
	 * The build runs this class on Tomcat and on Jetty.
	 */
	@Test
	void serverIsTheOneThatIsMeant(@Autowired ServletWebServerApplicationContext context) {
		assertThat(context.getWebServer().getClass().getSimpleName())
			.startsWith(System.getProperty("test.server", "Tomcat"));
	}

	@Test
	void keyWhenUsableThen200AndNoCookie() throws Exception {
		HttpResponse<String> response = get("/hello", create("orders:read").token());
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).isEqualTo("client");
		assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
	}

	@Test
	void keyWhenRefusedThenAlwaysTheSame401() throws Exception {
		for (String path : List.of("/hello", "/public")) {
			Map<String, HttpResponse<String>> answers = new LinkedHashMap<>();
			for (Map.Entry<String, String> refused : refused().entrySet()) {
				answers.put(refused.getKey(), get(path, refused.getValue()));
			}
			answers.put("two", send(
					request(path).header("X-API-Key", create().token()).header("X-API-Key", create().token()).GET()));
			HttpResponse<String> first = answers.values().iterator().next();
			assertThat(answers).hasSize(12).allSatisfy((reason, answer) -> {
				assertThat(answer.statusCode()).isEqualTo(401);
				assertThat(answer.body()).isEqualTo(first.body())
					.isEqualTo(
							"{\"type\":\"urn:problem-type:api-key:unauthorized\",\"title\":\"Unauthorized\",\"status\":401,"
									+ "\"detail\":\"A usable API key is required.\"}");
				assertThat(headers(answer)).isEqualTo(headers(first))
					.containsEntry("www-authenticate", List.of("Api-Key"))
					.containsEntry("content-type", List.of("application/problem+json"))
					.doesNotContainKey("set-cookie");
			});
		}
		assertThat(this.application.calls).isEmpty();
	}

	/**
	 * As they come from the socket; only the date may differ.
	 */
	@Test
	void keyWhenRefusedThenTheSameBytes() throws Exception {
		Map<String, String> refused = refused();
		refused.put("from elsewhere",
				this.apiKeys.create(NewApiKey.named("client").allowedAddresses("203.0.113.7")).token());
		refused.put("forbidden by a rule", this.apiKeys.create(NewApiKey.named("barred")).token());
		refused.put("pepper that is gone", changed((created) -> this.jdbc
			.update("update api_key set hash = '{hmac-sha256:gone}00' where key_id = ?", created.apiKey().getKeyId())));
		assertThat(refused).hasSize(14);
		String first = bytes(refused.get("revoked"));
		assertThat(first).startsWith("HTTP/1.1 401").contains("WWW-Authenticate: Api-Key");
		for (Map.Entry<String, String> each : refused.entrySet()) {
			assertThat(bytes(each.getValue())).as(each.getKey()).isEqualTo(first);
		}
		assertThat(bytes(create().token())).startsWith("HTTP/1.1 200");
	}

	private String bytes(String token) throws IOException {
		return exchange("GET /hello HTTP/1.1\r\nX-API-Key: " + token + "\r\n", "");
	}

	private String exchange(String head, String body) throws IOException {
		try (Socket socket = new Socket("localhost", this.port)) {
			socket.setSoTimeout(20_000);
			String request = head + "Host: localhost\r\nConnection: close\r\nContent-Length: " + body.length()
					+ "\r\n\r\n" + body;
			socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
			String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
			return response.replaceFirst("Date: [^\r]+", "Date: some");
		}
	}

	/**
	 * A matcher, converter or policy of the application that wants to know parameters
	 * fails. Servers throw different exceptions, and some throw only once.
	 */
	@ParameterizedTest
	@ValueSource(
			strings = { "GET /matched?key=%zz", "GET /converted?key=%zz", "POST /converted", "GET /hello?where=%zz" })
	@ExtendWith(OutputCaptureExtension.class)
	void parametersWhenTheyCannotBeReadThen400(String target, CapturedOutput output) throws Exception {
		String token = this.apiKeys.create(NewApiKey.named("read parameters")).token();
		String head = target + " HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nX-API-Key: " + token
				+ "\r\n";
		assertThat(exchange(head, target.startsWith("POST") ? "key=%zz" : "")).startsWith("HTTP/1.1 400")
			.contains("application/problem+json", "urn:problem-type:api-key:malformed-request")
			.doesNotContain("Set-Cookie");
		assertThat(output).doesNotContain("\tat " + FilterChainProxy.class.getName());
		assertThat(exchange(head.replace("%zz", "there"), "key=there")).startsWith("HTTP/1.1 ")
			.doesNotStartWith("HTTP/1.1 400");
	}

	/**
	 * The limit is set for Tomcat only.
	 */
	@Test
	@DisabledIfSystemProperty(named = "test.server", matches = "Jetty")
	void parametersWhenTheyAreTooLargeThen413() throws Exception {
		assertThat(exchange("POST /converted HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n",
				"key=" + "x".repeat(2000)))
			.startsWith("HTTP/1.1 413");
	}

	@Test
	void keyWhenScopeIsMissingThen403() throws Exception {
		HttpResponse<String> response = get("/orders", create("orders:write").token());
		assertThat(response.statusCode()).isEqualTo(403);
		assertThat(response.body()).isEqualTo(
				"{\"type\":\"urn:problem-type:api-key:insufficient-scope\",\"title\":\"Forbidden\",\"status\":403,"
						+ "\"detail\":\"The API key does not have the required scopes.\",\"requiredScopes\":[\"orders:read\"]}");
		assertThat(response.headers().allValues("WWW-Authenticate"))
			.containsExactly("Api-Key error=\"insufficient_scope\", scope=\"orders:read\"");
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
		assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
	}

	@Test
	void errorOfTheApplicationKeepsItsStatus() throws Exception {
		assertThat(get("/teapot", create().token()).statusCode()).isEqualTo(418);
		assertThat(get("/unknown", create().token()).statusCode()).isEqualTo(404);
	}

	@Test
	void storeWhenDownThen503() throws Exception {
		String token = create().token();
		whileStoreIsDown(() -> {
			for (HttpResponse<String> response : List.of(get("/hello", token), get("/public", token),
					post("/hello", token),
					get("/hello", this.tokenFormat.generate(new SecureRandomApiKeyGenerator()).value()))) {
				assertThat(response.statusCode()).isEqualTo(503);
				assertThat(response.body()).isEqualTo(
						"{\"type\":\"urn:problem-type:api-key:unavailable\",\"title\":\"Service Unavailable\",\"status\":503,"
								+ "\"detail\":\"API keys cannot be verified at the moment. Try again later.\"}");
				assertThat(response.headers().firstValue("Retry-After")).hasValue("5");
				assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
				assertThat(response.headers().map()).doesNotContainKeys("set-cookie", "www-authenticate");
			}
			assertThat(get("/hello", "malformed").statusCode()).isEqualTo(401);
			assertThat(get("/public", null).statusCode()).isEqualTo(200);
		});
		assertThat(get("/hello", token).statusCode()).isEqualTo(200);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "x", "Api-Key", "Api-Key:x", "' OR '1'='1", "ak_", "\u00e4\u00f6" })
	void headerWhenGarbageThen401(String value) throws Exception {
		assertThat(send(request("/public").header("X-API-Key", value).GET()).statusCode()).isEqualTo(401);
		assertThat(send(request("/hello").header("Authorization", "Api-Key " + value).GET()).statusCode())
			.isEqualTo(401);
		assertThat(send(request("/hello").header("Authorization", value).GET()).statusCode()).isEqualTo(401);
	}

	@Test
	void headerWhenLongThen401() throws Exception {
		assertThat(get("/hello", "x".repeat(60_000)).statusCode()).isEqualTo(401);
	}

	/**
	 * Through a plain socket: the server does not wait until everything is sent.
	 */
	@Test
	void headerWhenLongerThanTheServerAllowsThenRefusedByTheServer() throws Exception {
		try (Socket socket = new Socket("localhost", this.port)) {
			socket.setSoTimeout(20_000);
			String request = "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + "x".repeat(66_000) + "\r\n\r\n";
			socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
			BufferedReader reader = new BufferedReader(
					new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
			// Tomcat says the one, Jetty the other
			assertThat(reader.readLine()).containsPattern("^HTTP/1.1 4(00|31) ");
		}
		assertThat(this.application.calls).isEmpty();
	}

	@Test
	void headRequestGetsTheHeadersOfGet() throws Exception {
		HttpResponse<String> refused = head("/hello", "wrong");
		assertThat(refused.statusCode()).isEqualTo(401);
		assertThat(refused.body()).isEmpty();
		assertThat(headers(refused)).isEqualTo(headers(get("/hello", "wrong")));
		assertThat(head("/hello", create().token()).statusCode()).isEqualTo(200);
		assertThat(head("/orders", create().token()).statusCode()).isEqualTo(403);
	}

	@Test
	void optionsRequestIsARequestLikeOthers() throws Exception {
		HttpRequest.Builder options = request("/hello").method("OPTIONS", HttpRequest.BodyPublishers.noBody());
		assertThat(send(options.copy()).statusCode()).isEqualTo(401);
		assertThat(send(options.copy().header("X-API-Key", "wrong")).statusCode()).isEqualTo(401);
		HttpResponse<String> response = send(options.copy().header("X-API-Key", create().token()));
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("Allow").orElseThrow()).contains("GET", "POST");
	}

	@Test
	void keyInQueryOrCookieThenIgnored() throws Exception {
		String token = create().token();
		assertThat(get("/hello?X-API-Key=" + token + "&api_key=" + token, null).statusCode()).isEqualTo(401);
		HttpResponse<String> cookie = send(request("/hello").header("Cookie", "X-API-Key=" + token).GET());
		assertThat(cookie.statusCode()).isEqualTo(401);
	}

	@Test
	void keyInQueryBesidesAHeaderThenOnlyTheHeaderCounts() throws Exception {
		String token = create().token();
		assertThat(get("/hello?X-API-Key=wrong&api_key=wrong", token).statusCode()).isEqualTo(200);
		assertThat(get("/hello?X-API-Key=" + token + "&api_key=" + token, "wrong").statusCode()).isEqualTo(401);
	}

	@Test
	void postWithKeyNeedsNoCsrfToken() throws Exception {
		assertThat(post("/hello", create().token()).statusCode()).isEqualTo(200);
	}

	@Test
	void postWithSessionNeedsCsrfToken() throws Exception {
		signIn();
		assertThat(post("/person", null).statusCode()).isEqualTo(403);
		assertThat(this.application.calls).isEmpty();
	}

	@Test
	void postWithSessionAndKeyInQueryNeedsCsrfToken() throws Exception {
		String token = create().token();
		signIn();
		assertThat(post("/person?api_key=" + token + "&X-API-Key=" + token, null).statusCode()).isEqualTo(403);
		assertThat(this.application.calls).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "x", "Api-Key", "Api-Key:x", "' OR '1'='1", "ak_", "\u00e4\u00f6" })
	void postWithGarbageThen401(String value) throws Exception {
		signIn();
		assertThat(post("/person", value).statusCode()).isEqualTo(401);
		assertThat(send(request("/person").header("Authorization", "Api-Key " + value).POST(BodyPublishers.noBody()))
			.statusCode()).isEqualTo(401);
		assertThat(send(
				request("/person").header("X-API-Key", value).header("X-API-Key", value).POST(BodyPublishers.noBody()))
			.statusCode()).isEqualTo(401);
		assertThat(this.application.calls).isEmpty();
	}

	@Test
	void postWithSessionAndJunkKeyNeverReachesTheController() throws Exception {
		signIn();
		assertThat(post("/person", "junk").statusCode()).isEqualTo(401);
		assertThat(post("/admin/api-keys/revoke", "junk").statusCode()).isEqualTo(403);
		assertThat(post("/admin/api-keys/revoke", create().token()).statusCode()).isEqualTo(403);
		assertThat(post("/actuator/loggers/x", create().token()).statusCode()).isEqualTo(403);
		assertThat(this.application.calls).isEmpty();
	}

	@Test
	void keyIsNotReadOnActuatorAndAdminPaths() throws Exception {
		String token = create().token();
		assertThat(get("/actuator/env", token).statusCode()).isEqualTo(401);
		assertThat(get("/admin/api-keys", token).statusCode()).isEqualTo(401);
		assertThat(get("/admin/api-keys/other", token).statusCode()).isEqualTo(401);
		assertThat(get("/administration", token).statusCode()).isEqualTo(404);
	}

	@Test
	void keyBesidesASessionThenOnlyTheKeyCounts() throws Exception {
		String session = signIn();
		String accessed = get("/session", null).body();
		HttpResponse<String> withKey = get("/hello", create().token());
		assertThat(withKey.body()).isEqualTo("client");
		assertThat(withKey.headers().firstValue("Set-Cookie")).isEmpty();
		assertThat(get("/person", create().token()).statusCode()).isEqualTo(403);
		assertThat(sessionId()).isEqualTo(session);
		HttpResponse<String> alone = get("/person", null);
		assertThat(alone.body()).isEqualTo("user");
		assertThat(get("/session", null).body()).isEqualTo(accessed);
	}

	@Test
	void keyOnceThenNothingIsRemembered() throws Exception {
		assertThat(get("/hello", create().token()).statusCode()).isEqualTo(200);
		assertThat(this.cookies.getCookieStore().getCookies()).isEmpty();
		assertThat(get("/hello", null).statusCode()).isEqualTo(401);
	}

	@Test
	void keyBesidesACookieOfNobodyThenNothingIsRemembered() throws Exception {
		get("/login", null);
		String session = sessionId();
		assertThat(get("/hello", create().token()).statusCode()).isEqualTo(200);
		assertThat(sessionId()).isEqualTo(session);
		assertThat(get("/hello", null).statusCode()).isEqualTo(401);
	}

	@Test
	void keyWhenRefusedBesidesASessionThenTheUserStaysSignedIn() throws Exception {
		String session = signIn();
		HttpResponse<String> refused = get("/person", "wrong");
		assertThat(refused.statusCode()).isEqualTo(401);
		assertThat(refused.headers().firstValue("Set-Cookie")).isEmpty();
		assertThat(get("/person", null).body()).isEqualTo("user");
		assertThat(sessionId()).isEqualTo(session);
	}

	@Test
	void userOnAnEndpointForKeysThen403() throws Exception {
		signIn();
		assertThat(get("/hello", null).statusCode()).isEqualTo(403);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/callable", "/deferred", "/sse", "/forward" })
	void asynchronousAndForwardedRequestsKeepTheKey(String path) throws Exception {
		HttpResponse<String> response = get(path, create("orders:read").token());
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).contains("client");
		assertThat(this.application.events).singleElement().isInstanceOf(AuthenticationSuccessEvent.class);
	}

	@Test
	void keyIsVerifiedOncePerRequest() throws Exception {
		get("/teapot", create().token());
		assertThat(this.application.events).singleElement().isInstanceOf(AuthenticationSuccessEvent.class);
	}

	@Test
	void eventsCarryNoPlaintext() throws Exception {
		CreatedApiKey created = create();
		get("/hello", created.token());
		String wrong = this.tokenFormat.generate(new SecureRandomApiKeyGenerator()).value();
		get("/hello", wrong);
		assertThat(this.application.events).hasSize(2);
		assertThat(this.application.events.get(0)).isInstanceOf(AuthenticationSuccessEvent.class);
		assertThat(this.application.events.get(1)).isInstanceOf(AuthenticationFailureBadCredentialsEvent.class);
		assertThat(this.application.credentials).isEmpty();
		assertThat(this.application.events.toString()).doesNotContain(created.token(), wrong);
	}

	/**
	 * Root at TRACE. Left out are the loggers that print requests as they come from the
	 * wire. Those of Hibernate that print every bound value print hashes, too, but never
	 * a plaintext.
	 */
	@Test
	void logsNeverContainPlaintextOrHash() throws Exception {
		List<String> wire = List.of("org.apache.coyote", "org.apache.tomcat", "jdk.internal.httpclient",
				"org.eclipse.jetty");
		List<String> values = List.of("org.hibernate.orm.jdbc.bind", "org.hibernate.orm.jdbc.extract",
				"org.hibernate.orm.results");
		List<String> plaintexts = new ArrayList<>();
		List<ILoggingEvent> events = trace(wire, () -> {
			CreatedApiKey usable = create("orders:read");
			Map<String, String> tokens = refused();
			tokens.put("usable", usable.token());
			for (String token : tokens.values()) {
				get("/hello", token);
				get("/orders", token);
				send(request("/teapot").header("Authorization", "Api-Key " + token).GET());
				send(request("/hello").header("X-API-Key", token).header("Authorization", "Api-Key " + token).GET());
			}
			this.apiKeys.list(ApiKeyQuery.all(), Pageable.unpaged()).forEach(Object::toString);
			this.apiKeys.update(usable.apiKey().getId(), (change) -> change.name("renamed"));
			whileStoreIsDown(() -> assertThat(get("/hello", usable.token()).statusCode()).isEqualTo(503));
			tokens.values()
				.stream()
				.filter((token) -> token.length() > 50)
				.map((token) -> token.substring(16, 48))
				.forEach(plaintexts::add);
		});
		List<String> hashes = this.jdbc
			.queryForList("select hash from api_key where hash like '{sha256}%'", String.class)
			.stream()
			.map((hash) -> hash.substring("{sha256}".length()))
			.toList();
		assertThat(events).hasSizeGreaterThan(100);
		assertThat(plaintexts).hasSize(10).allMatch((secret) -> secret.length() == 32);
		assertThat(hashes).isNotEmpty().allMatch((hash) -> hash.length() == 64);
		assertThat(events).anyMatch((event) -> event.getThrowableProxy() != null)
			.anyMatch((event) -> event.getLoggerName().equals(values.get(0)));
		for (ILoggingEvent event : events) {
			String text = event.getFormattedMessage() + ((event.getThrowableProxy() != null)
					? ThrowableProxyUtil.asString(event.getThrowableProxy()) : "");
			assertThat(plaintexts).as(event.getLoggerName()).noneMatch(text::contains);
			if (!values.contains(event.getLoggerName())) {
				assertThat(hashes).as(event.getLoggerName()).noneMatch(text::contains);
			}
		}
	}

	/**
	 * Collects what is logged at all levels, and keeps it off the console.
	 */
	private static List<ILoggingEvent> trace(List<String> except, Action action) throws Exception {
		LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
		Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
		Level level = root.getLevel();
		List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
		root.iteratorForAppenders().forEachRemaining(appenders::add);
		ListAppender<ILoggingEvent> appender = new ListAppender<>();
		appender.start();
		except.forEach((name) -> context.getLogger(name).setLevel(Level.INFO));
		appenders.forEach(root::detachAppender);
		root.addAppender(appender);
		root.setLevel(Level.TRACE);
		try {
			action.run();
		}
		finally {
			root.setLevel(level);
			root.detachAppender(appender);
			appenders.forEach(root::addAppender);
			except.forEach((name) -> context.getLogger(name).setLevel(null));
		}
		return new ArrayList<>(appender.list);
	}

	private void whileStoreIsDown(Action action) throws Exception {
		this.jdbc.execute("alter table api_key rename to api_key_away");
		try {
			action.run();
		}
		finally {
			this.jdbc.execute("alter table api_key_away rename to api_key");
		}
	}

	private Map<String, String> refused() {
		Map<String, String> refused = new LinkedHashMap<>();
		refused.put("blank", "");
		refused.put("malformed", "anything");
		refused.put("typing error", create().token() + "x");
		refused.put("other case", create().token().toUpperCase());
		refused.put("unknown prefix",
				new ApiKeyTokenFormat("other", List.of()).generate(new SecureRandomApiKeyGenerator()).value());
		refused.put("unknown", this.tokenFormat.generate(new SecureRandomApiKeyGenerator()).value());
		refused.put("wrong secret", forge(create()));
		refused.put("not yet valid",
				this.apiKeys.create(NewApiKey.named("client").notBefore(Instant.now().plus(Duration.ofHours(1))))
					.token());
		refused.put("expired", expired());
		refused.put("disabled", changed((created) -> this.apiKeys.disable(created.apiKey().getId())));
		refused.put("revoked", changed((created) -> this.apiKeys.revoke(created.apiKey().getId())));
		return refused;
	}

	private CreatedApiKey create(String... scopes) {
		return this.apiKeys.create(NewApiKey.named("client").scopes(scopes));
	}

	private String changed(Consumer<CreatedApiKey> change) {
		CreatedApiKey created = create();
		change.accept(created);
		return created.token();
	}

	private String expired() {
		this.apiKeys.setClock(Clock.fixed(Instant.now().minusSeconds(3600), ZoneOffset.UTC));
		try {
			return this.apiKeys.create(NewApiKey.named("client").expiresIn(Duration.ofMinutes(1))).token();
		}
		finally {
			this.apiKeys.setClock(Clock.systemUTC());
		}
	}

	private String forge(CreatedApiKey created) {
		return this.tokenFormat.generate(new ApiKeyGenerator() {

			@Override
			public String generateKeyId() {
				return created.apiKey().getKeyId();
			}

			@Override
			public String generateSecret() {
				return new SecureRandomApiKeyGenerator().generateSecret();
			}

		}).value();
	}

	private HttpResponse<String> get(String path, String token) throws IOException, InterruptedException {
		HttpRequest.Builder request = request(path).GET();
		if (token != null) {
			request.header("X-API-Key", token);
		}
		return send(request);
	}

	private HttpResponse<String> post(String path, String token) throws IOException, InterruptedException {
		HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.noBody());
		if (token != null) {
			request.header("X-API-Key", token);
		}
		return send(request);
	}

	private HttpResponse<String> head(String path, String token) throws IOException, InterruptedException {
		return send(request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()).header("X-API-Key", token));
	}

	private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
		return this.http.send(request.build(), BodyHandlers.ofString());
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + path))
			.timeout(Duration.ofMinutes(2));
	}

	private String signIn() throws IOException, InterruptedException {
		Matcher csrf = CSRF_FIELD.matcher(get("/login", null).body());
		assertThat(csrf.find()).isTrue();
		HttpResponse<String> response = send(request("/login")
			.header("Content-Type", MediaType.APPLICATION_FORM_URLENCODED_VALUE)
			.POST(HttpRequest.BodyPublishers.ofString("username=user&password=password&_csrf=" + csrf.group(1))));
		assertThat(response.headers().firstValue("Location").orElseThrow()).doesNotContain("/login");
		return sessionId();
	}

	private String sessionId() {
		return this.cookies.getCookieStore()
			.getCookies()
			.stream()
			.filter((cookie) -> cookie.getName().equals("JSESSIONID"))
			.map(HttpCookie::getValue)
			.findFirst()
			.orElseThrow();
	}

	private static Map<String, List<String>> headers(HttpResponse<String> response) {
		Map<String, List<String>> headers = new TreeMap<>(response.headers().map());
		headers.remove("date");
		return headers;
	}

	@FunctionalInterface
	private interface Action {

		void run() throws Exception;

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Endpoints.class)
	static class Application {

		private final List<AbstractAuthenticationEvent> events = new CopyOnWriteArrayList<>();

		private final List<Object> credentials = new CopyOnWriteArrayList<>();

		private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http
				.authorizeHttpRequests(
						(requests) -> requests.requestMatchers("/public").permitAll().anyRequest().authenticated())
				.formLogin(withDefaults())
				.httpBasic(withDefaults())
				.with(apiKey(), withDefaults())
				.build();
		}

		@Bean
		@Order(1)
		SecurityFilterChain readsParameters(HttpSecurity http) {
			return http.securityMatcher("/matched", "/converted")
				.with(apiKey(), (keys) -> keys
					.requestMatcher(
							(request) -> request.getRequestURI().equals("/converted") || hasParameter(request, "key"))
					.authenticationConverter((request) -> hasParameter(request, "key")
							? new ApiKeyAuthenticationToken(request.getParameter("key")) : null))
				.build();
		}

		private static boolean hasParameter(HttpServletRequest request, String name) {
			return request.getParameter(name) != null;
		}

		@Bean
		UnreadPaths unreadPaths() {
			return new UnreadPaths(List.of("/admin/api-keys", "/admin/api-keys/**"));
		}

		@Bean
		ApiKeyPolicy policy() {
			return (key) -> switch (key.displayName()) {
				case "barred" -> false;
				case "read parameters" -> hasParameter(
						((ServletRequestAttributes) RequestContextHolder.currentRequestAttributes()).getRequest(),
						"where");
				default -> true;
			};
		}

		@EventListener
		void on(AbstractAuthenticationEvent event) {
			if (event instanceof AuthenticationSuccessEvent
					|| event instanceof AuthenticationFailureBadCredentialsEvent) {
				this.events.add(event);
				Object presented = event.getAuthentication().getCredentials();
				if (presented != null && event.getAuthentication() instanceof ApiKeyAuthenticationToken) {
					this.credentials.add(presented);
				}
			}
		}

	}

	@RestController
	static class Endpoints {

		private final Application application;

		Endpoints(Application application) {
			this.application = application;
		}

		@GetMapping("/public")
		String everybody() {
			return "everybody";
		}

		@HasApiKey
		@GetMapping("/hello")
		String hello(@AuthenticationPrincipal ApiKeyPrincipal key) {
			return key.displayName();
		}

		@HasApiKey
		@PostMapping("/hello")
		String postHello(@AuthenticationPrincipal ApiKeyPrincipal key) {
			return key.displayName();
		}

		@HasApiKey("orders:read")
		@GetMapping("/orders")
		String orders() {
			return "orders";
		}

		@GetMapping("/person")
		String person(Authentication user) {
			if (user instanceof ApiKeyAuthentication) {
				throw new AccessDeniedException("people only");
			}
			return user.getName();
		}

		@PostMapping("/person")
		String postPerson() {
			this.application.calls.add("person");
			return "posted";
		}

		@PostMapping("/admin/api-keys/revoke")
		String revoke() {
			this.application.calls.add("revoke");
			return "revoked";
		}

		@GetMapping("/session")
		long session(HttpSession session) {
			return session.getCreationTime();
		}

		@GetMapping("/teapot")
		void teapot(HttpServletResponse response) throws IOException {
			response.sendError(418);
		}

		@HasApiKey
		@GetMapping("/callable")
		Callable<String> callable(@AuthenticationPrincipal ApiKeyPrincipal key) {
			return key::displayName;
		}

		@HasApiKey
		@GetMapping("/deferred")
		DeferredResult<String> deferred(@AuthenticationPrincipal ApiKeyPrincipal key) {
			DeferredResult<String> result = new DeferredResult<>();
			new Thread(() -> result.setResult(key.displayName())).start();
			return result;
		}

		@HasApiKey
		@GetMapping("/sse")
		SseEmitter sse(@AuthenticationPrincipal ApiKeyPrincipal key) {
			SseEmitter emitter = new SseEmitter();
			new Thread(() -> {
				try {
					emitter.send(key.displayName());
					emitter.complete();
				}
				catch (IOException ex) {
					emitter.completeWithError(ex);
				}
			}).start();
			return emitter;
		}

		@GetMapping("/forward")
		void forward(HttpServletRequest request, HttpServletResponse response) throws Exception {
			request.getRequestDispatcher("/hello").forward(request, response);
		}

	}

}
