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
import java.util.List;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which queries keep less than all keys, so that what they keep may be collected and
 * sorted.
 */
class ApiKeyQueryTests {

	@Test
	void isSelectiveWhenAllThenFalse() {
		assertThat(ApiKeyQuery.all().isSelective()).isFalse();
		assertThat(ApiKeyQuery.all().createdBetween(null, null).isSelective()).isFalse();
	}

	@ParameterizedTest
	@MethodSource("conditions")
	void isSelectiveWhenThereIsAConditionThenTrue(UnaryOperator<ApiKeyQuery> condition) {
		assertThat(condition.apply(ApiKeyQuery.all()).isSelective()).isTrue();
	}

	static List<UnaryOperator<ApiKeyQuery>> conditions() {
		return List.of((query) -> query.nameStartsWith("billing"), (query) -> query.owner("org-42"),
				(query) -> query.scope("orders:read"), (query) -> query.state(ApiKeyState.EXPIRED),
				(query) -> query.type("partner"), (query) -> query.createdBetween(Instant.EPOCH, null),
				(query) -> query.createdBetween(null, Instant.EPOCH),
				(query) -> query.expiringWithin(Duration.ofDays(30)), (query) -> query.unusedFor(Duration.ofDays(90)),
				ApiKeyQuery::neverUsed, (query) -> query.search("billing", List.of()));
	}

}
