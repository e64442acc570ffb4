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

import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import io.github.apikeys.core.RefusalLog;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpStatus;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.ErrorResponse;

/**
 * Tells a request whose parameters cannot be read from code that failed to handle a good
 * one. Code of the application, such as a converter or a policy, throws at both, and
 * which exception a server throws, and whether it throws again, is up to the server: what
 * counts is where it was thrown. That the server cannot write a part of the request to
 * its disk is no fault of the request.
 */
final class MalformedRequest {

	private static final List<String> ACCESSORS = List.of("getParameter", "getParameterMap", "getParameterNames",
			"getParameterValues", "getPart", "getParts");

	/** By which exceptions of Tomcat and Jetty tell the status. */
	private static final List<String> STATUS = List.of("getErrorCode", "getCode");

	private MalformedRequest() {
	}

	/**
	 * Answers a request for which code of the application failed, if that is the fault of
	 * the request.
	 * @return whether it is answered
	 */
	static boolean isAnswered(Throwable failure, HttpServletResponse response) throws IOException {
		List<Throwable> causes = Causes.of(failure);
		Throwable thrown = causes.stream().filter(MalformedRequest::isThrownByAccessor).findFirst().orElse(null);
		if (thrown == null || isOfFiles(causes.get(causes.size() - 1))) {
			return false;
		}
		// its message may hold what the client sent
		RefusalLog.write("A request with an API key was refused: its parameters cannot be read ("
				+ thrown.getClass().getSimpleName() + ")");
		ProblemResponse.write(response, causes.stream().anyMatch(MalformedRequest::isTooLarge)
				? Problem.CONTENT_TOO_LARGE : Problem.MALFORMED_REQUEST);
		return true;
	}

	private static boolean isThrownByAccessor(Throwable failure) {
		return Arrays.stream(failure.getStackTrace()).anyMatch(MalformedRequest::isAccessor);
	}

	/**
	 * Servers have types of their own for what a client sends. Of the connection to the
	 * client, the JDK throws the same type as of a file.
	 */
	private static boolean isOfFiles(Throwable root) {
		return root instanceof FileNotFoundException || root instanceof FileSystemException
				|| (root.getClass() == IOException.class && Arrays.stream(root.getStackTrace())
					.noneMatch((frame) -> frame.getClassName().startsWith("sun.nio.ch.")
							&& frame.getClassName().contains("Socket")));
	}

	private static boolean isTooLarge(Throwable failure) {
		if (failure instanceof ErrorResponse response) {
			return response.getStatusCode().isSameCodeAs(HttpStatus.CONTENT_TOO_LARGE);
		}
		return STATUS.stream().anyMatch((name) -> {
			Method method = ReflectionUtils.findMethod(failure.getClass(), name);
			return method != null && method.getReturnType() == int.class && method.trySetAccessible() && Objects
				.equals(ReflectionUtils.invokeMethod(method, failure), HttpStatus.CONTENT_TOO_LARGE.value());
		});
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
