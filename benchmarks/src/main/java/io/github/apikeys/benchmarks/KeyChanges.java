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
package io.github.apikeys.benchmarks;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

import io.github.apikeys.benchmarks.JudgedKey.Change;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Creates keys and changes them at random, as another node would. If a change fails, the
 * stored key tells later whether it was made.
 */
final class KeyChanges implements Runnable {

	private static final int PAUSE_MILLIS = 200;

	/**
	 * What is promised: after a change that another node makes; after one that the sample
	 * makes; and after the deletion of a row, which tells nobody.
	 */
	static final long STALENESS = TimeUnit.SECONDS.toNanos(2);

	static final long NONE = 0;

	static final long LIFE = TimeUnit.SECONDS.toNanos(60);

	private static final long RECENT = TimeUnit.SECONDS.toNanos(8);

	private static final long BETWEEN_LEAVERS = TimeUnit.SECONDS.toNanos(45);

	private static final int KEYS_OF_LEAVER = 3000;

	private static final int JUDGED_OF_LEAVER = 10;

	private static final long BETWEEN_FORGERIES = TimeUnit.SECONDS.toNanos(1);

	/**
	 * As the guide says.
	 */
	private static final String REVOKE_BY_SQL = """
			update api_key set revoked_at = clock_timestamp(), changed_at = clock_timestamp(), version = version + 1
			where id = ? and revoked_at is null
			""";

	private final ApiKeyService apiKeys;

	private final JdbcTemplate jdbc;

	private final SampleAdmin sample;

	private final int keys;

	private final Random random;

	private final List<JudgedKey> all = new CopyOnWriteArrayList<>();

	private final List<JudgedKey> usable = new CopyOnWriteArrayList<>();

	private final List<JudgedKey> recent = new CopyOnWriteArrayList<>();

	private final Deque<Due> due = new ArrayDeque<>();

	private final Map<Change, JudgedKey> unclear = new LinkedHashMap<>();

	private final Map<JudgedKey, JudgedKey> predecessors = new HashMap<>();

	private final Map<String, Integer> made = new TreeMap<>();

	private final AtomicBoolean stopped = new AtomicBoolean();

	private long lastForgery;

	private long lastLeaver;

	private int leavers;

	KeyChanges(ApiKeyService apiKeys, JdbcTemplate jdbc, SampleAdmin sample, int keys, Random random) {
		this.apiKeys = apiKeys;
		this.jdbc = jdbc;
		this.sample = sample;
		this.keys = keys;
		this.random = random;
		create(keys);
	}

	private void create(int keys) {
		for (int i = 0; i < keys; i++) {
			long begun = System.nanoTime();
			add(this.apiKeys.create(NewApiKey.named("load").scopes("orders:read")), begun);
		}
	}

	private JudgedKey add(CreatedApiKey created, long begun) {
		JudgedKey key = JudgedKey.genuine(created.apiKey().getId(), created.token(), begun);
		this.all.add(key);
		this.usable.add(key);
		return key;
	}

	List<JudgedKey> all() {
		return this.all;
	}

	/**
	 * Returns how often each change was made.
	 */
	Map<String, Integer> made() {
		return this.made;
	}

	/**
	 * Chooses the key for a request: one that is usable, one that was changed not long
	 * ago, or seldom any.
	 */
	JudgedKey pick(Random random) {
		int chance = random.nextInt(100);
		List<JudgedKey> keys = (chance < 40) ? this.recent : (chance < 45) ? this.all : this.usable;
		try {
			return keys.get(random.nextInt(keys.size()));
		}
		catch (IllegalArgumentException | IndexOutOfBoundsException ex) {
			// it is empty, or just got smaller
			return this.all.get(random.nextInt(this.all.size()));
		}
	}

	void stop() {
		this.stopped.set(true);
	}

