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

package io.github.apikeys.autoconfigure;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import io.github.apikeys.autoconfigure.ApiKeyProperties.Database.SchemaInitialization;
import io.github.apikeys.core.support.Causes;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * Says why the tables of API keys cannot be used, and what the ways out are.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ApiKeyTablesFailureAnalyzer extends AbstractFailureAnalyzer<ApiKeyTablesException> {

	private static final String CHANGELOG = ApiKeySchemaAutoConfiguration.MIGRATIONS + "liquibase/changelog.xml";

	private final BeanFactory beanFactory;

	private final Environment environment;

	ApiKeyTablesFailureAnalyzer(BeanFactory beanFactory, Environment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ApiKeyTablesException cause) {
		return switch (cause.getProblem()) {
			case MISSING -> new FailureAnalysis(cause.getMessage() + " " + whyMissing(cause), waysOut(cause), cause);
			case OUTDATED -> new FailureAnalysis(String.valueOf(cause.getMessage()),
					"Run the scripts with a later number: " + String.join(", ", scripts(cause.getLocation().platform()))
							+ " in the jar of api-key-core. Or let Flyway do it: add "
							+ "org.springframework.boot:spring-boot-starter-flyway"
							+ module(cause.getLocation().platform())
							+ "; it takes over tables that our scripts made, and brings them to this version.",
					cause);
			case MADE_BY_HIBERNATE -> new FailureAnalysis(
					cause.getMessage() + " They lack indexes, cascades and collations, and refuse types of keys that "
							+ "are added later.",
					"Stop the application, make a backup, and run " + ApiKeySchemaAutoConfiguration.MIGRATIONS
							+ cause.getLocation().platform()
							+ "/from-hibernate.sql, which is in the jar of api-key-core: the tables are then those of "
							+ "our scripts, and Flyway, too, takes them over. If there is nothing in them, drop them "
							+ "instead.",
					cause);
			case NOT_MIGRATED -> new FailureAnalysis(String.valueOf(cause.getMessage()), create(cause), cause);
			case INCOMPLETE -> new FailureAnalysis(String.valueOf(cause.getMessage()), upgrade(cause), cause);
			case UNREADABLE -> new FailureAnalysis(String.valueOf(cause.getMessage()), grant(cause), cause);
			case CHANGED_BY_HIBERNATE -> new FailureAnalysis(
					cause.getMessage()
							+ " Tables that Hibernate creates lack indexes, cascades and collations, and refuses "
							+ "types of keys that are added later.",
					"Set 'spring.jpa.hibernate.ddl-auto' to 'validate' or 'none', or let the SchemaFilterProvider that "
							+ "you have set exclude these tables from all but validation, or set none: ours does "
							+ "that. " + waysOut(cause),
					cause);
			case SHARED -> new FailureAnalysis(
					cause.getMessage() + " Hibernate would change a table for one that the other needs as it is.",
					"Map your entity to another table with @Table(name = \"...\"), rename the table in the database, "
							+ "and let the tables of API keys be created beside it; or give ours another name with a "
							+ "PhysicalNamingStrategy, and create them under that name yourself.",
					cause);
		};
	}

	private String whyMissing(ApiKeyTablesException failure) {
		if (!failure.getRenamed().isEmpty()) {
			return "Hibernate looks for tables of that name because of a naming strategy, a default schema or quoted "
					+ "identifiers. Our scripts and migrations create api_key and others, unquoted, in the schema of "
					+ "the connection.";
		}
		if (isElsewhere(failure)) {
			return (hasSeveralDataSources() ? "There are several beans of type DataSource. " : "")
					+ "The persistence unit in which API keys are stored is on one database, and Flyway, or the "
					+ "scripts, create our tables in another: " + failure.getPlaceOfMigrations() + ".";
		}
		String why = whyNotCreated();
		if (hasSeveralDataSources() && failure.getPlaceOfMigrations() == null) {
			why += " There are several beans of type DataSource: Flyway, and the scripts, create the tables where the "
					+ "primary one leads, or the one of Flyway, which need not be where the persistence unit is.";
		}
		if (AotDetector.useGeneratedArtifacts()) {
			why += " Which beans there are, and so who creates the tables, was decided when the application was built, "
					+ "with the settings of that time.";
		}
		return why;
	}

	private String whyNotCreated() {
		if (this.beanFactory.containsBean(ApiKeySchemaConfigurations.MIGRATOR)) {
			return "Flyway has run, but not in this schema, or they are gone.";
		}
		if (areScriptsAlwaysWanted()) {
			return "'" + ApiKeySchemaConfigurations.OnScripts.PROPERTY + "' is 'always', but "
					+ (this.beanFactory.containsBean(ApiKeySchemaConfigurations.INITIALIZER)
							? "scripts failed, or did not run because other tables of API keys were there."
							: "nothing runs the scripts here.");
		}
		if (!this.environment.getProperty("api-key.database.flyway.enabled", Boolean.class, true)) {
			return "'api-key.database.flyway.enabled' is false, so they are left to you.";
		}
		String why = whyNotByFlyway();
		if (why == null) {
			why = whyNotByLiquibase();
		}
		return (why != null) ? why
				: "Nothing creates them: there is no Flyway, and scripts run automatically in embedded databases only.";
	}

	private boolean areScriptsAlwaysWanted() {
		return Binder.get(this.environment)
			.bind(ApiKeySchemaConfigurations.OnScripts.PROPERTY, SchemaInitialization.class)
			.orElse(SchemaInitialization.EMBEDDED) == SchemaInitialization.ALWAYS;
	}

	private static boolean isElsewhere(ApiKeyTablesException failure) {
		DatabaseLocation place = failure.getPlaceOfMigrations();
		return place != null && !place.isSamePlaceAs(failure.getLocation());
	}

	private boolean hasSeveralDataSources() {
		return count(DataSource.class) > 1;
	}

	private @Nullable String whyNotByFlyway() {
		if (!OptionalType.FLYWAY.isPresent(classLoader())) {
			return null;
		}
		int flyways = count(OptionalType.FLYWAY.find(classLoader()));
		if (flyways > 1) {
			return "There are " + flyways + " beans of type Flyway, and none of them is primary, so it is not clear "
					+ "which one should create them.";
		}
		if (flyways == 1) {
			return "Flyway has run, but not in this schema, or they are gone.";
		}
		if (!OptionalType.FLYWAY_OF_SPRING_BOOT.isPresent(classLoader())) {
			return "flyway-core is on the class path, but nothing runs it: since Spring Boot 4 that takes "
					+ "spring-boot-starter-flyway.";
		}
		if (!this.environment.getProperty("spring.flyway.enabled", Boolean.class, true)) {
			return "'spring.flyway.enabled' is false, so no migration runs here, and ours neither.";
		}
		return null;
	}

	private @Nullable String whyNotByLiquibase() {
		if (!OptionalType.LIQUIBASE.isPresent(classLoader())) {
			return null;
		}
		if (count(OptionalType.LIQUIBASE.find(classLoader())) == 0
				&& !OptionalType.LIQUIBASE_OF_SPRING_BOOT.isPresent(classLoader())) {
			return "liquibase-core is on the class path, but nothing runs it: since Spring Boot 4 that takes "
					+ "spring-boot-starter-liquibase.";
		}
		if (count(OptionalType.LIQUIBASE.find(classLoader())) == 0
				&& !this.environment.getProperty("spring.liquibase.enabled", Boolean.class, true)) {
			return "'spring.liquibase.enabled' is false, so no changelog runs here.";
		}
		return "Liquibase does not create them unless your changelog includes ours.";
	}

	private int count(@Nullable Class<?> type) {
		return (type != null && this.beanFactory instanceof ListableBeanFactory beans)
				? BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, type, true, false).length : 0;
	}

	private String waysOut(ApiKeyTablesException failure) {
		DatabaseLocation location = failure.getLocation();
		List<String> scripts = scripts(location.platform());
		if (scripts.isEmpty()) {
			return "There are no scripts for this database. Create the tables that "
					+ "'io/github/apikeys/core/migration/' in the jar of api-key-core creates in others.";
		}
		String copy = "copy " + String.join(" and ", scripts) + " from the jar of api-key-core into your migrations";
		if (!failure.getRenamed().isEmpty()) {
			return "Either let the tables have the names of the scripts, or " + copy + ", with the names that "
					+ "Hibernate looks for: " + String.join(", ", failure.getRenamed())
					+ ". Where it quotes identifiers, quote the names of columns, too. Set "
					+ "'api-key.database.flyway.enabled=false' and 'api-key.database.initialize-schema=never' then.";
		}
		if (isElsewhere(failure)) {
			return "In that database, create them yourself: " + copy + ", for that DataSource. Set "
					+ "'api-key.database.flyway.enabled=false' and 'api-key.database.initialize-schema=never', so that "
					+ "none are created elsewhere.";
		}
		return "Choose one of three ways:\n\n  - Let Flyway create them: add the dependency "
				+ "org.springframework.boot:spring-boot-starter-flyway" + module(location.platform())
				+ ", and leave 'spring.flyway.enabled' and 'api-key.database.flyway.enabled' as they are.\n"
				+ "  - Let scripts create them at the start: set 'api-key.database.initialize-schema=always'. After an "
				+ "upgrade, scripts with a new number are yours to run.\n" + "  - Create them yourself: " + copy
				+ ", or include 'classpath:" + CHANGELOG + "' in your changelog of Liquibase."
				+ (AotDetector.useGeneratedArtifacts()
						? "\n\nDependencies and settings must be there when the application is built: start the "
								+ "build with the same ones."
						: "");
	}

	private static String module(String platform) {
		return switch (platform) {
			case "postgresql" -> " (and org.flywaydb:flyway-database-postgresql)";
			case "mysql", "mariadb" -> " (and org.flywaydb:flyway-mysql)";
			default -> "";
		};
	}

	private String upgrade(ApiKeyTablesException failure) {
		return "If they are of an earlier version, run the scripts that came after it: "
				+ String.join(", ", scripts(failure.getLocation().platform())) + " in the jar of api-key-core. If they "
				+ "are not ours, rename them, or create ours under other names and tell Hibernate those with a "
				+ "PhysicalNamingStrategy.";
	}

	private String create(ApiKeyTablesException failure) {
		String platform = failure.getLocation().platform();
		if (platform.isEmpty()) {
			return "The database did not answer: see the cause in the log, and check 'spring.datasource.url' and what "
					+ "belongs to it.";
		}
		if (!failure.getLocation().isSupported()) {
			return waysOut(failure) + " Set 'api-key.database.flyway.enabled=false' and "
					+ "'api-key.database.initialize-schema=never'.";
		}
		for (Throwable cause : Causes.of(failure)) {
			if (cause instanceof SQLException ex && TableCheck.isPrivilege(ex)) {
				return "User '" + failure.getLocation().user() + "' has no right to create tables. Let another user "
						+ "migrate, with 'spring.flyway.url', 'spring.flyway.user' and 'spring.flyway.password'; or run "
						+ String.join(" and ", scripts(platform)) + " (in the jar of api-key-core) where your "
						+ "migrations run, and set 'api-key.database.flyway.enabled=false' and "
						+ "'api-key.database.initialize-schema=never'.";
			}
		}
		return "See the cause in the log. What was done before the failure may have stayed: look for tables that begin "
				+ "with api_key before the next start. The scripts are " + String.join(" and ", scripts(platform))
				+ " in the jar of api-key-core.";
	}

	private String grant(ApiKeyTablesException failure) {
		String user = failure.getLocation().user();
		String advice = "Grant select, insert, update and delete on " + String.join(", ", failure.getTables())
				+ " to the user that the application runs as, '" + user + "': that is enough for tables that are "
				+ "there. For new databases, and for tables that a new version adds, let migrations grant them. ";
		String onAll = failure.getLocation().platform().equals("postgresql")
				? "say, as the role that owns the tables, 'alter default privileges grant select, insert, update, "
						+ "delete on tables to \"" + user + "\"', which holds for tables that are created later."
				: "grant the rights on the whole schema.";
		advice += ifNotThere(failure.getLocation().platform());
		String before = "Our tables are created after your migrations, and after a callback such as "
				+ "afterMigrate.sql, so in a new migration, one that runs before ours do for the first time, " + onAll;
		if (this.beanFactory.containsBean(ApiKeySchemaConfigurations.MIGRATOR)) {
			return advice + before;
		}
		return advice + "Where our changelog is included or our scripts are copied, grant them after our changelog or "
				+ "scripts. Where Flyway runs ours by itself: " + before;
	}

	/**
	 * Some databases tell nobody whether a table is there who has no right to it.
	 */
	private String ifNotThere(String platform) {
		return switch (platform) {
			case "mysql",
					"mariadb" ->
				"If they are not there, which this database does not tell a user without rights, "
						+ "create them first, with " + String.join(" and ", scripts(platform))
						+ " from the jar of api-key-core. ";
			default -> "";
		};
	}

	private List<String> scripts(String platform) {
		try {
			Resource[] scripts = new PathMatchingResourcePatternResolver(classLoader())
				.getResources("classpath*:" + ApiKeySchemaAutoConfiguration.MIGRATIONS + platform + "/V*.sql");
			return Arrays.stream(scripts)
				.map(Resource::getFilename)
				.sorted(Comparator.comparingInt(ApiKeyTablesFailureAnalyzer::version))
				.map((name) -> ApiKeySchemaAutoConfiguration.MIGRATIONS + platform + "/" + name)
				.collect(Collectors.toList());
		}
		catch (IOException ex) {
			return List.of();
		}
	}

	private static int version(@Nullable String script) {
		return Integer.parseInt(String.valueOf(script).substring(1).split("__")[0]);
	}

	private @Nullable ClassLoader classLoader() {
		return (this.beanFactory instanceof ConfigurableListableBeanFactory beans) ? beans.getBeanClassLoader() : null;
	}

}
