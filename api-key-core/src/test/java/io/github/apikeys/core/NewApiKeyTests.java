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
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class NewApiKeyTests {

	@Test
	void copyThenAllOfItAndChangedOnItsOwn() {
		NewApiKey original = NewApiKey.named("key")
			.description("text")
			.owner("org-1")
			.scopes("a:b")
			.metadata("m", "1")
			.notBefore(Instant.EPOCH)
			.allowedAddresses("203.0.113.7")
			.rateLimits("1/1m")
			.quota(7);
		for (NewApiKey each : List.of(original.copy(), original.copy().expiresIn(Duration.ofDays(1)),
				original.copy().expiresAt(Instant.EPOCH), original.copy().neverExpires())) {
			assertThat(each.copy()).isNotSameAs(each).usingRecursiveComparison().isEqualTo(each);
		}
		assertThat(original.copy()).usingRecursiveComparison().isEqualTo(original);
		original.copy().owner("org-2").scopes("c:d").metadata("n", "2");
		assertThat(original.getOwner()).isEqualTo("org-1");
		assertThat(original.getScopes()).containsExactly("a:b");
		assertThat(original.metadata()).containsOnlyKeys("m");
	}

	@Test
	void scopesWhenMoreThanAHundredThenRefusedWithTheMaximum() {
		Collection<String> scopes = IntStream.range(0, 100).mapToObj((i) -> "s:" + i).toList();
		NewApiKey full = NewApiKey.named("key").scopes(scopes).scopes("s:99", "s:0");
		assertThat(full.getScopes()).hasSize(100);
		for (Executable more : List.<Executable>of(() -> full.scopes("one-more"),
				() -> new ApiKeyUpdate().scopes(Stream.concat(scopes.stream(), Stream.of("one-more")).toList()),
				() -> NewApiKey.named("key").scopes(scopes.toArray(String[]::new)).scopes("a", "b"))) {
			assertThatExceptionOfType(InvalidApiKeyAttributeException.class).isThrownBy(more::run)
				.withMessage("An API key must have at most 100 scopes")
				.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo("scopes"));
		}
		assertThat(full.getScopes()).hasSize(100);
		for (Collection<String> all : List.of(scopes, Stream.concat(scopes.stream(), Stream.of("s:0")).toList())) {
			assertThat(new ApiKeyUpdate().scopes(all).getScopes())
				.hasValueSatisfying((set) -> assertThat(set).hasSize(100));
		}
	}

	@Test
	void metadataWhenMoreThanFiftyThenRefusedWithTheMaximum() {
		Map<String, String> metadata = new HashMap<>();
		NewApiKey full = NewApiKey.named("key");
		for (int i = 0; i < 50; i++) {
			metadata.put("name-" + i, "value");
			full.metadata("name-" + i, "value");
		}
		full.metadata("name-0", "another value");
		new ApiKeyUpdate().metadata(metadata);
		Map<String, String> more = new HashMap<>(metadata);
		more.put("one-more", "value");
		for (Executable one : List.<Executable>of(() -> full.metadata("one-more", "value"),
				() -> new ApiKeyUpdate().metadata(more))) {
			assertThatExceptionOfType(InvalidApiKeyAttributeException.class).isThrownBy(one::run)
				.withMessage("An API key must have at most 50 entries of metadata")
				.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo("metadata"));
		}
		assertThat(full.metadata()).hasSize(50);
	}

	private interface Executable {

		void run();

	}

	private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\t", "a\nb", "a\u0000b", "a\u001bb", "a\u0085b", "a\ud800", "a\u202egpj.exe",
			"a\u202a", "a\u2066", "a\u2069" })
	void namedWhenBlankOrControlCharactersThenRefused(String name) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class).isThrownBy(() -> NewApiKey.named(name))
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo("name"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "\u0645\u0641\u062a\u0627\u062d", "a\u200fb", "a\u200eb", "\u0645\u06cc\u200c\u0634",
			"\ud83d\udc69\u200d\ud83d\ude92" })
	void namedWhenALanguageNeedsItThenTaken(String name) {
		assertThat(NewApiKey.named(name).name()).isEqualTo(name);
		assertThat(NewApiKey.named("key").owner(name).getOwner()).isEqualTo(name);
	}

	@Test
	void namedWhenACharacterTurnsTheDirectionThenNamed() {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> NewApiKey.named("invoice\u202egpj.exe"))
			.withMessage("The name must not contain the control character U+202E");
	}

	@Test
	void namedWhenTooLongThenRefused() {
		assertThat(NewApiKey.named("n".repeat(100)).name()).hasSize(100);
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> NewApiKey.named("n".repeat(101)))
			.withMessage("The name must have at most 100 characters");
	}

	@Test
	void namedWhenSpacesAroundThenDropped() {
		assertThat(NewApiKey.named("  billing service ").name()).isEqualTo("billing service");
	}

	@ParameterizedTest
	@MethodSource
	void attributeWhenOutOfFormThenRefused(String attribute, Consumer<NewApiKey> change) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> change.accept(NewApiKey.named("name")))
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo(attribute));
	}

	static Stream<Arguments> attributeWhenOutOfFormThenRefused() {
		return Stream.of(refused("owner", (key) -> key.owner(" ")), refused("owner", (key) -> key.owner("a\nb")),
				refused("owner", (key) -> key.owner("a\u202eb")), refused("owner", (key) -> key.owner("a\u2068b")),
				refused("owner", (key) -> key.owner("o".repeat(256))),
				refused("description", (key) -> key.description("d".repeat(1001))),
				refused("description", (key) -> key.description("a\u0000b")),
				refused("owner", (key) -> key.owner("acme\ud800")),
				refused("owner", (key) -> key.userOwner("user:acme\ud800")),
				refused("description", (key) -> key.description("a\ud800")),
				refused("metadata", (key) -> key.metadata("\ud800", "value")),
				refused("metadata", (key) -> key.metadata("name", "\ud800")),
				refused("scopes", (key) -> key.scopes("orders:\ud800")),
				refused("metadata", (key) -> key.metadata("", "value")),
				refused("metadata", (key) -> key.metadata("name", "v".repeat(1001))),
				refused("scopes", (key) -> key.scopes("orders:read", "Orders")),
				refused("expiresAt", (key) -> key.expiresAt(Instant.MAX)),
				refused("expiresAt", (key) -> key.expiresAt(Instant.parse("+10000-01-01T00:00:00Z"))),
				refused("notBefore", (key) -> key.notBefore(Instant.MIN)),
				refused("notBefore", (key) -> key.notBefore(Instant.MAX)),
				refused("expiresAt", (key) -> key.expiresIn(Duration.ofSeconds(Long.MAX_VALUE)).end(NOW, null)),
				refused("expiresAt", (key) -> key.expiresIn(Duration.ofDays(365L * 9000)).end(NOW, null)),
				refused("expiresAt", (key) -> key.expiresIn(Duration.ZERO)),
				refused("expiresAt", (key) -> key.expiresIn(Duration.ofSeconds(-1))));
	}

	@Test
	void endIsTheLastOneSet() {
		assertThat(NewApiKey.named("n").end(NOW, null)).isNull();
		assertThat(NewApiKey.named("n").expiresIn(Duration.ofDays(1)).end(NOW, null))
			.isEqualTo(NOW.plusSeconds(86_400));
		assertThat(NewApiKey.named("n").expiresIn(Duration.ofDays(1)).expiresAt(NOW).end(NOW, null)).isEqualTo(NOW);
		assertThat(NewApiKey.named("n").expiresAt(NOW).expiresIn(Duration.ofDays(1)).end(NOW, null))
			.isEqualTo(NOW.plusSeconds(86_400));
		assertThat(NewApiKey.named("n").expiresAt(NOW).neverExpires().end(NOW, null)).isNull();
	}

	@Test
	void endWhenNothingWasSaidThenTheDefaultCounts() {
		Duration day = Duration.ofDays(1);
		assertThat(NewApiKey.named("n").end(NOW, day)).isEqualTo(NOW.plus(day));
		assertThat(NewApiKey.named("n").neverExpires().end(NOW, day)).isNull();
		assertThat(NewApiKey.named("n").expiresAt(NOW).end(NOW, day)).isEqualTo(NOW);
		assertThat(NewApiKey.named("n").expiresIn(Duration.ofDays(2)).end(NOW, day)).isEqualTo(NOW.plus(day).plus(day));
		assertThat(NewApiKey.named("n").neverExpires().expiresAt(NOW).end(NOW, day)).isEqualTo(NOW);
	}

	private static Arguments refused(String attribute, Consumer<NewApiKey> change) {
		return Arguments.of(attribute, change);
	}

	@ParameterizedTest
	@MethodSource("withoutValue")
	void attributeWhenNullThenRefusedByName(String attribute, ThrowingCallable call) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class).isThrownBy(call)
			.withMessage("The " + attribute + " must not be null")
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo(attribute));
	}

	/**
	 * What JSON without the property leads to.
	 */
	@SuppressWarnings("NullAway")
	static Stream<Arguments> withoutValue() {
		return Stream.of(withoutValue("name", () -> NewApiKey.named(null)),
				withoutValue("scopes", () -> NewApiKey.named("key").scopes((Collection<String>) null)),
				withoutValue("scopes", () -> NewApiKey.named("key").scopes((String[]) null)),
				withoutValue("scopes", () -> NewApiKey.named("key").scopes("orders:read", null)),
				withoutValue("scopes", () -> new ApiKeyUpdate().scopes((Collection<String>) null)),
				withoutValue("name", () -> new ApiKeyUpdate().name(null)),
				withoutValue("metadata", () -> NewApiKey.named("key").metadata("a", null)),
				withoutValue("metadata", () -> new ApiKeyUpdate().metadata(null)),
				withoutValue("allowedAddresses",
						() -> NewApiKey.named("key").allowedAddresses((Collection<String>) null)),
				withoutValue("rateLimits", () -> NewApiKey.named("key").rateLimits(null)),
				withoutValue("expiresAt", () -> NewApiKey.named("key").expiresAt(null)));
	}

	private static Arguments withoutValue(String attribute, ThrowingCallable call) {
		return Arguments.of(attribute, call);
	}

}
