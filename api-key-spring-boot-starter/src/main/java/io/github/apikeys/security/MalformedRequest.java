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

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

import io.github.apikeys.core.RefusalLog;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * Tells a request whose parameters cannot be read from code that failed to handle a good
 * one. Code of the application, such as a converter or a policy, throws at both, and
 * which exception a server throws, and whether it throws again, is up to the server: what
 * counts is where it was thrown.
 */
final class MalformedRequest {

	private static final List<String> ACCESSORS = List.of("getParameter", "getParameterMap", "getParameterNames",
			"getParameterValues", "getPart", "getParts");

	private MalformedRequest() {
	}

	/**
	 * Answers a request for which code of the application failed, if that is the fault of
	 * the request.
	 * @return whether it is answered
	 */
	static boolean isAnswered(Throwable failure, HttpServletResponse response) throws IOException {
		for (@Nullable
		Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (Arrays.stream(cause.getStackTrace()).anyMatch(MalformedRequest::isAccessor)) {
				// its message may hold what the client sent
				RefusalLog.write("A request with an API key was refused: its parameters cannot be read ("
						+ cause.getClass().getSimpleName() + ")");
				ProblemResponse.write(response, Problem.MALFORMED_REQUEST);
				return true;
			}
		}
		return false;
	}

	private static boolean isAccessor(StackTraceElement frame) {
		if (!ACCESSORS.contains(frame.getMethodName())) {
			return false;
		}
		try {
			return ServletRequest.class
				.isAssignableFrom(ClassUtils.forName(frame.getClassName(), ClassUtils.getDefaultClassLoader()));
		}
		catch (ClassNotFoundException | LinkageError ex) {
			// a class of the container that nobody else sees
			return true;
		}
	}

}
