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

import org.hibernate.boot.model.TypeContributions;
import org.hibernate.boot.model.TypeContributor;
import org.hibernate.dialect.Dialect;
import org.hibernate.dialect.MariaDBDialect;
import org.hibernate.dialect.MySQLDialect;
import org.hibernate.engine.jdbc.spi.JdbcServices;
import org.hibernate.service.ServiceRegistry;
import org.hibernate.type.descriptor.jdbc.UuidAsBinaryJdbcType;

/**
 * Lets columns that are declared as UUID be binary on MySQL, which has no such type, also
 * if the application prefers another type for its own UUIDs: Hibernate does so only if it
 * does not. Hibernate finds it by {@code META-INF/services}.
 *
 * @since 0.1.0
 */
public final class UuidColumnContributor implements TypeContributor {

	/**
	 * Creates a contributor for one persistence unit.
	 */
	public UuidColumnContributor() {
	}

	@Override
	public void contribute(TypeContributions typeContributions, ServiceRegistry serviceRegistry) {
		Dialect dialect = serviceRegistry.requireService(JdbcServices.class).getDialect();
		// other dialects add their own only if there is none
		if (dialect instanceof MySQLDialect && !(dialect instanceof MariaDBDialect)) {
			typeContributions.getTypeConfiguration()
				.getJdbcTypeRegistry()
				.addDescriptorIfAbsent(UuidAsBinaryJdbcType.INSTANCE);
		}
	}

}
