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

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Keys whose rows may go.
 *
 * @since 0.1.0
 */
public final class Ended {

	private final Instant time;

	private final @Nullable String owner;

	private final boolean deleted;

	/**
	 * Creates it.
	 * @param time the time before which they were revoked, or expired
	 * @param owner exactly whose keys, or {@code null} for everybody's
	 * @param deleted whether only those that are to be deleted, which are revoked
	 */
	public Ended(Instant time, @Nullable String owner, boolean deleted) {
		Assert.notNull(time, "time cannot be null");
		this.time = time;
		this.owner = owner;
		this.deleted = deleted;
	}

	/**
	 * Returns when they ended at the latest.
	 * @return the time before which they were revoked, or expired
	 */
	public Instant time() {
		return this.time;
	}

	/**
	 * Returns whose keys they are.
	 * @return exactly whose keys, or {@code null} for everybody's
	 */
	public @Nullable String owner() {
		return this.owner;
	}

	/**
	 * Returns whether they are to be deleted.
	 * @return whether only those that are to be deleted, which are revoked
	 */
	public boolean deleted() {
		return this.deleted;
	}

}
