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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import io.github.apikeys.benchmarks.Faults.Fault;
import io.github.apikeys.benchmarks.Faults.Kind;
import io.github.apikeys.benchmarks.JudgedKey.Answer;
import io.github.apikeys.benchmarks.ReliabilityRun.Figures;
import org.jspecify.annotations.Nullable;

/**
 * Says of each answer whether it was right, and of the process whether it lost anything.
 */
final class Verdict {

	/**
	 * How long after the end of a fault 503 is still a right answer, in nanoseconds.
	 */
	static final long RECOVERY = TimeUnit.SECONDS.toNanos(10);

	private static final int MORE_THREADS = 5;

	private static final double MORE_MEMORY = 1.2;

	/**
	 * What may be answered with 503 while nothing is broken: on a machine without a free
	 * processor, a question to the database may come too late.
	 */
	private static final double MORE_UNAVAILABLE = 0.01;

	private static final int SHOWN = 20;

	private final List<JudgedKey> keys;

	private final List<Fault> faults;

	private final List<String> wrong = new ArrayList<>();

	private final Map<Integer, Long> statuses = new TreeMap<>();

	private final Map<Kind, Effect> effects = new EnumMap<>(Kind.class);

	private final Map<UUID, Long> accepted = new HashMap<>();

	private final Map<UUID, Long> uncertain = new HashMap<>();

	private final List<String> comparisons = new ArrayList<>();

	private long slowestInCalm;

	private long calm;

	private long unavailableInCalm;

	Verdict(List<JudgedKey> keys, List<Fault> faults) {
		this.keys = keys;
		this.faults = faults;
	}

	boolean isGood() {
		return this.wrong.isEmpty();
	}

	void judge() {
		this.faults.forEach((fault) -> this.effects.computeIfAbsent(fault.kind(), (kind) -> new Effect()).count++);
		for (JudgedKey key : this.keys) {
			for (Answer answer : key.answers()) {
				judge(key, answer);
			}
		}
		if (this.unavailableInCalm > this.calm * MORE_UNAVAILABLE) {
			this.wrong.add("503 while nothing was broken: " + this.unavailableInCalm);
		}
	}

	private void judge(JudgedKey key, Answer answer) {
		this.statuses.merge(answer.status(), 1L, Long::sum);
		Fault fault = faultDuring(answer);
		if (fault != null) {
			this.effects.computeIfAbsent(fault.kind(), (kind) -> new Effect()).add(fault, answer);
		}
		else if (!answer.toQuery()) {
			this.slowestInCalm = Math.max(this.slowestInCalm, answer.end() - answer.start());
		}
		boolean unavailable = fault != null && fault.kind().makesUnavailable();
		boolean right = switch (answer.status()) {
			case 200 -> key.mayBeAccepted(answer);
			case 401 -> key.mayBeRefused(answer);
			// no decision; how often that may be is looked at in the end
			case 503 -> true;
			// the application's own query failed
			case 500 -> unavailable && answer.toQuery();
			default -> false;
		};
		if (!unavailable) {
			this.calm++;
			this.unavailableInCalm += (answer.status() == 503) ? 1 : 0;
		}
		if (!right) {
			this.wrong.add(answer + " to " + key.describe() + ((fault != null) ? " during " + fault : ""));
		}
		if (key.isGenuine() && answer.status() == 200) {
			this.accepted.merge(key.id(), 1L, Long::sum);
		}
		else if (key.isGenuine() && answer.status() == 500) {
			this.uncertain.merge(key.id(), 1L, Long::sum);
		}
	}

	/**
	 * Returns the fault that may explain the answer; one that makes the service
	 * unavailable first.
	 */
	private @Nullable Fault faultDuring(Answer answer) {
		@Nullable Fault found = null;
		for (Fault fault : this.faults) {
			if (answer.end() >= fault.begin() && answer.start() - RECOVERY <= fault.end()
					&& (found == null || fault.kind().makesUnavailable())) {
				found = fault;
			}
		}
		return found;
	}

	void compare(Figures before, Figures after, int pool) {
		this.comparisons.add(String.format(Locale.ROOT, "Live memory %.1f MB before, %.1f MB after",
				before.liveBytes() / 1e6, after.liveBytes() / 1e6));
		if (after.liveBytes() > before.liveBytes() * MORE_MEMORY) {
			this.wrong.add("memory grew");
		}
		List<String> more = new ArrayList<>(after.threads());
		before.threads().forEach(more::remove);
		this.comparisons.add("Threads " + before.threads().size() + " before, " + after.threads().size()
				+ " after; more of " + more);
		if (after.threads().size() > before.threads().size() + MORE_THREADS) {
			this.wrong.add("threads were not given back");
		}
		this.comparisons
			.add("Open files and sockets " + before.openFiles() + " before, " + after.openFiles() + " after");
		this.comparisons
			.add("Connections to the database " + before.connections() + " before, " + after.connections() + " after");
		if (after.connections() != pool) {
			this.wrong.add("the pool has " + after.connections() + " connections");
		}
	}

