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

package io.github.apikeys.core.support;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CausesTests {

	@Test
	void causesThenFromTheOutsideIn() {
		Exception inner = new IllegalArgumentException("inner");
		Exception outer = new IllegalStateException("outer", inner);
		assertThat(Causes.of(outer)).containsExactly(outer, inner);
		assertThat(Causes.root(outer)).isSameAs(inner);
		assertThat(Causes.find(outer, IllegalArgumentException.class)).isSameAs(inner);
		assertThat(Causes.find(outer, UnsupportedOperationException.class)).isNull();
	}

	@Test
	void causesWhenTheyAreACircleThenEachOnce() {
		Exception first = new IllegalStateException("first");
		Exception second = new IllegalArgumentException("second", first);
		first.initCause(second);
		assertThat(Causes.of(first)).containsExactly(first, second);
		assertThat(Causes.root(second)).isSameAs(first);
		Exception itself = new IllegalStateException() {

			@Override
			public synchronized Throwable getCause() {
				return this;
			}

		};
		assertThat(Causes.of(itself)).containsExactly(itself);
	}

}
