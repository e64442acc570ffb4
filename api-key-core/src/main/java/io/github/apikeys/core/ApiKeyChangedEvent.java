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

import java.time.Instant;
import java.util.UUID;

/**
 * Published after a key was changed and the change was committed. A change that was
 * rolled back publishes nothing.
 * <p>
 * Listen with {@code @EventListener}. The transaction is over when the event comes, so
 * {@code @TransactionalEventListener} would wait for a commit that has been, and a
 * listener that writes needs a transaction of its own ({@code REQUIRES_NEW}). What a
 * listener throws is logged and goes no further: the change is made.
 *
 * @since 0.1.0
 */
public final class ApiKeyChangedEvent {

	private final UUID apiKeyId;

	private final String keyId;

	private final Change change;

	private final Instant occurredAt;

	ApiKeyChangedEvent(ApiKey apiKey, Change change, Instant occurredAt) {
		this.apiKeyId = apiKey.getId();
		this.keyId = apiKey.getKeyId();
		this.change = change;
		this.occurredAt = occurredAt;
	}

	/**
	 * Returns which key was changed.
	 * @return the id of its row
	 */
	public UUID getApiKeyId() {
		return this.apiKeyId;
	}

	/**
	 * Returns the public id of the changed key.
	 * @return the public id
	 */
	public String getKeyId() {
		return this.keyId;
	}

	/**
	 * Returns what was changed.
	 * @return the kind of change
	 */
	public Change getChange() {
		return this.change;
	}

	/**
	 * Returns when the change was made, by the application's clock.
	 * @return the time of the change, a little before its commit
	 */
	public Instant getOccurredAt() {
		return this.occurredAt;
	}

	@Override
	public String toString() {
		return "ApiKeyChangedEvent [keyId=" + this.keyId + ", change=" + this.change + "]";
	}

	/**
	 * What can happen to a key.
	 */
	public enum Change {

		/** The key was created. */
		CREATED,

		/** It got another name. */
		RENAMED,

		/** It ends at another time, or never. */
		EXPIRY_CHANGED,

		/** It was switched off for a while. */
		DISABLED,

		/** It was switched on again. */
		ENABLED,

		/** It was switched off for ever. */
		REVOKED

	}

}
