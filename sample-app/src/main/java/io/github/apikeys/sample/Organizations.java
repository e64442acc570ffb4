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

package io.github.apikeys.sample;

import java.util.List;

import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;

import org.springframework.data.domain.Pageable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * The customers of the shop and their keys.
 */
@Service
class Organizations {

	private final OrganizationRepository organizations;

	private final ApiKeyService apiKeys;

	Organizations(OrganizationRepository organizations, ApiKeyService apiKeys) {
		this.organizations = organizations;
		this.apiKeys = apiKeys;
	}

	@Transactional
	CreatedApiKey createKey(Organization organization, String name) {
		return this.apiKeys.create(new OrganizationApiKey(organization), NewApiKey.named(name).scopes("orders:read"));
	}

	List<OrganizationApiKey> keysOf(Organization organization) {
		return this.apiKeys
			.list(OrganizationApiKey.class, ApiKeyQuery.all().owner(organization.getOwner()), Pageable.unpaged())
			.getContent();
	}

	@Transactional
	void setActive(Organization organization, boolean active) {
		this.organizations.setActive(organization.getId(), active);
		this.apiKeys.invalidateOwner(organization.getOwner());
	}

}
