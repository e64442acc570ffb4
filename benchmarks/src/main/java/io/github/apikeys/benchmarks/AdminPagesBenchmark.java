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

package io.github.apikeys.benchmarks;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKeyReports;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;

/**
 * How long the pages take that list keys, with a million keys in PostgreSQL. It starts
 * the database and an application, fills the one and asks the other, prints a table, and
 * writes the query plans to {@code target/plans.txt}. The argument is the number of keys.
 */
public final class AdminPagesBenchmark {

	private static final int ROUNDS = 20;

	private static final String PAGES = "/admin/api-keys";

	private static final String AUTHORIZATION = "Basic "
			+ Base64.getEncoder().encodeToString("admin:password".getBytes(StandardCharsets.UTF_8));

	private final HttpClient http = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

	private final JdbcTemplate jdbc;

	private final String origin;

	private final ApiKeyReports reports;

	private AdminPagesBenchmark(ConfigurableApplicationContext context) {
		this.jdbc = context.getBean(JdbcTemplate.class);
		this.reports = context.getBean(ApiKeyReports.class);
		this.origin = "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
	}

	/**
	 * Runs the benchmark.
	 * @param args the number of keys, a million if it is left out
	 * @throws Exception if anything fails
	 */
	public static void main(String[] args) throws Exception {
		int keys = (args.length > 0) ? Integer.parseInt(args[0]) : 1_000_000;
		Path logs = Files.createTempDirectory("postgresql-logs");
		try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
			.setServerConfig("shared_preload_libraries", "auto_explain")
			.setServerConfig("auto_explain.log_analyze", "on")
			.setServerConfig("logging_collector", "on")
			.setServerConfig("log_directory", logs.toString())
			.setServerConfig("shared_buffers", "512MB")
			.start();
				ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
					.properties("server.port=0", "spring.main.banner-mode=off", "logging.level.root=warn",
							"spring.jpa.open-in-view=false", "spring.security.user.name=admin",
							"spring.security.user.password={noop}password", "spring.security.user.roles=ADMIN",
							"spring.datasource.username=postgres", "spring.datasource.password=postgres")
					.run("--spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"))) {
			new AdminPagesBenchmark(context).run(keys, logs);
		}
	}

	private void run(int keys, Path logs) throws Exception {
		fill(keys);
		Map<String, String> pages = pages(keys);
		System.out.printf("%d keys, %s, JDK %s, %d processors%n%n", keys,
				this.jdbc.queryForObject("select version()", String.class), System.getProperty("java.version"),
				Runtime.getRuntime().availableProcessors());
		System.out.println("| page | median ms | max ms |\n|---|---|---|");
		for (int warmUp = 0; warmUp < 5; warmUp++) {
			for (String page : pages.values()) {
				get(page);
			}
		}
		for (Map.Entry<String, String> page : pages.entrySet()) {
			print(page.getKey(), () -> get(page.getValue()));
		}
		print("counting for the overview", () -> this.reports.statistics(Duration.ofDays(30)));
		plans(pages, logs);
	}

	private static void print(String name, Action action) throws Exception {
		double[] millis = new double[ROUNDS];
		for (int round = 0; round < ROUNDS; round++) {
			long start = System.nanoTime();
			action.run();
			millis[round] = (System.nanoTime() - start) / 1e6;
		}
		Arrays.sort(millis);
		System.out.printf(Locale.ROOT, "| %s | %.0f | %.0f |%n", name, millis[ROUNDS / 2], millis[ROUNDS - 1]);
	}

	private String get(String page) throws IOException, InterruptedException {
		HttpResponse<String> response = this.http.send(HttpRequest.newBuilder(URI.create(this.origin + PAGES + page))
			.header("Authorization", AUTHORIZATION)
			.build(), BodyHandlers.ofString());
		if (response.statusCode() != 200) {
			throw new IllegalStateException(page + ": " + response.statusCode());
		}
		return response.body();
	}

	private Map<String, String> pages(int keys) {
		Map<String, String> pages = new LinkedHashMap<>();
		for (String sort : List.of("createdAt", "name", "expiresAt", "lastUsedAt")) {
			for (String dir : List.of("asc", "desc")) {
				String sorted = "sort=" + sort + "&dir=" + dir;
				pages.put("sorted by " + sort + " " + dir, "?" + sorted);
				pages.put("sorted by " + sort + " " + dir + ", in the middle",
						"?" + sorted + "&after=" + middle(sort, keys));
			}
		}
		pages.put("before a key in the middle", "?before=" + middle("createdAt", keys));
		String keyId = string("select key_id from api_key offset " + keys / 3 + " limit 1");
		String[][] searches = { { "key id", keyId }, { "start of a key id", keyId.substring(0, 4) },
				{ "one name", "billing-" + keys / 8 }, { "names of an eighth", "billing" }, { "one letter", "r" },
				{ "one owner", "ORG-4711" }, { "every owner", "org-" }, { "nothing", "no such thing" } };
		for (String[] search : searches) {
			pages.put("search for " + search[0], "?q=" + search[1].replace(" ", "%20"));
		}
		Map<String, String> filters = new LinkedHashMap<>();
		for (String state : List.of("active", "not-yet-valid", "disabled", "expired", "revoked")) {
			filters.put("state " + state, "state=" + state);
		}
		filters.put("type of every tenth key", "type=partner");
		filters.put("owner of 20 keys", "owner=org-4711");
		filters.put("owner of a tenth of the keys", "owner=big");
		filters.put("scope of every key", "scope=orders:read");
		filters.put("scope of every hundredth key", "scope=reports:read");
		filters.put("scope of one key", "scope=rare:scope");
		filters.put("created in one month", "from=2025-01-01&to=2025-01-31");
		filters.put("expires within 30 days", "due=30");
		filters.put("never used", "use=never");
		filters.put("unused for 90 days", "use=90");
		filters.put("five at once", "state=active&scope=orders:read&due=30&use=90&type=api_key");
		filters.forEach((name, filter) -> {
			for (String sort : List.of("createdAt", "name", "expiresAt", "lastUsedAt")) {
				pages.put(name + " by " + sort, "?" + filter + "&sort=" + sort + "&dir=desc");
			}
		});
		pages.put("search and filter", "?q=billing&state=revoked");
		return pages;
	}

	private String middle(String sort, int keys) {
		String column = Map
			.of("createdAt", "created_at", "name", "search_name", "expiresAt", "expires_at", "lastUsedAt",
					"last_used_at")
			.get(sort);
		return string("select id from api_key where " + column + " is not null order by " + column + " offset "
				+ keys / 4 + " limit 1");
	}

	private String string(String sql) {
		return String.valueOf(this.jdbc.queryForObject(sql, Object.class));
	}

	private void fill(int keys) {
		SampleKeys.insert(this.jdbc, 1, keys, keys);
		this.jdbc.update(
				"insert into partner_api_key (id, partner) select id, name from api_key where key_type = 'partner'");
		this.jdbc.update("insert into api_key_scope select id, 'orders:read' from api_key");
		this.jdbc.update("insert into api_key_scope select id, 'orders:write' from api_key where version = 0 and "
				+ "substr(key_id, 1, 1) < 'U'");
		this.jdbc.update("insert into api_key_scope select id, 'reports:read' from api_key where name like '%00'");
		this.jdbc.update("insert into api_key_scope select id, 'rare:scope' from api_key limit 1");
		this.jdbc.update("insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor) "
				+ "select id, key_id, 'CREATED', created_at, 'admin' from api_key");
		this.jdbc.update("insert into api_key_usage select id, current_date - 1, 100, 1 from api_key");
		this.jdbc.update("insert into api_key_usage_total select current_date - i, 100000 + i, i "
				+ "from generate_series(0, 400) as i");
		// as autovacuum would sooner or later
		this.jdbc.execute("vacuum analyze");
	}

	/**
	 * Asks for every page once more, while PostgreSQL writes down how it does it.
	 */
	private void plans(Map<String, String> pages, Path logs) throws Exception {
		this.jdbc.execute("alter system set auto_explain.log_min_duration = 0");
		this.jdbc.execute("select pg_reload_conf()");
		Thread.sleep(500);
		List<String> lines = new ArrayList<>();
		for (Map.Entry<String, String> page : pages.entrySet()) {
			long before = size(logs);
			get(page.getValue());
			Thread.sleep(100);
			lines.add("=== " + page.getKey());
			lines.add(read(logs).substring((int) before));
		}
		Path file = Path.of("target", "plans.txt");
		Files.createDirectories(file.toAbsolutePath().getParent());
		Files.write(file, lines);
		System.out.println("\nPlans: " + file.toAbsolutePath());
	}

	private static long size(Path logs) throws IOException {
		return read(logs).length();
	}

	private static String read(Path logs) throws IOException {
		StringBuilder text = new StringBuilder();
		try (Stream<Path> files = Files.list(logs)) {
			for (Path file : files.sorted().toList()) {
				text.append(Files.readString(file));
			}
		}
		return text.toString();
	}

	/**
	 * What is measured.
	 */
	private interface Action {

		void run() throws Exception;

	}

	/**
	 * A small application with a type of key of its own.
	 */
	@EnableAutoConfiguration
	static class Application {

		/**
		 * With a session: otherwise every request would check the password, which takes
		 * longer than all the rest.
		 */
		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic((basic) -> basic.securityContextRepository(new HttpSessionSecurityContextRepository()))
				.build();
		}

	}

}
