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

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;

import org.springframework.web.util.WebUtils;

/**
 * Remembers in the session which forms were sent already, so that a reload or a second
 * click does not create another key. It holds random numbers and no keys.
 */
final class UsedSubmissions {

	private static final String ATTRIBUTE = UsedSubmissions.class.getName();

	private static final int MAX = 100;

	private UsedSubmissions() {
	}

	static String next() {
		return UUID.randomUUID().toString();
	}

	/**
	 * Uses a form up.
	 * @return whether it was not used before
	 */
	static boolean use(HttpServletRequest request, String submission) {
		HttpSession session = request.getSession();
		synchronized (WebUtils.getSessionMutex(session)) {
			Deque<String> used = new ArrayDeque<>();
			if (session.getAttribute(ATTRIBUTE) instanceof String text && !text.isEmpty()) {
				used.addAll(List.of(text.split(",")));
			}
			if (!isOneOfOurs(submission) || used.contains(submission)) {
				return false;
			}
			used.addLast(submission);
			if (used.size() > MAX) {
				used.removeFirst();
			}
			session.setAttribute(ATTRIBUTE, String.join(",", used));
			return true;
		}
	}

	private static boolean isOneOfOurs(String text) {
		UUID uuid = RequestValues.uuid(text);
		return uuid != null && uuid.toString().equals(text);
	}

}
