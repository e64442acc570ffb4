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

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import io.github.apikeys.core.ApiKeyActorResolver;
import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.jpa.JpaApiKeyReports;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.persistence.EntityManagerFactory;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.core.env.Environment;
import org.springframework.core.log.LogMessage;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.util.function.SingletonSupplier;

/**
 * Auto-configuration of keys in the application's own persistence unit.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { ApiKeyAutoConfiguration.class, HibernateJpaAutoConfiguration.class })
@ConditionalOnClass(EntityManagerFactory.class)
@ConditionalOnBean(EntityManagerFactory.class)
public final class ApiKeyJpaAutoConfiguration {

	private static final Log logger = LogFactory.getLog(ApiKeyJpaAutoConfiguration.class);

	static final String SERVICE_BEAN_NAME = "io.github.apikeys.jpaApiKeyService";

	private static final Pattern CUT = Pattern.compile("[a-z0-9._:*-]+]?=.*", Pattern.DOTALL);

	/**
	 * Gives way to a service of the application, which gets this one to call.
	 */
	@Bean(SERVICE_BEAN_NAME)
	@Fallback
	@ConditionalOnMissingBean
	@DependsOnDatabaseInitialization
	JpaApiKeyService jpaApiKeyService(ConfigurableBeanFactory beanFactory,
			@ApiKeyEntityManagerFactory ObjectProvider<EntityManagerFactory> qualified, ApiKeyTokenFormats tokenFormats,
			ApiKeyProperties properties, ObjectProvider<ApiKeyPolicy> policies,
			ApplicationEventPublisher eventPublisher, Environment environment) {
		KeyPersistence persistence = persistence(beanFactory, qualified, properties);
		EntityManagerFactory entityManagerFactory = persistence.entityManagerFactory();
		JpaApiKeyService service = create(entityManagerFactory, persistence.transactionManager(), tokenFormats,
				ApiKeyHashers.deferred(beanFactory.getBeanProvider(ApiKeyHashers.class)::getObject));
		beanFactory.getBeanProvider(ApiKeyGenerator.class).ifAvailable(service::setGenerator);
		service.setApplicationEventPublisher(eventPublisher);
		service.setActorResolver(actorResolver(beanFactory));
		service.setPolicies(List.of(allOf(policies)));
		ApiKeyTypes types = ApiKeyTypes.of(entityManagerFactory);
		new KeyTypeCheck(types).scan(beanFactory);
		checkTypePrefixes(types.names(), properties.getToken());
		setDeclaredScopes(service, properties);
		setLifetime(service, properties.getExpiry());
		setMaxGrace(service, properties.getRotation());
		setMaxKeysPerOwner(service, properties);
		setUsageInterval(service, properties);
		setPrincipalMetadata(service, properties.getPrincipal());
		TablesAtStart tables = new TablesAtStart(beanFactory, entityManagerFactory);
		if (keepTenantsApart(service, properties.getDatabase())) {
			tables.warn(environment, "The thread that starts the application need not see the tables of any tenant. Of "
					+ "those that it sees:");
		}
		else {
			tables.check();
			setCache(service, properties.getCache());
		}
		return service;
	}

	@Bean("io.github.apikeys.jpaApiKeyReports")
	@Fallback
	@ConditionalOnMissingBean
	JpaApiKeyReports jpaApiKeyReports(BeanFactory beanFactory,
			@ApiKeyEntityManagerFactory ObjectProvider<EntityManagerFactory> qualified, ApiKeyProperties properties) {
		KeyPersistence persistence = persistence(beanFactory, qualified, properties);
		return new JpaApiKeyReports(persistence.entityManagerFactory(), persistence.transactionManager());
	}

	@Bean("io.github.apikeys.apiKeyTypes")
	@ConditionalOnBean(name = SERVICE_BEAN_NAME)
	ApiKeyTypes apiKeyTypes(BeanFactory beanFactory,
			@ApiKeyEntityManagerFactory ObjectProvider<EntityManagerFactory> qualified, ApiKeyProperties properties) {
		return ApiKeyTypes.of(persistence(beanFactory, qualified, properties).entityManagerFactory());
	}

	@Bean("io.github.apikeys.keyTypeCheck")
	@ConditionalOnBean(name = SERVICE_BEAN_NAME)
	KeyTypeCheck keyTypeCheck(ApiKeyTypes types) {
		return new KeyTypeCheck(types);
	}

	/**
	 * A self-built {@link JpaApiKeyService} does not have the settings of the properties.
	 */
	@Bean("io.github.apikeys.selfBuiltServiceWarning")
	static SmartInitializingSingleton selfBuiltServiceWarning(ListableBeanFactory beanFactory,
			Environment environment) {
		return () -> Arrays.stream(beanFactory.getBeanNamesForType(JpaApiKeyService.class, true, false))
			.filter((name) -> !name.equals(SERVICE_BEAN_NAME))
			.forEach((name) -> {
				logger.warn(LogMessage.format("The bean '%s' replaces the JpaApiKeyService of the "
						+ "auto-configuration: beans of type ApiKeyPolicy, ApiKeyGenerator and ApiKeyActorResolver, "
						+ "events, and the properties 'api-key.*' have no effect on it but what it was given. To "
						+ "change what the service does, publish an ApiKeyService that calls the one it gets injected; "
						+ "to choose the persistence unit, set 'api-key.jpa.entity-manager-factory'.", name));
				beanFactory.getBeanProvider(EntityManagerFactory.class)
					.forEach((unit) -> new TablesAtStart(beanFactory, unit).warn(environment,
							"The bean '" + name + "' may store API keys elsewhere. Of this persistence unit:"));
			});
	}

	@Bean("io.github.apikeys.jdbcTransactionsCheck")
	JdbcTransactionsCheck jdbcTransactionsCheck(ConfigurableListableBeanFactory beanFactory,
			@ApiKeyEntityManagerFactory ObjectProvider<EntityManagerFactory> qualified, ApiKeyProperties properties) {
		return new JdbcTransactionsCheck(beanFactory, () -> beanFactory.containsBean(SERVICE_BEAN_NAME)
				&& persistence(beanFactory, qualified, properties).replacesTransactionsOfJdbc(beanFactory));
	}

	private static KeyPersistence persistence(BeanFactory beanFactory, ObjectProvider<EntityManagerFactory> qualified,
			ApiKeyProperties properties) {
		return KeyPersistence.find(beanFactory, properties.getJpa().getEntityManagerFactory(), qualified);
	}

	/**
	 * Looked up when the first key is verified: a policy may well need a service of the
	 * application that needs keys.
	 */
	private static ApiKeyPolicy allOf(ObjectProvider<ApiKeyPolicy> policies) {
		Supplier<List<ApiKeyPolicy>> all = SingletonSupplier.of(() -> policies.orderedStream().toList());
		return (apiKey) -> all.get().stream().allMatch((policy) -> policy.permits(apiKey));
	}

	private static JpaApiKeyService create(EntityManagerFactory entityManagerFactory,
			PlatformTransactionManager transactionManager, ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers) {
		try {
			return new JpaApiKeyService(entityManagerFactory, transactionManager, tokenFormats, hashers);
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException(
					"A type of API keys cannot be told from others: " + ex.getMessage() + ".",
					"Give each class of API keys an annotation @DiscriminatorValue with a value of its own, which stays "
							+ "the same when the class is renamed.");
		}
		catch (UnsupportedOperationException ex) {
			throw new ApiKeyConfigurationException(
					"API keys of one tenant would be accepted for another: " + ex.getMessage()
							+ ", which the statements on the table of all API keys do not know.",
					"Map the tenant as an ordinary attribute, or make it the owner of its API keys, and compare it "
							+ "with the tenant of the request in an ApiKeyPolicy.");
		}
	}

	/**
	 * Whether each tenant may have keys of its own. Then a cached key could be another
	 * tenant's, and a thread of ours would write into the tables of whichever tenant it
	 * is taken for.
	 */
	private static boolean keepTenantsApart(JpaApiKeyService service, ApiKeyProperties.Database database) {
		service.setTenantsShareKeys(database.isTenantsShareKeys());
		String tenantRouting = service.getTenantRouting();
		if (tenantRouting == null || database.isTenantsShareKeys()) {
			return false;
		}
		logger.warn(LogMessage.format("Each tenant may have API keys of its own, because of %s. So verified keys are "
				+ "not cached, their use is not counted, and outdated hashes are not replaced. If all tenants share "
				+ "one set of keys, as with replicas of one database, or if it does the same on every thread, set "
				+ "'api-key.database.tenants-share-keys=true'.", tenantRouting));
		return true;
	}

	/**
	 * No reason not to start: parts of an application, and its tests, often share one
	 * configuration, and need not know the same types.
	 */
	private static void checkTypePrefixes(Set<String> types, ApiKeyProperties.Token token) {
		for (String type : token.getTypePrefixes().keySet()) {
			if (!types.contains(type)) {
				logger.warn(LogMessage.format(
						"'api-key.token.type-prefixes.%s' belongs to no type of API keys here; there are %s", type,
						types));
			}
		}
	}

	private static void setLifetime(JpaApiKeyService service, ApiKeyProperties.Expiry expiry) {
		try {
			service.setLifetime(expiry.getDefault(), expiry.getMax(), expiry.isRequired());
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException("API keys cannot expire as configured: " + ex.getMessage() + ".",
					"Change 'api-key.expiry.default' or 'api-key.expiry.max', for example to '90d' and '365d'.");
		}
	}

	private static void setMaxGrace(JpaApiKeyService service, ApiKeyProperties.Rotation rotation) {
		try {
			service.setMaxGrace(rotation.getMaxGrace());
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException("API keys cannot be rotated as configured: " + ex.getMessage() + ".",
					"Change 'api-key.rotation.max-grace', for example to '7d'.");
		}
	}

	private static void setMaxKeysPerOwner(JpaApiKeyService service, ApiKeyProperties properties) {
		Integer maxKeys = properties.getOwner().getMaxKeys();
		if (maxKeys == null) {
			return;
		}
		try {
			service.setMaxKeysPerOwner(maxKeys);
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException(
					"An owner cannot have " + maxKeys + " API keys at most: " + ex.getMessage() + ".",
					"Set 'api-key.owner.max-keys' to 1 or more, or remove it.");
		}
	}

	private static void setCache(JpaApiKeyService service, ApiKeyProperties.Cache cache) {
		if (!cache.isEnabled()) {
			return;
		}
		try {
			service.setCache(cache.getMaxEntries(), cache.getMaxStaleness());
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException("API keys cannot be cached as configured: " + ex.getMessage() + ".",
					"Change 'api-key.cache.max-entries' or 'api-key.cache.max-staleness', or set "
							+ "'api-key.cache.enabled' to false.");
		}
	}

	private static void setUsageInterval(JpaApiKeyService service, ApiKeyProperties properties) {
		try {
			service.setUsageInterval(properties.getUsage().getFlushInterval());
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException(
					"The use of API keys cannot be written every " + properties.getUsage().getFlushInterval()
							+ ": the time must be longer than zero.",
					"Change 'api-key.usage.flush-interval', for example to '10s'.");
		}
	}

	private static void setPrincipalMetadata(JpaApiKeyService service, ApiKeyProperties.Principal principal) {
		try {
			service.setPrincipalMetadata(principal.getMetadata());
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException(
					"The principal of an API key cannot have such metadata: " + ex.getMessage() + ".",
					"Change 'api-key.principal.metadata' to the names that the application needs for each request, at "
							+ "most 10.");
		}
	}

	private static ApiKeyActorResolver actorResolver(BeanFactory beanFactory) {
		ApiKeyActorResolver resolver = beanFactory.getBeanProvider(ApiKeyActorResolver.class).getIfAvailable();
		return (resolver != null) ? resolver
				: new SecurityContextActorResolver(beanFactory.getBeanProvider(SecurityContextHolderStrategy.class)
					.getIfUnique(SecurityContextHolder::getContextHolderStrategy), () -> null);
	}

	private static void setDeclaredScopes(JpaApiKeyService service, ApiKeyProperties properties) {
		properties.getScopes().forEach(ApiKeyJpaAutoConfiguration::checkColon);
		try {
			service.setDeclaredScopes(properties.getScopes().keySet());
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException("A declared scope cannot be granted: " + ex.getMessage() + ".",
					"Change 'api-key.scopes'. A scope looks like 'orders:read'; in YAML write "
							+ "\"[orders:read]\": \"Read orders\".");
		}
	}

	/**
	 * In a properties file a colon ends the name of a property, so that
	 * {@code [orders:read]=Read orders} would declare {@code orders}, unnoticed.
	 */
	private static void checkColon(String scope, String description) {
		if (CUT.matcher(description).matches()) {
			throw new ApiKeyConfigurationException(
					"The declaration of scope '" + scope + "' was cut at the colon: '" + scope + ":" + description
							+ "'.",
					"In a properties file write a backslash before the colon: 'api-key.scopes.[orders\\:read]=Read "
							+ "orders'.");
		}
	}

}
