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

package io.github.apikeys.test.host;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.Column;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import org.jspecify.annotations.Nullable;

/**
 * A type of key as an application would write it.
 */
@Entity
@Table(name = "tenant_api_key")
@DiscriminatorValue("tenant")
public class TenantApiKey extends ApiKey {

	@Column(name = "tenant", length = 100)
	private String tenant;

	@Transient
	private @Nullable String owner;

	protected TenantApiKey() {
	}

	public TenantApiKey(String tenant) {
		this(tenant, null);
	}

	public TenantApiKey(String tenant, @Nullable String owner) {
		this.tenant = tenant;
		this.owner = owner;
	}

	@Override
	protected @Nullable String ownerOfNewKey() {
		return this.owner;
	}

	public String getTenant() {
		return this.tenant;
	}

}
