package com.example.mapstore;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyRow;
import io.github.apikeys.core.ApiKeyUsage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys, their history and their usage. One thread at a time reads or changes them within
 * a transaction. A transaction that fails leaves nothing behind; one that succeeds is in
 * the file before anybody sees it.
 */
final class KeyMap implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(KeyMap.class);

	private final ReentrantLock lock = new ReentrantLock();

	private final Consumer<ApiKeyEvent> listener;

	private final KeyFile file;

	private volatile State committed = State.empty();

	private State current = this.committed;

	KeyMap(Path path, Consumer<ApiKeyEvent> listener) {
		this.listener = listener;
		this.file = new KeyFile(path, this.committed::read);
	}

	/**
	 * What verification sees.
	 */
	State committed() {
		return this.committed;
	}

	/**
	 * What the transaction of this thread sees.
	 */
	State current() {
		return this.current;
	}

	boolean isInTransaction() {
		return this.lock.isHeldByCurrentThread();
	}

	<T> T read(Supplier<T> action) {
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
			State before = this.current;
			this.current = before.copy();
			boolean succeeded = false;
			try {
				T value = action.get();
				if (this.lock.getHoldCount() == 1) {
					events.addAll(commit());
				}
				succeeded = true;
				return value;
			}
			finally {
				if (!succeeded) {
					this.current = before;
				}
			}
		});
		events.forEach(this::publish);
		return result;
	}

	private List<ApiKeyEvent> commit() {
		this.current.stamp(Instant.now());
		List<Line> lines = this.current.linesSince(this.committed);
		if (!lines.isEmpty()) {
			this.file.append(lines);
		}
		List<ApiKeyEvent> events = this.current.eventsSince(this.committed);
		this.committed = this.current;
		return events;
	}

	private void publish(ApiKeyEvent event) {
		try {
			this.listener.accept(event);
		}
		catch (RuntimeException ex) {
			logger.error("A listener failed to handle {}, which is committed", event, ex);
		}
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

	/**
	 * What is stored at a time. It is not changed once it is committed.
	 */
	record State(Map<UUID, ApiKeyRow> keys, List<ApiKeyEvent> history, Map<String, Instant> owners,
			Map<UsageDay, ApiKeyUsage> usage, Set<UUID> noted) {

		static State empty() {
			return new State(new LinkedHashMap<>(), new ArrayList<>(), new LinkedHashMap<>(), new LinkedHashMap<>(),
					new LinkedHashSet<>());
		}

		State copy() {
			return new State(new LinkedHashMap<>(this.keys), new ArrayList<>(this.history),
					new LinkedHashMap<>(this.owners), new LinkedHashMap<>(this.usage), new LinkedHashSet<>(this.noted));
		}

		Stream<ApiKeyRow> rows() {
			return this.keys.values().stream();
		}

		ApiKeyRow find(UUID id) {
			return this.keys.get(id);
		}

		ApiKeyRow findByKeyId(String keyId) {
			return rows().filter((row) -> row.keyId().equals(keyId)).findFirst().orElse(null);
		}

		/**
		 * Changes a key, unless the change is not possible.
		 */
		boolean change(UUID id, Function<ApiKeyRow, ApiKeyRow> change) {
			ApiKeyRow row = find(id);
			ApiKeyRow changed = (row != null) ? change.apply(row) : null;
			if (changed != null) {
				this.keys.put(id, changed);
			}
			return changed != null;
		}

		/**
		 * A change gets its time as late as possible, so that no poll overlooks it.
		 */
		void stamp(Instant now) {
			this.noted.forEach((id) -> change(id, (row) -> row.with("changedAt", now)));
			this.noted.clear();
		}

		List<ApiKeyEvent> eventsSince(State before) {
			return this.history.subList(before.history.size(), this.history.size());
		}

		List<Line> linesSince(State before) {
			List<Line> lines = new ArrayList<>();
			before.keys.keySet()
				.stream()
				.filter((id) -> !this.keys.containsKey(id))
				.forEach((id) -> lines.add(new Line("gone", Map.of("id", id.toString()))));
			rows().filter((row) -> row != before.find(row.id())).forEach((row) -> lines.add(Line.ofRow(row)));
			eventsSince(before).forEach((event) -> lines.add(Line.ofEvent(event)));
			this.owners.forEach((owner, at) -> {
				if (at != before.owners.get(owner)) {
					lines.add(new Line("owner", Map.of("owner", owner, "at", at.toString())));
				}
			});
			this.usage.forEach((day, usage) -> {
				if (usage != before.usage.get(day)) {
					lines.add(day.toLine(usage));
				}
			});
			return lines;
		}

		void read(Line line) {
			switch (line.kind()) {
				case "key" -> {
					ApiKeyRow row = line.toRow();
					this.keys.put(row.id(), row);
				}
				case "gone" -> this.keys.remove(UUID.fromString(line.values().get("id")));
				case "event" -> this.history.add(line.toEvent());
				case "owner" -> this.owners.put(line.values().get("owner"), Instant.parse(line.values().get("at")));
				case "usage" -> {
					UsageDay day = UsageDay.of(line);
					this.usage.put(day, day.usage(line));
				}
				default -> throw new IllegalStateException("Nothing of this store is called " + line.kind());
			}
		}

	}

	/**
	 * A key and a day.
	 *
	 * @param apiKeyId the id of the key, or "" for tokens of no key
	 */
	record UsageDay(String apiKeyId, LocalDate day) {

		static UsageDay of(Line line) {
			return new UsageDay(line.values().get("apiKeyId"), LocalDate.parse(line.values().get("day")));
		}

		ApiKeyUsage usage(Line line) {
			return new ApiKeyUsage(this.day, Long.parseLong(line.values().get("requests")),
					Long.parseLong(line.values().get("refusals")));
		}

		Line toLine(ApiKeyUsage usage) {
			return new Line("usage", Map.of("apiKeyId", this.apiKeyId, "day", this.day.toString(), "requests",
					String.valueOf(usage.getRequests()), "refusals", String.valueOf(usage.getRefusals())));
		}

	}

}
