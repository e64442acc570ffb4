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

package io.github.apikeys.autoconfigure;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.xml.sax.helpers.XMLFilterImpl;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What a handler holds is searched once, and where the search gives up, a warning says
 * so.
 */
@ExtendWith(OutputCaptureExtension.class)
class HandlerPartsTests {

	private final HandlerParts parts = new HandlerParts((bean, within) -> false);

	/**
	 * As of a filter of router functions, or of a scope.
	 */
	@Test
	void beanWhenHeldByHandlersThatAreNewThenSearchedOnce() {
		Counted orders = new Counted();
		this.parts.addBean(orders);
		visit(new Holder(orders));
		visit(new Holder(orders));
		Holder bean = new Holder(orders);
		this.parts.addBean(bean);
		visit(bean);
		assertThat(orders.searches).hasValue(1);
		this.parts.forgetSearched();
		visit(new Holder(orders));
		assertThat(orders.searches).hasValue(2);
	}

	@Test
	void beanWhenItIsNotInOrderThenSearchedAgain() {
		Counted orders = new Counted();
		this.parts.addBean(orders);
		Holder handler = new Holder(orders);
		for (int i = 1; i <= 2; i++) {
			assertThatIllegalStateException().isThrownBy(() -> this.parts.visit(handler, (part, holders) -> {
				if (part == orders.held) {
					throw new IllegalStateException("not in order");
				}
			}));
			assertThat(orders.searches).hasValue(i);
		}
	}

	@Test
	void handlerWhenItHoldsMoreThanTheLevelsThatAreSearchedThenAWarning(CapturedOutput output) {
		visit(nested(19, new Leaf()));
		assertThat(output).doesNotContain("was searched for @HasApiKey");
		visit(nested(20, new Leaf()));
		assertThat(output).containsOnlyOnce("class " + Holder.class.getName() + " holds was searched for @HasApiKey");
	}

	@Test
	void fieldWhenItsModuleDoesNotOpenItThenAWarning(CapturedOutput output) {
		visit(new Holder(new XMLFilterImpl()));
		assertThat(output)
			.containsOnlyOnce("class " + XMLFilterImpl.class.getName() + " holds was searched for @HasApiKey");
	}

	private void visit(Object handler) {
		this.parts.visit(handler, (part, holders) -> {
		});
	}

	private static Object nested(int levels, Object innermost) {
		Object nested = innermost;
		for (int i = 0; i < levels; i++) {
			nested = new Holder(nested);
		}
		return nested;
	}

	private static final class Leaf {

	}

	private static final class Holder {

		private final Object held;

		Holder(Object held) {
			this.held = held;
		}

	}

	private static final class Counted {

		private final AtomicInteger searches = new AtomicInteger();

		private final List<Object> held = new ArrayList<>() {

			@Override
			public Iterator<Object> iterator() {
				Counted.this.searches.incrementAndGet();
				return super.iterator();
			}

		};

	}

}
