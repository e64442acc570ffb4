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

import java.util.function.Supplier;

import io.github.apikeys.autoconfigure.CapturedCallsTests.InOpenField;
import io.github.apikeys.autoconfigure.CapturedCallsTests.InOpenFieldOfTheHandler;
import io.github.apikeys.autoconfigure.CapturedCallsTests.Listing;

import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Code that calls orders and is in no class of theirs.
 */
final class OrderPages {

	private OrderPages() {
	}

	static ServerResponse render(Listing orders, ServerRequest request) {
		return orders.list(request);
	}

	static ServerResponse renderAny(Object orders, ServerRequest request) {
		return ((Listing) orders).list(request);
	}

	static ServerResponse renderOpen(InOpenField.Page page, ServerRequest request) {
		return page.orders.list(request);
	}

	static ServerResponse renderOpen(InOpenFieldOfTheHandler.Page page, ServerRequest request) {
		return page.orders.list(request);
	}

	static ServerResponse handle(ChainedPage page, ServerRequest request) {
		return page.handle(request);
	}

	/**
	 * A base class whose methods call what a subclass overrides.
	 */
	abstract static class Template {

		public abstract ServerResponse list(ServerRequest request);

		ServerResponse page(ServerRequest request) {
			return list(request);
		}

	}

	record SuppliedPage(Supplier<? extends Listing> orders) implements HandlerFunction<ServerResponse> {

		@Override
		public ServerResponse handle(ServerRequest request) {
			return this.orders.get().list(request);
		}

	}

	static class Page {

		Listing orders;

		ServerResponse render(ServerRequest request) {
			return this.orders.list(request);
		}

	}

	abstract static class BasePage implements HandlerFunction<ServerResponse> {

		@Override
		public ServerResponse handle(ServerRequest request) {
			return orders().list(request);
		}

		protected abstract Listing orders();

	}

}
