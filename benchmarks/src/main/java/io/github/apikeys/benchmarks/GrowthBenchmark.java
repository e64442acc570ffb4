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

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.domain.ScrollPosition;
import org.springframework.data.domain.Sort;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Measures what grows with the number of keys: a look-up of a key that is not remembered,
 * a page of the list, and the poll for changes.
 */
public final class GrowthBenchmark {

	private static final int[] SIZES = { 10_000, 1_000_000, 10_000_000 };

	private static final int LOOK_UPS = 5_000;

	private static final String POLL = """
			select key_id, version, changed_at from api_key
			where changed_at >= (select clock_timestamp() - interval '60 seconds')
			union all
			select owner, -1, invalidated_at from api_key_owner
			where invalidated_at >= (select clock_timestamp() - interval '60 seconds')
			""";

	private final JdbcTemplate jdbc;

	private final JpaApiKeyService apiKeys;

	private final ApiKeyReports reports;

	private GrowthBenchmark(ConfigurableApplicationContext context) {
		this.jdbc = context.getBean(JdbcTemplate.class);
		this.apiKeys = context.getBean(JpaApiKeyService.class);
		this.reports = context.getBean(ApiKeyReports.class);
	}

	/**
	 * Runs the benchmark.
	 * @param args nothing
	 * @throws Exception if anything fails
	 */
	public static void main(String[] args) throws Exception {
		try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
			.setServerConfig("shared_buffers", "1GB")
			.setServerConfig("maintenance_work_mem", "1GB")
			.setServerConfig("max_wal_size", "8GB")
			.start();
				ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
					.web(WebApplicationType.NONE)
					.properties("spring.main.banner-mode=off", "logging.level.root=warn", "api-key.cache.enabled=false",
							"spring.datasource.username=postgres", "spring.datasource.password=postgres")
					.run("--spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"))) {
			GrowthBenchmark benchmark = new GrowthBenchmark(context);
			System.out.println("| keys | look-up µs | page by name ms | page by creation ms | what changed µs |");
			System.out.println("|---|---|---|---|---|");
			int inserted = 0;
			for (int size : SIZES) {
				benchmark.fill(inserted + 1, size);
				inserted = size;
				benchmark.measure(size);
			}
		}
		System.out.printf("%nJDK %s, %d processors, medians%n", System.getProperty("java.version"),
				Runtime.getRuntime().availableProcessors());
	}

	/**
	 * Without the indexes, which are created again afterwards: otherwise it would take
	 * hours.
	 */
	private void fill(int from, int to) {
		List<String> definitions = this.jdbc.queryForList("""
				select indexdef from pg_indexes where tablename = 'api_key' and indexname in
				(select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid where not i.indisunique)
				""", String.class);
		this.jdbc.queryForList("""
				select indexname from pg_indexes where tablename = 'api_key' and indexname in
				(select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid where not i.indisunique)
				""", String.class).forEach((index) -> this.jdbc.execute("drop index " + index));
		SampleKeys.insert(this.jdbc, from, to, SIZES[SIZES.length - 1]);
		this.jdbc.update("insert into api_key_scope select id, 'orders:read' from api_key k where not exists "
				+ "(select 1 from api_key_scope s where s.api_key_id = k.id)");
		definitions.forEach(this.jdbc::execute);
		this.jdbc.execute("vacuum analyze");
		this.jdbc.execute("checkpoint");
	}

	private void measure(int size) {
		List<String> tokens = SampleKeys.tokens(this.jdbc, 2 * LOOK_UPS);
		// a hundred keys that changed
		this.jdbc
			.update("update api_key set changed_at = clock_timestamp() where id in (select id from api_key limit 100)");
		tokens.subList(0, LOOK_UPS).forEach(this.apiKeys::verify);
		double lookUp = median(tokens.subList(LOOK_UPS, 2 * LOOK_UPS).stream().map(this::verification).toList());
		double poll = median(Collections.nCopies(200, () -> this.jdbc.queryForList(POLL)));
		System.out.printf(Locale.ROOT, "| %d | %.0f | %.1f | %.1f | %.0f |%n", size, lookUp / 1e3,
				page("name", Sort.Direction.ASC) / 1e6, page("createdAt", Sort.Direction.DESC) / 1e6, poll / 1e3);
	}

	private Runnable verification(String token) {
		return () -> this.apiKeys.verify(token);
	}

	private double page(String property, Sort.Direction direction) {
		return median(Collections.nCopies(100, () -> this.reports.scroll(ApiKeyQuery.all(),
				new Sort.Order(direction, property), ScrollPosition.keyset(), 50)));
	}

	private static double median(List<? extends Runnable> actions) {
		double[] nanos = new double[actions.size()];
		for (int i = 0; i < nanos.length; i++) {
			long start = System.nanoTime();
			actions.get(i).run();
			nanos[i] = System.nanoTime() - start;
		}
		Arrays.sort(nanos);
		return nanos[nanos.length / 2];
	}

	/**
	 * An application without anything but keys.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
