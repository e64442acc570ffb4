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

package io.github.apikeys.admin;

import java.util.Map;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.web.servlet.support.RequestContextUtils;

/**
 * What the next page says about the change just made. It is kept for the one request
 * after a redirect and never read from a URL, which anybody can write.
 */
final class AdminNotice {

	private static final String WORD = AdminNotice.class.getName() + ".word";

	private static final String COUNT = AdminNotice.class.getName() + ".count";

	private AdminNotice() {
	}

	/**
	 * Leaves a notice for the page that this request redirects to.
	 */
	static void leave(HttpServletRequest request, String word, int count) {
		RequestContextUtils.getOutputFlashMap(request).put(WORD, word);
		RequestContextUtils.getOutputFlashMap(request).put(COUNT, count);
	}

	/**
	 * Returns the notice that the request before left, or {@code null} if there is none.
	 */
	static @Nullable String word(HttpServletRequest request) {
		return (get(request, WORD) instanceof String word) ? word : null;
	}

	/**
	 * Returns how many keys the notice is about.
	 */
	static int count(HttpServletRequest request) {
		return (get(request, COUNT) instanceof Integer count) ? count : 0;
	}

	private static @Nullable Object get(HttpServletRequest request, String name) {
		Map<String, ?> left = RequestContextUtils.getInputFlashMap(request);
		return (left != null) ? left.get(name) : null;
	}

}