	/**
	 * Compares what the sample counted with the answers. An answer 500 may have been
	 * counted as use or not.
	 * @param counted the use of each key
	 * @param total the use of all keys
	 */
	void compareUse(Map<UUID, Long> counted, long total) {
		long different = 0;
		long missing = 0;
		long tooMany = 0;
		for (JudgedKey key : this.keys) {
			if (key.isGenuine()) {
				long count = counted.getOrDefault(key.id(), 0L);
				long least = this.accepted.getOrDefault(key.id(), 0L);
				long most = least + this.uncertain.getOrDefault(key.id(), 0L);
				if (key.mayBeDeleted()) {
					least = 0;
				}
				different += (count < least || count > most) ? 1 : 0;
				missing += Math.max(0, least - count);
				tooMany += Math.max(0, count - most);
			}
		}
		long accepted = sum(this.accepted);
		long uncertain = sum(this.uncertain);
		this.comparisons.add("Use in the database " + total + ", accepted answers " + accepted
				+ ", failed ones that may be counted " + uncertain + "; keys whose sums differ " + different
				+ ", uses missing " + missing + ", uses too many " + tooMany);
		if (different > 0 || total < accepted || total > accepted + uncertain) {
			this.wrong.add("use is not what was accepted");
		}
	}

	private static long sum(Map<UUID, Long> answers) {
		return answers.values().stream().mapToLong(Long::longValue).sum();
	}

	void print(Map<String, Integer> changes, SmallDisk disk) {
		System.out.println();
		System.out
			.println("Answers " + this.statuses + ", 0 is none; changes " + changes + ", keys " + this.keys.size());
		print("Accepted after the end of a key", KeyChanges.STALENESS);
		print("Accepted after the deletion of a row", KeyChanges.LIFE);
		System.out.printf("While nothing was broken: %d answers, 503 %d, slowest %d ms%n", this.calm,
				this.unavailableInCalm, this.slowestInCalm / 1_000_000);
		this.comparisons.forEach(System.out::println);
		System.out.printf("Log %d kB, tokens in it %d%n%n", disk.bytesRead() / 1000, disk.tokensFound());
		if (disk.tokensFound() > 0) {
			this.wrong.add("there are tokens in the log");
		}
		System.out.println(
				"| fault | times | 200 | 401 | 503 | 500 of the application | last 503 after its end | slowest answer |\n|---|---|---|---|---|---|---|---|");
		this.effects.forEach((kind, effect) -> System.out.println(effect.toRow(kind)));
		System.out.println();
		System.out.println(isGood() ? "Nothing was wrong" : "WRONG: " + this.wrong.size());
		this.wrong.stream().limit(SHOWN).forEach(System.out::println);
	}

	private void print(String what, long promised) {
		long[] staleness = this.keys.stream()
			.mapToLong((key) -> key.staleness(promised))
			.filter((value) -> value >= 0)
			.sorted()
			.toArray();
		if (staleness.length > 0) {
			System.out.printf("%s: %d of them, median %d ms, 99 %% %d ms, last %d ms%n", what, staleness.length,
					staleness[staleness.length / 2] / 1_000_000, staleness[staleness.length * 99 / 100] / 1_000_000,
					Arrays.stream(staleness).max().orElse(0) / 1_000_000);
		}
	}

	/**
	 * What was seen of the faults of one kind, and until the service had to be back.
	 */
	private static final class Effect {

		private int count;

		private final Map<Integer, Long> statuses = new HashMap<>();

		private long recovery;

		private long slowest;

		void add(Fault fault, Answer answer) {
			this.statuses.merge(answer.status(), 1L, Long::sum);
			if (answer.status() == 503) {
				this.recovery = Math.max(this.recovery, answer.end() - fault.end());
			}
			if (!answer.toQuery()) {
				this.slowest = Math.max(this.slowest, answer.end() - answer.start());
			}
		}

		String toRow(Kind kind) {
			return String.format(Locale.ROOT, "| %s | %d | %d | %d | %d | %d | %s | %.1f s |", kind.description(),
					this.count, statuses(200), statuses(401), statuses(503), statuses(500),
					(this.recovery > 0) ? String.format(Locale.ROOT, "%.1f s", this.recovery / 1e9) : "",
					this.slowest / 1e9);
		}

		private long statuses(int status) {
			return this.statuses.getOrDefault(status, 0L);
		}

	}

}
