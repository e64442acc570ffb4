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

package io.github.apikeys.core.jpa;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Splits what would be too many parameters of one statement.
 */
final class Chunks {

	// fewer than any database permits in one statement
	static final int MAX_SIZE = 1000;

	private Chunks() {
	}

	/**
	 * Splits values.
	 * @param values any number of them
	 * @return lists of at most {@link #MAX_SIZE} values, in the same order
	 */
	static <T> List<List<T>> of(Collection<T> values) {
		return of(values, MAX_SIZE);
	}

	/**
	 * Splits values that are several parameters each.
	 * @param values any number of them
	 * @return lists of at most {@code size} values, in the same order
	 */
	static <T> List<List<T>> of(Collection<T> values, int size) {
		List<T> all = List.copyOf(values);
		List<List<T>> chunks = new ArrayList<>();
		for (int start = 0; start < all.size(); start += size) {
			chunks.add(all.subList(start, Math.min(all.size(), start + size)));
		}
		return chunks;
	}

}
