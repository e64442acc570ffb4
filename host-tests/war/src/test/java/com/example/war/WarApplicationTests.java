package com.example.war;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import jakarta.servlet.ServletContext;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.ClassUtils;
import org.springframework.web.SpringServletContainerInitializer;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.context.support.WebApplicationContextUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
class WarApplicationTests {

	private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" type=\"hidden\" value=\"([^\"]+)\"");

	private static final Pattern HIDDEN = Pattern.compile("type=\"hidden\" name=\"(\\w+)\" value=\"([^\"]*)\"");

	private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");

	private final HttpClient user = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

	private final HttpClient client = HttpClient.newHttpClient();

	private final Tomcat tomcat = new Tomcat();

	private Context application;

	private String output;

	private String token;

	@BeforeAll
	void deploy(@TempDir Path directory, CapturedOutput output) throws Exception {
		this.tomcat.setBaseDir(directory.toString());
		this.tomcat.setPort(0);
		this.application = this.tomcat.addContext("/shop", directory.toString());
		this.application.addServletContainerInitializer(new SpringServletContainerInitializer(),
				Set.of(WarApplication.class));
		this.tomcat.start();
		this.output = output.getOut();
		signIn();
		Matcher created = TOKEN.matcher(get(this.user, "/keys/new").body());
		assertThat(created.find()).isTrue();
		this.token = created.group(1);
	}

	@AfterAll
	void undeployThenNothingIsLeft() throws Exception {
		this.tomcat.stop();
		this.tomcat.destroy();
		await().atMost(Duration.ofMinutes(2))
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().startsWith("api-key")));
	}

	@Test
	void deployThenThePoolIsKnown() {
		assertThat(context().getBean(DataSource.class)).isInstanceOf(BasicDataSource.class);
		assertThat(this.output).doesNotContain("Each tenant may have API keys of its own");
	}

	@Test
	void keyThenNoSessionIsMadeAndThatOfTheUserIsNotChanged() throws Exception {
		List<Map<String, Object>> before = sessions();
		assertThat(before).hasSize(1);
		HttpResponse<String> response = get(this.user, "/orders", "X-API-Key", this.token);
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().map()).doesNotContainKey("set-cookie");
		int all = allSessions();
		assertThat(get(this.client, "/orders", "X-API-Key", this.token).headers().map())
			.doesNotContainKey("set-cookie");
		assertThat(allSessions()).isEqualTo(all);
		assertThat(get(this.user, "/orders", "X-API-Key", "wrong").statusCode()).isEqualTo(401);
		assertThat(sessions()).isEqualTo(before);
		assertThat(get(this.user, "/keys").statusCode()).isEqualTo(200);
	}

	/**
	 * Another node may be an earlier version of the application, without the library.
	 */
	@Test
	void sessionWhenAKeyWasCreatedOnThePagesThenANodeWithoutTheLibraryReadsIt() throws Exception {
		Matcher hidden = HIDDEN.matcher(get(this.user, "/admin/api-keys/new").body());
		String form = hidden.results()
			.map((input) -> input.group(1) + "=" + URLEncoder.encode(input.group(2), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&", "name=page&expiry=30&", ""));
		HttpRequest submission = request("/admin/api-keys/new")
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(form))
			.build();
		assertThat(this.user.send(submission, BodyHandlers.ofString()).body()).containsPattern("ak_\\w{51}");
		List<byte[]> attributes = context().getBean(JdbcClient.class)
			.sql("select attribute_bytes from spring_session_attributes join spring_session "
					+ "on session_primary_id = primary_id where principal_name = 'user'")
			.query((row, number) -> row.getBytes(1))
			.list();
		assertThat(attributes).hasSizeGreaterThan(1).allSatisfy((bytes) -> {
			try (ObjectInputStream withoutLibrary = new ObjectInputStream(new ByteArrayInputStream(bytes)) {

				@Override
				protected Class<?> resolveClass(ObjectStreamClass type) throws IOException, ClassNotFoundException {
					assertThat(type.getName()).doesNotContain("apikeys");
					return super.resolveClass(type);
				}

			}) {
				assertThat(withoutLibrary.readObject()).isNotNull();
			}
		});
	}

	@Test
	void withoutJacksonThenAnswersAreJsonAndTellNoHash() throws Exception {
		assertThat(ClassUtils.isPresent("tools.jackson.databind.ObjectMapper", null)).isFalse();
		assertThat(get(this.client, "/orders", "X-API-Key", this.token).body()).isEqualTo("{\"ordersOf\":\"client\"}");
		HttpResponse<String> refused = get(this.client, "/orders", "X-API-Key", "wrong");
		assertThat(refused.headers().firstValue("content-type").orElseThrow()).startsWith("application/problem+json");
		assertThat(refused.body()).contains("\"type\":\"urn:problem-type:api-key:unauthorized\"");
		assertThat(get(this.client, "/drafts", "X-API-Key", this.token).body())
			.contains("\"requiredScopes\":[\"orders:write\"]");
		String keys = get(this.user, "/keys").body();
		assertThat(keys).contains("\"name\":\"client\"").doesNotContain("sha256");
	}

	@Test
	void pagesAndLoginThenBelowThePathOfTheApplication() throws Exception {
		assertThat(get(this.user, "/admin/api-keys").body()).contains("client").contains("href=\"/shop/admin/api-keys");
		HttpResponse<String> answer = get(this.client, "/admin/api-keys", "Accept", "text/html");
		assertThat(answer.headers().firstValue("location").orElseThrow()).endsWith("/shop/login");
	}

	@Test
	void handlerWhenItFailsThenTheErrorIsThatOfTheApplication() throws Exception {
		assertThat(get(this.client, "/broken", "X-API-Key", this.token).statusCode()).isEqualTo(500);
		assertThat(get(this.client, "/missing", "X-API-Key", this.token).statusCode()).isEqualTo(404);
	}

	private void signIn() throws Exception {
		Matcher csrf = CSRF.matcher(get(this.user, "/login").body());
		assertThat(csrf.find()).isTrue();
		HttpRequest login = request("/login").header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString("username=user&password=password&_csrf=" + csrf.group(1)))
			.build();
		assertThat(this.user.send(login, BodyHandlers.discarding()).headers().firstValue("location").orElseThrow())
			.doesNotContain("error");
	}

	private List<Map<String, Object>> sessions() {
		JdbcClient jdbc = context().getBean(JdbcClient.class);
		return jdbc.sql("select session_id, creation_time, principal_name, "
				+ "(select count(*) from spring_session_attributes where session_primary_id = primary_id) as attributes "
				+ "from spring_session where principal_name = 'user'")
			.query()
			.listOfRows();
	}

	private int allSessions() {
		return context().getBean(JdbcClient.class)
			.sql("select count(*) from spring_session")
			.query(Integer.class)
			.single();
	}

	private WebApplicationContext context() {
		ServletContext servletContext = this.application.getServletContext();
		return WebApplicationContextUtils.getRequiredWebApplicationContext(servletContext);
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest
			.newBuilder(URI.create("http://localhost:" + this.tomcat.getConnector().getLocalPort() + "/shop" + path));
	}

	private HttpResponse<String> get(HttpClient client, String path, String... headers) throws Exception {
		HttpRequest.Builder request = request(path);
		if (headers.length > 0) {
			request.headers(headers);
		}
		return client.send(request.build(), BodyHandlers.ofString());
	}

}
