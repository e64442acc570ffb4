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

/**
 * Counts requests against the quotas of keys. The library does so for each request that
 * is authorized, if its key has a quota. Each count is written at once, in a transaction
 * of its own.
 *
 * @since 0.1.0
 */
public interface ApiKeyQuotas {

	/**
	 * Takes one request from the quota of a key, or of the key that replaced it.
	 * @param id the id of the key's row
	 * @return whether there was one left; {@code true} if the key has no quota,
	 * {@code false} if there is no such key
	 * @throws ApiKeyStoreException if the store does not answer
	 */
	boolean consumeQuota(UUID id);

	/**
	 * Gives back one request that was taken for nothing.
	 * @param id the id of the key's row
	 * @throws ApiKeyStoreException if the store does not answer
	 */
	void refundQuota(UUID id);

}
