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

import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * A handler that calls another one, which may be a bean of a subclass.
 */
class ChainedPage implements HandlerFunction<ServerResponse> {

	private final ChainedPage next;

	ChainedPage(ChainedPage next) {
		this.next = next;
	}

	@Override
	public ServerResponse handle(ServerRequest request) {
		return this.next.list(request);
	}

	public ServerResponse list(ServerRequest request) {
		return ServerResponse.ok().build();
	}

	/**
	 * Calls only what its subclass leaves open.
	 */
	static class Open implements HandlerFunction<ServerResponse> {

		private final Open next;

		Open(Open next) {
			this.next = next;
		}

		@Override
		public ServerResponse handle(ServerRequest request) {
			return this.next.open(request);
		}

		public ServerResponse open(ServerRequest request) {
			return ServerResponse.ok().build();
		}

		public ServerResponse list(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

}
