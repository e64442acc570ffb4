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
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyStoreException;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * What this node's verifications tell those who watch it: how they ended since the start,
 * and how the memory of keys and the record of their use are at this moment.
 *
 * @since 0.1.0
 */
public final class VerificationStatistics {

	private final Outcomes remembered = new Outcomes();

	private final Outcomes lookedUp = new Outcomes();

	private final LongAdder unanswered = new LongAdder();

	private final UsageRecorder usageRecorder;

	private volatile @Nullable VerificationCache cache;

	VerificationStatistics(UsageRecorder usageRecorder) {
		this.usageRecorder = usageRecorder;
	}

	void watch(VerificationCache cache) {
		this.cache = cache;
	}

	void accepted(boolean fromMemory) {
		outcomes(fromMemory).accepted.increment();
	}

	void refused(ApiKeyRefusal reason, boolean fromMemory) {
		outcomes(fromMemory).refused[reason.ordinal()].increment();
	}

	void unanswered() {
		this.unanswered.increment();
	}

	/**
	 * Returns how many tokens were accepted.
	 * @param fromMemory whether those are counted whose key was remembered, or those that
	 * cost a query
	 * @return the number since the start
	 */
	public long getAccepted(boolean fromMemory) {
		return outcomes(fromMemory).accepted.sum();
	}

	/**
	 * Returns how many tokens were refused for a reason. Rate limits and quotas come
	 * after a verification, so their numbers are zero.
	 * @param reason the reason
	 * @param fromMemory whether those are counted whose key was remembered, or the others
	 * @return the number since the start
	 */
	public long getRefused(ApiKeyRefusal reason, boolean fromMemory) {
		Assert.notNull(reason, "reason cannot be null");
		return outcomes(fromMemory).refused[reason.ordinal()].sum();
	}

	/**
	 * Returns how many verifications ended with an {@link ApiKeyStoreException}, because
	 * the database did not answer, or too many slow hashes were to be compared at once.
	 * @return the number since the start
	 */
	public long getUnanswered() {
		return this.unanswered.sum();
	}

	/**
	 * Returns how many keys are remembered.
	 * @return the approximate number, zero if keys are not remembered at all
	 */
	public long getRememberedKeys() {
		VerificationCache cache = this.cache;
		return (cache != null) ? cache.size() : 0;
	}

	/**
	 * Returns how long ago the database confirmed what is remembered. As long as it
	 * answers, that is about half of {@code maxStaleness} at most.
	 * @return the time, zero if nothing was remembered yet
	 */
	public Duration getStaleness() {
		VerificationCache cache = this.cache;
		return (cache != null) ? cache.staleness() : Duration.ZERO;
	}

	/**
	 * Returns whether that is longer ago than {@code maxStaleness}. No key that is
	 * remembered is trusted then, and each is looked up until the database answers again.
	 * @return whether it is, {@code false} if keys are not remembered at all
	 */
	public boolean isStale() {
		VerificationCache cache = this.cache;
		return cache != null && cache.isStale();
	}

	/**
	 * Returns how long ago the use of keys was written last, or there was nothing to
	 * write.
	 * @return the time, zero if no key was presented yet; as long as the database
	 * answers, about half of the interval in which use is written at most
	 */
	public Duration getUsageLag() {
		return this.usageRecorder.lag();
	}

	/**
	 * Returns how many uses were not counted, because the use of 100,000 keys was still
	 * to be written: more keys than that are in use, or the database was away for so
	 * long; or since the connection broke when it was written, so that it could be
	 * counted twice. Where each tenant has keys of its own, no use is counted at all.
	 * @return the number since the start
	 */
	public long getDroppedUses() {
		return this.usageRecorder.dropped();
	}

	private Outcomes outcomes(boolean fromMemory) {
		return fromMemory ? this.remembered : this.lookedUp;
	}

	/**
	 * Counts how verifications end, so that nobody waits for anybody.
	 */
	private static final class Outcomes {

		final LongAdder accepted = new LongAdder();

		final LongAdder[] refused = Stream.of(ApiKeyRefusal.values())
			.map((reason) -> new LongAdder())
			.toArray(LongAdder[]::new);

	}

}
