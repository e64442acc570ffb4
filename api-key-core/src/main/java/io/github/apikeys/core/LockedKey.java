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
package io.github.apikeys.core;

import java.util.UUID;

import org.springframework.util.Assert;

/**
 * A row that nobody else can change now.
 *
 * @since 0.1.0
 */
public final class LockedKey {

	private final UUID id;

	private final String keyId;

	/**
	 * Creates it.
	 * @param id the id of the row
	 * @param keyId the public id
	 */
	public LockedKey(UUID id, String keyId) {
		Assert.notNull(id, "id cannot be null");
		Assert.notNull(keyId, "keyId cannot be null");
		this.id = id;
		this.keyId = keyId;
	}

	static LockedKey of(ApiKey apiKey) {
		return new LockedKey(apiKey.getId(), apiKey.getKeyId());
	}

	/**
	 * Returns which row it is.
	 * @return the id of the row
	 */
	public UUID id() {
		return this.id;
	}

	/**
	 * Returns the public id of the key.
	 * @return the public id
	 */
	public String keyId() {
		return this.keyId;
	}

}
