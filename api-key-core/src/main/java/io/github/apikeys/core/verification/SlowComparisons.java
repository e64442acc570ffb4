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

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.apikeys.core.RemoteAddress;
import io.github.apikeys.core.TokenHash;
import org.jspecify.annotations.Nullable;

/**
 * Compares tokens with slow hashes, so that guesses take neither the cores nor the
 * threads from others: half of the cores at most, one token at a time for a key and from
 * an address, and only a few requests wait. They wait for a key in the order in which
 * they came, one for each address, so that guesses from a few addresses delay the client
 * of a key and do not keep it out. A token that was right is known again without a
 * comparison, by a MAC under a key that nobody has outside of this object.
 */
final class SlowComparisons {

	private static final int MAX_WAITING = 16;

	private static final int MAX_PROVEN = 10_000;

	private static final String ALGORITHM = "HmacSHA256";

	private final SecretKeySpec macKey;

	private final Cache<String, Boolean> proven = Caffeine.newBuilder()
		.maximumSize(MAX_PROVEN)
		.expireAfterAccess(Duration.ofHours(1))
		.build();

	private final ConcurrentMap<String, CompletableFuture<Boolean>> running = new ConcurrentHashMap<>();

	private final Set<String> sources = ConcurrentHashMap.newKeySet();

	private final ConcurrentMap<String, Place> places = new ConcurrentHashMap<>();

	private final Semaphore permits;

	private final Semaphore waiting = new Semaphore(MAX_WAITING);

	// apart from those that wait for a core
	private final Semaphore waitingForKeys = new Semaphore(MAX_WAITING);

	private final Duration maxWait;

	/**
	 * Creates the comparisons.
	 * @param permits how many may run at the same time
	 * @param maxWait how long one waits for others
	 */
	SlowComparisons(int permits, Duration maxWait) {
		this.permits = new Semaphore(permits, true);
		this.maxWait = maxWait;
		byte[] key = new byte[32];
		new SecureRandom().nextBytes(key);
		this.macKey = new SecretKeySpec(key, ALGORITHM);
	}

	/**
	 * Compares a token with the hash of a key.
	 * @param keyId the key
	 * @param hash the stored hash
	 * @param text what of the token is compared
	 * @param source where it comes from, as {@link RemoteAddress#source} names it, or
	 * {@code null} if that is not known
	 * @param comparison the comparison of the text with the hash
	 * @return whether they match
	 * @throws TooManySlowComparisonsException if it is not compared now
	 */
	boolean matches(String keyId, TokenHash hash, String text, @Nullable String source, Predicate<String> comparison) {
		String proof = proof(keyId, hash, text);
		if (this.proven.getIfPresent(proof) != null) {
			return true;
		}
		CompletableFuture<Boolean> result = new CompletableFuture<>();
		CompletableFuture<Boolean> same = this.running.putIfAbsent(proof, result);
		if (same != null) {
			return await(same);
		}
		try {
			boolean matches = compareAlone(keyId, text, source, comparison);
			if (matches) {
				this.proven.put(proof, Boolean.TRUE);
			}
			result.complete(matches);
			return matches;
		}
		catch (RuntimeException | Error ex) {
			result.completeExceptionally(ex);
			throw ex;
		}
		finally {
			this.running.remove(proof, result);
		}
	}

	/**
	 * Makes a slow hash if that takes no core from comparisons, without waiting.
	 * @param hash makes it
	 * @return the hash, or {@code null} if it is not made now
	 */
	@Nullable String tryHash(Supplier<String> hash) {
		if (!this.permits.tryAcquire()) {
			return null;
		}
		try {
			return hash.get();
		}
		finally {
			this.permits.release();
		}
	}

	private String proof(String keyId, TokenHash hash, String text) {
		try {
			Mac mac = Mac.getInstance(ALGORITHM);
			mac.init(this.macKey);
			for (String part : new String[] { keyId, hash.value(), text }) {
				byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
				mac.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
				mac.update(bytes);
			}
			return Base64.getEncoder().encodeToString(mac.doFinal());
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java platform has " + ALGORITHM, ex);
		}
	}

	private boolean compareAlone(String keyId, String text, @Nullable String source, Predicate<String> comparison) {
		if (source == null) {
			return compareInTurn(keyId, text, comparison);
		}
		if (!this.sources.add(source)) {
			throw new TooManySlowComparisonsException();
		}
		try {
			return compareInTurn(keyId, text, comparison);
		}
		finally {
			this.sources.remove(source);
		}
	}

	private boolean compareInTurn(String keyId, String text, Predicate<String> comparison) {
		Place place = this.places.compute(keyId, (id, known) -> ((known != null) ? known : new Place()).enter());
		try {
			waitFor(this.waitingForKeys, place::tryTake);
			try {
				return compare(text, comparison);
			}
			finally {
				place.giveBack();
			}
		}
		finally {
			this.places.computeIfPresent(keyId, (id, known) -> known.leave() ? null : known);
		}
	}

	/**
	 * Compares a token with the hash of a key as soon as a core is free. That is all that
	 * an operator waits for, and not those that present tokens of the key.
	 * @return whether they match
	 * @throws TooManySlowComparisonsException if it is not compared now
	 */
	boolean compare(String text, Predicate<String> comparison) {
		waitFor(this.waiting, (nanos) -> this.permits.tryAcquire(nanos, TimeUnit.NANOSECONDS) ? Boolean.TRUE : null);
		try {
			return comparison.test(text);
		}
		finally {
			this.permits.release();
		}
	}

	private boolean await(CompletableFuture<Boolean> same) {
		try {
			return waitFor(this.waiting, (nanos) -> {
				try {
					return same.get(nanos, TimeUnit.NANOSECONDS);
				}
				catch (TimeoutException ex) {
					return null;
				}
			});
		}
		catch (IllegalStateException ex) {
			throw new TooManySlowComparisonsException();
		}
	}

	/**
	 * Waits only if it must, and as one of a few.
	 */
	private Boolean waitFor(Semaphore waiting, Wait wait) {
		try {
			Boolean result = wait.upTo(0);
			if (result == null && waiting.tryAcquire()) {
				try {
					result = wait.upTo(this.maxWait.toNanos());
				}
				finally {
					waiting.release();
				}
			}
			if (result == null) {
				throw new TooManySlowComparisonsException();
			}
			return result;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new TooManySlowComparisonsException();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * A wait for some nanoseconds, which returns {@code null} if they did not suffice.
	 */
	@FunctionalInterface
	private interface Wait {

		@Nullable Boolean upTo(long nanos) throws InterruptedException, ExecutionException;

	}

	/**
	 * The one place of a key, for those that present its tokens.
	 */
	private static final class Place {

		private final Semaphore free = new Semaphore(1, true);

		private int visitors;

		Place enter() {
			this.visitors++;
			return this;
		}

		/**
		 * Returns whether nobody is left.
		 */
		boolean leave() {
			this.visitors--;
			return this.visitors == 0;
		}

		@Nullable Boolean tryTake(long nanos) throws InterruptedException {
			return this.free.tryAcquire(nanos, TimeUnit.NANOSECONDS) ? Boolean.TRUE : null;
		}

		void giveBack() {
			this.free.release();
		}

	}

	/**
	 * Says that a token is not compared now.
	 */
	static final class TooManySlowComparisonsException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		TooManySlowComparisonsException() {
			super("Too many API keys with slow hashes are presented at the same time", null, false, false);
		}

	}

}
