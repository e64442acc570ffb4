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

package io.github.apikeys.core.type;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;

/**
 * A type of key as an application would write it.
 */
@Entity
@Table(name = "tenant_api_key")
@DiscriminatorValue("tenant")
public class TenantApiKey extends ApiKey {

	@Column(name = "tenant", length = 100)
	@Convert(converter = TenantConverter.class)
	private String tenant;

	public String getTenant() {
		return this.tenant;
	}

	public void setTenant(String tenant) {
		this.tenant = tenant;
	}

	/**
	 * Fails on what it does not know, as converters of applications do.
	 */
	static final class TenantConverter implements AttributeConverter<String, String> {

		@Override
		public String convertToDatabaseColumn(String tenant) {
			return tenant;
		}

		@Override
		public String convertToEntityAttribute(String column) {
			if ("unreadable".equals(column)) {
				throw new IllegalArgumentException("No such tenant");
			}
			if ("classless".equals(column)) {
				throw new NoClassDefFoundError("Tenant");
			}
			return column;
		}

	}

}
