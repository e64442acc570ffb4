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

import java.util.List;

/**
 * What keeps the usage of keys.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface UsageSink {

	/**
	 * Adds counts to those of their days, or none if it throws. It does not wait for a
	 * key that something else holds, and drops counts of keys that do not exist any more.
	 * It ends within {@link VerificationSource#MAX_DURATION}.
	 * @param counts ordered by key and day, so that nodes do not lock each other out
	 * @return those that are not added, because something else holds their keys; they are
	 * added later
	 * @throws UnknownOutcomeException if nobody knows whether they are added, but for
	 * those that it says are left
	 */
	List<UsageCount> add(List<UsageCount> counts);

	/**
	 * Adds counts as {@link #add} does, but waits for a key that something else holds for
	 * a short time: one that is held by one request after the other is never found free.
	 * A sink that leaves no counts need not implement it.
	 * @param counts ordered by key and day, of one key
	 * @return those that are not added
	 * @throws UnknownOutcomeException as in {@link #add}
	 */
	default List<UsageCount> addWaiting(List<UsageCount> counts) {
		return add(counts);
	}

}
