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

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.apikeys.core.support.Moment;
import org.jspecify.annotations.Nullable;

/**
 * Evicts what was loaded before a change of its owner was first seen. Each poll of a
 * window shows the change again, and evicts what a load that began before has inserted
 * since.
 */
final class OwnerChanges {

	private Map<RecentChange, Moment> firstSeen = Map.of();

	/**
	 * Looks at each entry once, however many owners changed.
	 * @param changes of owners, all of the window
	 * @param now when they were received
	 * @param entries what is cached
	 */
	void apply(List<RecentChange> changes, Moment now, Collection<LoadedApiKey> entries) {
		Map<RecentChange, Moment> seen = new HashMap<>();
		Map<String, Moment> outdated = new HashMap<>();
		for (RecentChange change : changes) {
			Moment firstSeen = this.firstSeen.getOrDefault(change, now);
			seen.put(change, firstSeen);
			outdated.merge(change.subject(), firstSeen, (one, other) -> one.isAfter(other) ? one : other);
		}
		if (!outdated.isEmpty()) {
			entries.removeIf((entry) -> isOutdated(entry, outdated.get(entry.key().principal().owner())));
		}
		this.firstSeen = seen;
	}

	private static boolean isOutdated(LoadedApiKey entry, @Nullable Moment changed) {
		return changed != null && !entry.loadStart().isAfter(changed);
	}

}
