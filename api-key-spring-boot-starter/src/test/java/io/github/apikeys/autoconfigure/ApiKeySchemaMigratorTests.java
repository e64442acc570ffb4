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

import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether a setting of the application's Flyway holds for our migrations is decided for
 * each setting that there is.
 */
class ApiKeySchemaMigratorTests {

	private static final Set<String> THEIRS = Set.of("getDataSource", "getUrl", "getUser", "getPassword", "getDriver",
			"getInitSql", "getJdbcProperties", "getConnectRetries", "getConnectRetriesInterval", "getLockRetryCount",
			"getDefaultSchema", "getSchemas", "isCreateSchemas", "getTablespace", "getInstalledBy", "isGroup",
			"isExecuteInTransaction", "isStream", "isBatch", "getKerberosConfigFile", "isCommunityDBSupportEnabled",
			"getLoggers", "isOutputQueryResults", "isCleanDisabled", "getErrorOverrides", "getDryRunOutput",
			"getClassLoader", "getWorkingDirectory", "getCurrentEnvironmentName", "getReportFilename",
			"isReportEnabled");

	private static final Set<String> OURS = Set.of("getLocations", "getCallbackLocations", "isFailOnMissingLocations",
			"getEncoding", "isDetectEncoding", "getSqlMigrationPrefix", "getRepeatableSqlMigrationPrefix",
			"getSqlMigrationSeparator", "getSqlMigrationSuffixes", "isPlaceholderReplacement", "getResourceProvider",
			"getJavaMigrationClassProvider", "getJavaMigrations", "getResolvers", "isSkipDefaultResolvers",
			"getCallbacks", "isSkipDefaultCallbacks", "getTable", "isBaselineOnMigrate", "getBaselineVersion",
			"getBaselineDescription", "getTarget", "isOutOfOrder", "isMixed", "isSkipExecutingMigrations",
			"isValidateOnMigrate", "isValidateMigrationNaming", "getIgnoreMigrationPatterns");

	/**
	 * Without placeholders nothing is replaced; the rest is not about migrations of SQL.
	 */
	private static final Set<String> WITHOUT_EFFECT = Set.of("getPlaceholders", "getPlaceholderPrefix",
			"getPlaceholderSuffix", "getPlaceholderSeparator", "getScriptPlaceholderPrefix",
			"getScriptPlaceholderSuffix", "getPowershellExecutable", "isFailOnMissingTarget", "getCherryPick",
			"getModernConfig", "getPluginRegister", "getCachedResolvedEnvironments", "getCachedDataSources");

	private final FluentConfiguration application = Flyway.configure()
		.dataSource(dataSource())
		.initSql("select 42")
		.jdbcProperties(Map.of("applicationName", "deployer"))
		.connectRetries(3)
		.connectRetriesInterval(7)
		.lockRetryCount(11)
		.defaultSchema("SHOP")
		.schemas("SHOP", "OTHER")
		.createSchemas(false)
		.tablespace("fast")
		.installedBy("deployer")
		.group(true)
		.executeInTransaction(false)
		.table("their_history")
		.locations("classpath:db/migration")
		.callbacks(new BaseCallback() {

			@Override
			public void handle(Event event, Context context) {
				throw new IllegalStateException("no migration of theirs");
			}

		})
		.baselineVersion("7")
		.target("5")
		.outOfOrder(true)
		.mixed(true)
		.encoding(StandardCharsets.UTF_16)
		.sqlMigrationPrefix("X")
		.sqlMigrationSuffixes(".ddl")
		.placeholders(Map.of("table", "theirs"))
		.skipDefaultResolvers(true)
		.skipExecutingMigrations(true)
		.validateMigrationNaming(true)
		.ignoreMigrationPatterns("*:missing");

	@Test
	void everySettingIsDecided() {
		List<String> undecided = new ArrayList<>();
		for (Method getter : Configuration.class.getMethods()) {
			String name = getter.getName();
			if (getter.getParameterCount() == 0 && !THEIRS.contains(name) && !OURS.contains(name)
					&& !WITHOUT_EFFECT.contains(name)) {
				undecided.add(name);
			}
		}
		assertThat(undecided).isEmpty();
	}

	@Test
	void settingsOfTheDatabaseAreTheApplications() throws Exception {
		Configuration ours = ApiKeySchemaMigrator.configuration(this.application, "h2");
		for (String name : THEIRS) {
			Method getter = Configuration.class.getMethod(name);
			assertThat(getter.invoke(ours)).as(name).isEqualTo(getter.invoke(this.application));
		}
	}

	@Test
	void settingsOfWhatIsMigratedAreOurs() {
		Configuration ours = ApiKeySchemaMigrator.configuration(this.application, "h2");
		assertThat(List.of(ours.getLocations())).hasToString("[classpath:io/github/apikeys/core/migration/h2]");
		assertThat(ours.getTable()).isEqualTo("api_key_schema_history");
		assertThat(ours.getCallbacks()).hasSize(1)
			.doesNotContainAnyElementsOf(List.of(this.application.getCallbacks()));
		assertThat(ours.getBaselineVersion()).isEqualTo(MigrationVersion.fromVersion("0"));
		assertThat(ours.getTarget()).isEqualTo(MigrationVersion.LATEST);
		assertThat(ours.isOutOfOrder()).isFalse();
		assertThat(ours.isMixed()).isFalse();
		assertThat(ours.getEncoding()).isEqualTo(StandardCharsets.UTF_8);
		assertThat(ours.getSqlMigrationPrefix()).isEqualTo("V");
		assertThat(ours.getSqlMigrationSuffixes()).containsExactly(".sql");
		assertThat(ours.isPlaceholderReplacement()).isFalse();
		assertThat(ours.isSkipDefaultResolvers()).isFalse();
		assertThat(ours.isSkipExecutingMigrations()).isFalse();
	}

	@Test
	void settingsOfTheApplicationStayAsTheyWere() {
		ApiKeySchemaMigrator.configuration(this.application, "h2");
		assertThat(this.application.getTable()).isEqualTo("their_history");
		assertThat(List.of(this.application.getLocations())).hasToString("[classpath:db/migration]");
		assertThat(this.application.getTarget()).isEqualTo(MigrationVersion.fromVersion("5"));
	}

	private static JdbcDataSource dataSource() {
		JdbcDataSource dataSource = new JdbcDataSource();
		dataSource.setURL("jdbc:h2:mem:");
		return dataSource;
	}

}