	@Override
	public void run() {
		try {
			while (!this.stopped.get() || !this.unclear.isEmpty()) {
				Thread.sleep(this.random.nextInt(2 * PAUSE_MILLIS));
				lookAtUnclear();
				doWhatIsDue();
				if (!this.stopped.get()) {
					fill();
					changeAny();
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void changeAny() {
		JudgedKey key = this.usable.get(this.random.nextInt(this.usable.size()));
		int chance = this.random.nextInt(100);
		if (System.nanoTime() - this.lastForgery > BETWEEN_FORGERIES) {
			this.lastForgery = System.nanoTime();
			addRecent(JudgedKey.forged(forgery(key.token())), RECENT);
		}
		if (System.nanoTime() - this.lastLeaver > BETWEEN_LEAVERS) {
			this.lastLeaver = System.nanoTime();
			addLeaver();
		}
		if (chance < 30) {
			change(key, "revoked", false, Duration.ZERO, STALENESS, KeyChanges::isRevoked, () -> {
				this.apiKeys.revoke(key.id());
				return null;
			});
		}
		else if (chance < 35) {
			change(key, "revoked by SQL", false, Duration.ZERO, STALENESS, KeyChanges::isRevoked, () -> {
				this.jdbc.update(REVOKE_BY_SQL, key.id());
				return null;
			});
		}
		else if (chance < 42) {
			change(key, "revoked by the sample", false, Duration.ZERO, NONE, KeyChanges::isRevoked, () -> {
				this.sample.revoke(key.id());
				return null;
			});
		}
		else if (chance < 45) {
			change(key, "deleted by SQL", false, Duration.ZERO, LIFE, Objects::isNull, () -> {
				this.jdbc.update("delete from api_key where id = ?", key.id());
				return null;
			});
		}
		else if (chance < 65) {
			rotate(key);
		}
		else if (change(key, "disabled", false, Duration.ZERO, STALENESS,
				(stored) -> stored != null && stored.getDisabledAt() != null, () -> {
					this.apiKeys.disable(key.id());
					return null;
				})) {
			long wait = TimeUnit.MILLISECONDS.toNanos(this.random.nextInt(6000));
			this.due.add(new Due(System.nanoTime() + wait, () -> enable(key)));
		}
	}

	/**
	 * A key and its successor may be used at the same time; who rotates the successor
	 * ends the key.
	 */
	private void rotate(JudgedKey key) {
		Duration grace = Duration.ofMillis(this.random.nextInt(5000));
		JudgedKey predecessor = this.predecessors.get(key);
		Change end = (predecessor != null) ? predecessor.begin(false, 0, STALENESS, KeyChanges::isOver) : null;
		boolean rotated = change(key, "rotated", false, grace, STALENESS,
				(stored) -> stored != null && stored.getSuccessorId() != null, () -> {
					CreatedApiKey successor = this.apiKeys.rotate(key.id(), grace);
					if (end != null) {
						end.done();
					}
					return successor;
				});
		if (!rotated && predecessor != null) {
			this.unclear.put(end, predecessor);
		}
	}

	private static boolean isOver(@Nullable ApiKey stored) {
		return stored == null || stored.getState(Instant.now()) != ApiKeyState.ACTIVE;
	}

	/**
	 * Makes a change.
	 * @return whether it is known to be made
	 */
	private boolean change(JudgedKey key, String name, boolean usable, Duration delay, long staleness,
			Predicate<@Nullable ApiKey> isDone, Action action) {
		this.usable.remove(key);
		addRecent(key, RECENT + staleness);
		Change change = key.begin(usable, delay.toNanos(), staleness, isDone);
		try {
			CreatedApiKey successor = action.run();
			change.done();
			if (successor != null) {
				this.predecessors.put(add(successor, System.nanoTime()), key);
			}
			this.made.merge(name, 1, Integer::sum);
		}
		catch (RuntimeException ex) {
			this.unclear.put(change, key);
			this.made.merge("unclear at first", 1, Integer::sum);
			return false;
		}
		return true;
	}

	private void enable(JudgedKey key) {
		if (change(key, "enabled", true, Duration.ZERO, STALENESS,
				(stored) -> stored != null && stored.getDisabledAt() == null, () -> {
					this.apiKeys.enable(key.id());
					return null;
				})) {
			this.usable.add(key);
		}
	}

	/**
	 * There are always as many usable keys.
	 */
	private void fill() {
		try {
			create(this.keys - this.usable.size());
		}
		catch (RuntimeException ex) {
			// there will be another attempt
		}
	}

	private void addRecent(JudgedKey key, long time) {
		if (!this.all.contains(key)) {
			this.all.add(key);
		}
		this.recent.add(key);
		this.due.add(new Due(System.nanoTime() + time, () -> this.recent.remove(key)));
	}

	/**
	 * An owner with many keys, some of which are used, who leaves soon.
	 */
	private void addLeaver() {
		String owner = "leaver-" + ++this.leavers;
		List<JudgedKey> used = new ArrayList<>();
		try {
			for (int i = 0; i < JUDGED_OF_LEAVER; i++) {
				long begun = System.nanoTime();
				CreatedApiKey created = this.apiKeys.create(NewApiKey.named("load").owner(owner).scopes("orders:read"));
				JudgedKey key = JudgedKey.genuine(created.apiKey().getId(), created.token(), begun);
				used.add(key);
				addRecent(key, 2 * RECENT);
			}
			int last = this.leavers * KEYS_OF_LEAVER;
			SampleKeys.insert(this.jdbc, last - KEYS_OF_LEAVER + 1, last, last);
			this.jdbc.update("""
					update api_key set owner = ?, search_owner = ?, revoked_at = null
					where last_characters = 'abcd' and (owner is null or owner not like 'leaver-%')
					""", owner, owner);
		}
		catch (RuntimeException ex) {
			// those that are there leave all the same
		}
		this.due.add(new Due(System.nanoTime() + RECENT, () -> leave(owner, used)));
	}

	private void leave(String owner, List<JudgedKey> used) {
		Map<Change, JudgedKey> changes = new LinkedHashMap<>();
		used.forEach((key) -> changes.put(key.begin(false, 0, STALENESS, KeyChanges::isRevoked), key));
		try {
			int revoked = this.apiKeys.revokeAll(owner, "left");
			changes.keySet().forEach(Change::done);
			this.made.merge("owners of many whose keys were all revoked", 1, Integer::sum);
			this.made.merge("keys revoked with their owner's", revoked, Integer::sum);
		}
		catch (RuntimeException ex) {
			this.unclear.putAll(changes);
			this.made.merge("unclear at first", changes.size(), Integer::sum);
		}
	}

	private static boolean isRevoked(@Nullable ApiKey stored) {
		return stored != null && stored.getRevokedAt() != null;
	}

	private void doWhatIsDue() {
		for (int i = this.due.size(); i > 0; i--) {
			Due next = this.due.remove();
			if (next.time() < System.nanoTime()) {
				next.action().run();
			}
			else {
				this.due.add(next);
			}
		}
	}

	private void lookAtUnclear() {
		for (Iterator<Map.Entry<Change, JudgedKey>> entries = this.unclear.entrySet().iterator(); entries.hasNext();) {
			Map.Entry<Change, JudgedKey> entry = entries.next();
			try {
				ApiKey stored = this.apiKeys.find(entry.getValue().id()).orElse(null);
				if (entry.getKey().isDone(stored)) {
					entry.getKey().done();
				}
				else if (stored == null) {
					this.made.merge("of keys that the database lost", 1, Integer::sum);
				}
				else {
					entry.getValue().forget(entry.getKey());
				}
				entries.remove();
			}
			catch (RuntimeException ex) {
				return;
			}
		}
	}

	/**
	 * The token of a key, with another secret and the right checksum.
	 */
	private static String forgery(String token) {
		String[] parts = token.split("_");
		return new ApiKeyTokenFormat(parts[0], List.of()).generate(new ApiKeyGenerator() {

			@Override
			public String generateKeyId() {
				return parts[1];
			}

			@Override
			public String generateSecret() {
				return new SecureRandomApiKeyGenerator().generateSecret();
			}

		}).value();
	}

	/**
	 * What makes a change.
	 */
	private interface Action {

		/**
		 * Makes it.
		 * @return the successor, if there is one
		 */
		@Nullable CreatedApiKey run();

	}

	/**
	 * What is to be done later.
	 */
	private record Due(long time, Runnable action) {

	}

}
