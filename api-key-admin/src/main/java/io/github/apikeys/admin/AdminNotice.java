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

import org.springframework.web.servlet.FlashMap;
import org.springframework.web.servlet.support.RequestContextUtils;

/**
 * What the next page says about the change just made. It is kept for the one request
 * after a redirect and never read from a URL, which anybody can write.
 *
 * @param word what was done, {@code null} if nothing was
 * @param count to how many keys
 * @param same how many keys were so already, or cannot be any more
 * @param failed how many keys an error kept from it
 */
record AdminNotice(@Nullable String word, int count, int same, int failed) {

	private static final String PREFIX = AdminNotice.class.getName() + ".";

	/**
	 * Leaves the notice for the page that this request redirects to.
	 */
	void leave(HttpServletRequest request) {
		// each on its own: a session may be stored, and read by another version
		FlashMap flash = RequestContextUtils.getOutputFlashMap(request);
		flash.put(PREFIX + "word", this.word);
		flash.put(PREFIX + "count", this.count);
		flash.put(PREFIX + "same", this.same);
		flash.put(PREFIX + "failed", this.failed);
	}

	/**
	 * Returns the notice that the request before left.
	 */
	static AdminNotice of(HttpServletRequest request) {
		Map<String, ?> left = RequestContextUtils.getInputFlashMap(request);
		String word = (left != null && left.get(PREFIX + "word") instanceof String text) ? text : null;
		return new AdminNotice(word, number(left, "count"), number(left, "same"), number(left, "failed"));
	}

	private static int number(@Nullable Map<String, ?> left, String name) {
		return (left != null && left.get(PREFIX + name) instanceof Integer number) ? number : 0;
	}

}
