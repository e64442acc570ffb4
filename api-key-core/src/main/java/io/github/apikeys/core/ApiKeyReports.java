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

import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;

import org.springframework.data.domain.KeysetScrollPosition;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Window;

/**
 * Reports on keys: lists of any length, numbers, history, usage. Nothing here changes
 * anything.
 *
 * @since 0.1.0
 */
public interface ApiKeyReports {

	/**
	 * Reads a part of a list. It takes as long at the end of the list as at its start.
	 * @param query which keys
	 * @param order by {@code name}, {@code createdAt}, {@code expiresAt} or
	 * {@code lastUsedAt}; keys without such a time come last in both directions
	 * @param position the start of the list, or before or after one of its keys, of which
	 * only the {@code id} counts; the start, too, if there is no such key any more
	 * @param limit how many keys at most, at least 1
	 * @return the keys in their order, whatever the direction of the position
	 * @throws InvalidApiKeyAttributeException if they are to be ordered by something else
	 */
	Window<ApiKey> scroll(ApiKeyQuery query, Sort.Order order, KeysetScrollPosition position, int limit);

	/**
	 * Counts all keys.
	 * @param expiringWithin the time from now that counts as soon
	 * @return the numbers
	 */
	ApiKeyStatistics statistics(Duration expiringWithin);

	/**
	 * Reads what happened to a key.
	 * @param id the id of its row
	 * @return its history, the last change first
	 */
	List<ApiKeyEvent> history(UUID id);

	/**
	 * Reads how often a key was presented. It is written some seconds after the fact.
	 * @param id the id of its row
	 * @param from the first day, in UTC
	 * @param to the last day, in UTC
	 * @return one element for each day in order
	 */
	List<ApiKeyUsage> usage(UUID id, LocalDate from, LocalDate to);

	/**
	 * Reads how often keys and malformed tokens were presented on each day.
	 * @param from the first day, in UTC
	 * @param to the last day, in UTC
	 * @return one element for each day in order
	 */
	List<ApiKeyUsage> usage(LocalDate from, LocalDate to);

}
