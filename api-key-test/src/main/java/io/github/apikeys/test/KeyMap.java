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

package io.github.apikeys.test;

import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyRow;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Keys and their history in memory. One thread at a time reads or changes them, and a
 * change that fails is undone.
 */
final class KeyMap {

	private final ReentrantLock lock = new ReentrantLock();

	private final Consumer<ApiKeyEvent> committed;

	private State state = State.empty();

	/**
	 * Creates a map without keys.
	 * @param committed is told of each change after it was made
	 */
	KeyMap(Consumer<ApiKeyEvent> committed) {
		this.committed = committed;
	}

	void clear() {
		read(() -> this.state = State.empty());
	}

	<T extends @Nullable Object> T read(Supplier<T> action) {
		this.lock.lock();
		try {
			return action.get();
		}
		finally {
			this.lock.unlock();
		}
	}

	<T> T change(Supplier<T> action) {
		List<ApiKeyEvent> events = new ArrayList<>();
		T result = read(() -> {
			State before = this.state;
			this.state = before.copy();
			boolean succeeded = false;
			try {
				T value = action.get();
				succeeded = true;
				if (this.lock.getHoldCount() == 1) {
					events.addAll(this.state.eventsSince(before));
				}
				return value;
			}
			finally {
				if (!succeeded) {
					this.state = before;
				}
			}
		});
		events.forEach(this.committed);
		return result;
	}

	boolean isHeldByCurrentThread() {
		return this.lock.isHeldByCurrentThread();
	}

	Stream<Entry> entries() {
		return this.state.keys().values().stream();
	}

	Stream<ApiKeyRow> rows() {
		return entries().map(Entry::row);
	}

	@Nullable ApiKeyRow findRow(@Nullable UUID id) {
		Entry entry = find(id);
		return (entry != null) ? entry.row() : null;
	}

	@Nullable Entry find(@Nullable UUID id) {
		return this.state.keys().get(id);
	}

	Optional<Entry> findByKeyId(String keyId) {
		return entries().filter((entry) -> entry.row().keyId().equals(keyId)).findFirst();
	}

	List<ApiKeyEvent> history() {
		return this.state.history();
	}

	Map<String, Instant> invalidatedOwners() {
		return this.state.invalidatedOwners();
	}

	void put(Entry entry) {
		this.state.keys().put(entry.row().id(), entry);
	}

	void remove(List<UUID> ids) {
		this.state.keys().keySet().removeAll(ids);
	}

	/**
	 * Changes a key, unless the change is not possible.
	 * @return whether it was
	 */
	boolean change(UUID id, Function<ApiKeyRow, @Nullable ApiKeyRow> change) {
		return replace(id, (row) -> {
			ApiKeyRow changed = change.apply(row);
			return (changed != null) ? changed.with("changedAt", Instant.now()) : null;
		});
	}

	/**
	 * Replaces the row of a key, for what is no change of the key.
	 * @return whether it was replaced
	 */
	boolean replace(UUID id, Function<ApiKeyRow, @Nullable ApiKeyRow> change) {
		Entry entry = find(id);
		ApiKeyRow replacement = (entry != null) ? change.apply(entry.row()) : null;
		if (entry == null || replacement == null) {
			return false;
		}
		put(new Entry(replacement, entry.entity()));
		return true;
	}

	/**
	 * A key.
	 *
	 * @param entity what its class adds to its row
	 */
	record Entry(ApiKeyRow row, ApiKey entity) {

		/**
		 * What callers have in hand is theirs, and does not change with the key.
		 */
		ApiKey toApiKey() {
			return this.row.fillIn(newEntity());
		}

		/**
		 * The columns of {@link ApiKey} are the row's business.
		 */
		ApiKey newEntity() {
			ApiKey copy = BeanUtils.instantiateClass(this.entity.getClass());
			ReflectionUtils.doWithFields(this.entity.getClass(), (field) -> {
				ReflectionUtils.makeAccessible(field);
				field.set(copy, field.get(this.entity));
			}, (field) -> field.getDeclaringClass() != ApiKey.class && !Modifier.isStatic(field.getModifiers()));
			return copy;
		}

	}

	/**
	 * What is stored at a time.
	 */
	private record State(Map<UUID, Entry> keys, List<ApiKeyEvent> history, Map<String, Instant> invalidatedOwners) {

		static State empty() {
			return new State(new LinkedHashMap<>(), new ArrayList<>(), new LinkedHashMap<>());
		}

		List<ApiKeyEvent> eventsSince(State before) {
			return this.history.subList(Math.min(before.history.size(), this.history.size()), this.history.size());
		}

		State copy() {
			return new State(new LinkedHashMap<>(this.keys), new ArrayList<>(this.history),
					new LinkedHashMap<>(this.invalidatedOwners));
		}

	}

}
