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

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import io.github.apikeys.core.AllowedAddresses;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyValidity;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.support.Moment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which entries a change of an owner evicts, and how often each is looked at.
 */
class OwnerChangesTests {

	private static final Instant NOON = Instant.parse("2027-01-01T12:00:00Z");

	private final OwnerChanges ownerChanges = new OwnerChanges();

	@Test
	void applyWhenManyOwnersChangedThenEachEntryIsLookedAtOnce() {
		CountedEntries entries = new CountedEntries();
		entries.addAll(IntStream.range(0, 100).mapToObj((i) -> entry("owner" + i, 0)).toList());
		List<RecentChange> changes = IntStream.range(50, 150).mapToObj((i) -> change("owner" + i)).toList();
		this.ownerChanges.apply(changes, moment(1), entries);
		assertThat(entries).hasSize(50);
		assertThat(entries.visits).isEqualTo(100);
		this.ownerChanges.apply(changes, moment(2), entries);
		assertThat(entries.visits).isEqualTo(150);
	}

	@Test
	void applyWhenNoOwnerChangedThenNoEntryIsLookedAt() {
		CountedEntries entries = new CountedEntries();
		entries.add(entry("a", 0));
		this.ownerChanges.apply(List.of(), moment(1), entries);
		assertThat(entries.visits).isZero();
	}

	@Test
	void applyThenEvictsWhatWasLoadedBeforeTheChangeWasFirstSeen() {
		List<LoadedApiKey> entries = new ArrayList<>(Arrays.asList(entry("a", 1), entry("b", 1), entry(null, 1)));
		this.ownerChanges.apply(List.of(change("a")), moment(1), entries);
		assertThat(entries).extracting((entry) -> entry.key().principal().owner()).containsExactly("b", null);
		entries.addAll(List.of(entry("a", 1), entry("a", 2)));
		this.ownerChanges.apply(List.of(change("a")), moment(3), entries);
		assertThat(entries).extracting((entry) -> entry.key().principal().owner()).containsExactly("b", null, "a");
		assertThat(entries.get(2).loadStart()).isEqualTo(moment(2));
	}

	@Test
	void applyWhenAnOwnerChangedTwiceThenTheLaterChangeCounts() {
		RecentChange first = change("a");
		RecentChange second = RecentChange.ofOwner("a", NOON.plusSeconds(1));
		this.ownerChanges.apply(List.of(first), moment(1), new ArrayList<>());
		List<LoadedApiKey> entries = new ArrayList<>(List.of(entry("a", 2)));
		this.ownerChanges.apply(List.of(second, first), moment(3), entries);
		assertThat(entries).isEmpty();
		entries.addAll(List.of(entry("a", 2), entry("a", 4)));
		this.ownerChanges.apply(List.of(first, second), moment(5), entries);
		assertThat(entries).extracting(LoadedApiKey::loadStart).containsExactly(moment(4));
	}

	private static RecentChange change(String owner) {
		return RecentChange.ofOwner(owner, NOON);
	}

	private static LoadedApiKey entry(@Nullable String owner, int second) {
		return new LoadedApiKey(
				new StoredApiKey(new ApiKeyPrincipal(UUID.randomUUID(), "id", "key", owner, Set.of(), "api_key"), 0,
						new TokenHash("{none}"), new ApiKeyValidity(null, null, null, null), AllowedAddresses.of(null)),
				moment(second));
	}

	private static Moment moment(int second) {
		return new Moment(Duration.ofSeconds(second).toNanos(), NOON.plusSeconds(second));
	}

	/**
	 * Counts how many entries were looked at.
	 */
	private static final class CountedEntries extends ArrayList<LoadedApiKey> {

		private int visits;

		@Override
		public boolean removeIf(Predicate<? super LoadedApiKey> filter) {
			return super.removeIf((entry) -> {
				this.visits++;
				return filter.test(entry);
			});
		}

		@Override
		public Iterator<LoadedApiKey> iterator() {
			throw new UnsupportedOperationException("not counted");
		}

	}

}
