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

package io.github.apikeys.core.jpa;

import java.util.Map;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.type.TenantApiKey;
import org.hibernate.boot.spi.SessionFactoryOptions;
import org.hibernate.cache.cfg.spi.DomainDataRegionBuildingContext;
import org.hibernate.cache.cfg.spi.DomainDataRegionConfig;
import org.hibernate.cache.spi.support.DomainDataStorageAccess;
import org.hibernate.cache.spi.support.RegionFactoryTemplate;
import org.hibernate.cache.spi.support.StorageAccess;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications that let Hibernate cache every entity.
 */
class SharedCacheTests {

	@ParameterizedTest
	@ValueSource(strings = { "ALL", "DISABLE_SELECTIVE", "ENABLE_SELECTIVE" })
	void entitiesThenNeverCachedWhateverTheModeIs(String mode) throws Exception {
		try (PersistenceUnit unit = new PersistenceUnit(new H2Database().start(),
				Map.of("hibernate.hbm2ddl.auto", "create", "jakarta.persistence.sharedCache.mode", mode,
						"hibernate.cache.use_second_level_cache", true, "hibernate.cache.use_query_cache", true,
						"hibernate.cache.region.factory_class", Regions.class.getName()),
				"io.github.apikeys.core")) {
			SessionFactoryImplementor sessionFactory = unit.entityManagerFactory()
				.unwrap(SessionFactoryImplementor.class);
			assertThat(sessionFactory.getSessionFactoryOptions().isSecondLevelCacheEnabled()).isTrue();
			sessionFactory.getMappingMetamodel().forEachEntityDescriptor((entity) -> {
				if (entity.getMappedClass().getPackageName().equals("io.github.apikeys.core")
						|| ApiKey.class.isAssignableFrom(entity.getMappedClass())) {
					assertThat(entity.canReadFromCache() || entity.canWriteToCache()).as(entity.getEntityName())
						.isFalse();
				}
			});
			sessionFactory.getMappingMetamodel()
				.forEachCollectionDescriptor(
						(collection) -> assertThat(collection.hasCache()).as(collection.getRole()).isFalse());
			assertThat(sessionFactory.getMappingMetamodel().findEntityDescriptor(TenantApiKey.class)).isNotNull();
		}
	}

	/**
	 * A cache that remembers nothing, but would be asked.
	 */
	public static final class Regions extends RegionFactoryTemplate {

		@Override
		protected void prepareForUse(SessionFactoryOptions settings, Map<String, Object> configuration) {
		}

		@Override
		protected void releaseFromUse() {
		}

		@Override
		protected DomainDataStorageAccess createDomainDataStorageAccess(DomainDataRegionConfig region,
				DomainDataRegionBuildingContext context) {
			return new Nothing();
		}

		@Override
		protected StorageAccess createQueryResultsRegionStorageAccess(String region,
				SessionFactoryImplementor sessionFactory) {
			return new Nothing();
		}

		@Override
		protected StorageAccess createTimestampsRegionStorageAccess(String region,
				SessionFactoryImplementor sessionFactory) {
			return new Nothing();
		}

	}

	private static final class Nothing implements DomainDataStorageAccess {

		@Override
		public Object getFromCache(Object key, SharedSessionContractImplementor session) {
			return null;
		}

		@Override
		public void putIntoCache(Object key, Object value, SharedSessionContractImplementor session) {
		}

		@Override
		public boolean contains(Object key) {
			return false;
		}

		@Override
		public void evictData() {
		}

		@Override
		public void evictData(Object key) {
		}

		@Override
		public void release() {
		}

	}

}
