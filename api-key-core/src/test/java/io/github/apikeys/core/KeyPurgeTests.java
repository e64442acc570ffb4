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

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What keys that cannot be deleted cost, such as those that a table of the application
 * refers to.
 */
@ExtendWith(OutputCaptureExtension.class)
class KeyPurgeTests {

	private static final String FAILURE = "The API key with id";

	private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");

	private final Keys keys = new Keys();

	private final ApiKeyRepository repository = (ApiKeyRepository) Proxy.newProxyInstance(getClass().getClassLoader(),
			new Class<?>[] { ApiKeyRepository.class }, (proxy, method, arguments) -> {
				try {
					return Keys.class.getMethod(method.getName(), method.getParameterTypes())
						.invoke(this.keys, arguments);
				}
				catch (InvocationTargetException ex) {
					throw ex.getCause();
				}
			});

	private final KeyPurge purge = new KeyPurge(this.repository, new ChangeLog(this.repository, () -> NOW));

	@Test
	void purgeWhenNoneOfManyKeysCanBeDeletedThenTheyAreSoonNotTriedOneByOne(CapturedOutput output) {
		this.keys.add(10_000);
		this.keys.undeletable = (id) -> true;
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(this::purge).withMessage("referred to");
		assertThat(this.keys.transactions).as("instead of 40,000").isLessThan(12_000);
		assertThat(StringUtils.countOccurrencesOf(output.toString(), FAILURE)).isEqualTo(10);
		assertThat(output).containsOnlyOnce("9990 other API keys were not purged");
	}

	@Test
	void purgeWhenSomeKeysCannotBeDeletedThenAllOthersAre(CapturedOutput output) {
		this.keys.add(1000);
		this.keys.undeletable = (id) -> id.getLeastSignificantBits() % 250 == 0;
		assertThat(purge()).isEqualTo(996);
		assertThat(this.keys.ids).hasSize(4);
		assertThat(StringUtils.countOccurrencesOf(output.toString(), FAILURE)).isEqualTo(4);
		assertThat(output).doesNotContain("other API keys were not purged");
	}

	@Test
	void purgeWhenKeysComeAfterManyThatCannotBeDeletedThenTheyAreDeleted() {
		this.keys.add(2000);
		this.keys.undeletable = (id) -> id.getLeastSignificantBits() < 1000 || id.getLeastSignificantBits() == 1250;
		assertThat(purge()).isEqualTo(999);
	}

	/**
	 * Which batches are looked through is chosen at random.
	 */
	@Test
	void purgeWhenKeysAreAmongManyThatCannotBeDeletedThenSomePurgeDeletesThem() {
		this.keys.add(2000);
		this.keys.undeletable = (id) -> id.getLeastSignificantBits() < 1000 || id.getLeastSignificantBits() % 100 != 50;
		for (int i = 0; i < 1000 && this.keys.ids.size() > 1990; i++) {
			try {
				purge();
			}
			catch (IllegalStateException ex) {
				assertThat(ex).as("none this time").hasMessage("referred to");
			}
		}
		assertThat(this.keys.ids).hasSize(1990);
	}

	@Test
	void purgeWhenAKeyIsFoundTwiceThenItIsCountedOnce(CapturedOutput output) {
		this.keys.add(20);
		this.keys.deleted.addAll(this.keys.ids);
		this.keys.undeletable = (id) -> true;
		assertThat(purge()).isZero();
		assertThat(StringUtils.countOccurrencesOf(output.toString(), FAILURE)).isEqualTo(10);
		assertThat(output).containsOnlyOnce("10 other API keys were not purged");
	}

	@Test
	void purgeWhenNoneOfManyOldKeysCanBeDeletedThenThoseThatUsersDeletedAreAllTheSame() {
		this.keys.add(1000);
		this.keys.undeletable = (id) -> id.getMostSignificantBits() == 0 || id.getLeastSignificantBits() == 5;
		LongStream.range(0, 20).forEach((i) -> this.keys.deleted.add(new UUID(1, i)));
		assertThat(purge()).isEqualTo(19);
	}

	@Test
	void purgeWhenThereAreNoKeysThenNothingIsToBeDeleted() {
		purge();
		assertThat(this.keys.transactions).isEqualTo(2);
	}

	private int purge() {
		return this.purge.purge(null, Duration.ZERO, NOW);
	}

	/**
	 * What a purge asks of a store.
	 */
	static final class Keys {

		private final TreeSet<UUID> ids = new TreeSet<>();

		private final TreeSet<UUID> deleted = new TreeSet<>();

		private Predicate<UUID> undeletable = (id) -> false;

		private int transactions;

		void add(int number) {
			LongStream.range(0, number).forEach((i) -> this.ids.add(new UUID(0, i)));
		}

		public Object inTransaction(Supplier<?> action) {
			this.transactions++;
			return action.get();
		}

		public Object inChange(Supplier<?> action) {
			return inTransaction(action);
		}

		public boolean isInCallersTransaction() {
			return false;
		}

		public boolean hasHistory(UUID id) {
			return true;
		}

		public List<UUID> findEnded(Ended ended, UUID after, int max) {
			TreeSet<UUID> found = ended.deleted() ? this.deleted : this.ids;
			Collection<UUID> rest = (after != null) ? found.tailSet(after, false) : found;
			return rest.stream().limit(max).toList();
		}

		public List<LockedKey> lockEnded(Ended ended, List<UUID> ids) {
			return ids.stream().map((id) -> new LockedKey(id, id.toString())).toList();
		}

		public void record(List<ApiKeyEvent> events) {
		}

		public void delete(List<UUID> ids) {
			if (ids.stream().anyMatch(this.undeletable)) {
				throw new IllegalStateException("referred to");
			}
			ids.forEach(this.ids::remove);
			ids.forEach(this.deleted::remove);
		}

	}

}
