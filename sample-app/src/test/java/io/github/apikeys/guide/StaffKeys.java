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

package io.github.apikeys.guide;

import java.util.List;
import java.util.Objects;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyOwners;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.ApiKeySelfService;

import org.springframework.data.domain.Pageable;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.stereotype.Component;

/**
 * Self-service of an application with users of two stores.
 */
@Component
class StaffKeys {

	private final ApiKeySelfService keys;

	StaffKeys(ApiKeyService apiKeys) {
		this.keys = new ApiKeySelfService(apiKeys);
		this.keys.setOwner((user) -> ApiKeyOwners
			.ofUser((user.getPrincipal() instanceof Employee) ? "staff" : "customers", user.getName()));
	}

	String create(String name) {
		return Objects.requireNonNull(this.keys.create(NewApiKey.named(name)).apiKey().getOwner());
	}

	List<String> names() {
		return this.keys.list(Pageable.unpaged()).map(ApiKey::getName).getContent();
	}

	interface Employee extends UserDetails {

	}

}
