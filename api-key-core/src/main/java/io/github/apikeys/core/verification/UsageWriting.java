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
import java.util.List;

import io.github.apikeys.core.support.Moment;
import io.github.apikeys.core.verification.UsageBacklog.Slot;

/**
 * What a worker is writing, and since when.
 */
final class UsageWriting {

	private volatile Moment since;

	private volatile Collection<Slot> slots = List.of();

	UsageWriting(Moment since) {
		this.since = since;
	}

	/**
	 * Notes that the worker has begun with the next portion.
	 */
	void begin(Moment since, Collection<Slot> slots) {
		this.since = since;
		this.slots = List.copyOf(slots);
	}

	Moment since() {
		return this.since;
	}

	Collection<Slot> slots() {
		return this.slots;
	}

}
