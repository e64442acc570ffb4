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
package io.github.apikeys.core.verification;

import java.time.Instant;
import java.util.List;

import org.springframework.util.Assert;

/**
 * The result of a poll for changes.
 *
 * @since 0.1.0
 */
public final class RecentChanges {

	private final Instant databaseTime;

	private final List<RecentChange> changes;

	/**
	 * Creates a result.
	 * @param databaseTime the time of the answer, by the clock that stamps the changes
	 * @param changes what changed since the time that was asked for
	 */
	public RecentChanges(Instant databaseTime, List<RecentChange> changes) {
		Assert.notNull(databaseTime, "databaseTime cannot be null");
		Assert.notNull(changes, "changes cannot be null");
		this.databaseTime = databaseTime;
		this.changes = List.copyOf(changes);
	}

	/**
	 * Returns when the store was asked.
	 * @return the time of the answer, by the clock that stamps the changes
	 */
	public Instant databaseTime() {
		return this.databaseTime;
	}

	/**
	 * Returns what changed.
	 * @return the changes since the time that was asked for, unmodifiable
	 */
	public List<RecentChange> changes() {
		return this.changes;
	}

}
