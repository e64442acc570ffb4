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

package io.github.apikeys.security;

import org.springframework.util.ClassUtils;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * Tells a developer that nobody looked for a key in the current request.
 */
final class UnreadRequest {

	/**
	 * The attribute of a request in which somebody did.
	 */
	static final String READ = UnreadRequest.class.getName() + ".READ";

	private static final boolean WEB_PRESENT = ClassUtils.isPresent(
			"org.springframework.web.context.request.RequestContextHolder", UnreadRequest.class.getClassLoader());

	private UnreadRequest() {
	}

	/**
	 * Returns what to add to the explanation of a denial.
	 * @return nothing if keys are read, or there is no request
	 */
	static String explain() {
		return (WEB_PRESENT && isUnread()) ? "; no API key is read on this path, see the chain that is responsible for "
				+ "it and api-key.security.paths" : "";
	}

	private static boolean isUnread() {
		RequestAttributes request = RequestContextHolder.getRequestAttributes();
		try {
			return request != null && request.getAttribute(READ, RequestAttributes.SCOPE_REQUEST) == null;
		}
		catch (IllegalStateException ex) {
			// the request is over
			return false;
		}
	}

}
