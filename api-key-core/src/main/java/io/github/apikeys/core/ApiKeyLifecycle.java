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

import org.springframework.util.Assert;

/**
 * Tells a store whether the row of a key may be inserted or removed, whoever asks for it.
 *
 * @since 0.1.0
 */
public final class ApiKeyLifecycle {

	private ApiKeyLifecycle() {
	}

	/**
	 * Returns whether {@link ApiKeyService} is just creating a key.
	 * @param apiKey the key
	 * @return whether its row may be inserted
	 */
	public static boolean isBeingIssued(ApiKey apiKey) {
		Assert.notNull(apiKey, "apiKey cannot be null");
		return apiKey.isBeingIssued();
	}

	/**
	 * Checks that {@link ApiKeyService} is just creating a key.
	 * @param apiKey the key
	 * @throws IllegalStateException if its row must not be inserted
	 */
	public static void checkInsert(ApiKey apiKey) {
		Assert.notNull(apiKey, "apiKey cannot be null");
		apiKey.refuseToBePersisted();
	}

	/**
	 * Returns whether a key was revoked so long ago that no node has it in its cache, as
	 * far as the key tells.
	 * @param apiKey the key
	 * @return whether its row may be removed
	 */
	public static boolean isRemovable(ApiKey apiKey) {
		Assert.notNull(apiKey, "apiKey cannot be null");
		return apiKey.mayBeRemoved();
	}

	/**
	 * Creates the exception to throw if the row of a key must not be removed.
	 * @return the exception, whose message says what to do instead
	 */
	public static IllegalStateException notRemovable() {
		return ApiKey.notToBeRemoved();
	}

}
