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
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import io.github.apikeys.core.RefusalLog;
import io.github.apikeys.core.support.Causes;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpStatus;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.ErrorResponse;

/**
 * Tells a request whose parameters cannot be read from code that failed to handle a good
 * one. Code of the application, such as a converter or a policy, throws at both: what
 * counts is where it was thrown, and that a server throws it for what a client sent.
 * Everything else, such as a disk that is full, is no fault of the request.
 */
final class MalformedRequest {

	private static final List<String> ACCESSORS = List.of("getParameter", "getParameterMap", "getParameterNames",
			"getParameterValues", "getPart", "getParts");

	/** By which exceptions of Tomcat and Jetty tell the status. */
	private static final List<String> STATUS = List.of("getErrorCode", "getCode");

	/**
	 * By which servers tell that a client sent no more, too slowly, or nothing that can
	 * be read.
	 */
	private static final List<String> UNREADABLE = List.of("java.io.EOFException", "java.net.SocketException",
			"java.net.SocketTimeoutException", "java.util.concurrent.TimeoutException",
			"java.nio.channels.ClosedChannelException", "java.nio.charset.CharacterCodingException",
			"java.io.CharConversionException", "org.apache.coyote.BadRequestException");

	/**
	 * By which servers, and Spring MVC, tell what is wrong with the content. Some of them
	 * are thrown for files of the server as well, which are behind them then.
	 */
	private static final List<String> MALFORMED = List.of("org.apache.tomcat.util.http.InvalidParameterException",
			"org.apache.tomcat.util.http.fileupload.FileUploadException",
			"org.apache.tomcat.util.http.fileupload.InvalidFileNameException",
			"org.apache.tomcat.util.http.fileupload.MultipartStream$MalformedStreamException",
			"org.eclipse.jetty.http.HttpException", "org.eclipse.jetty.http.compression.EncodingException",
			"org.eclipse.jetty.util.Utf8StringBuilder$Utf8IllegalArgumentException", "java.util.zip.ZipException",
			"org.springframework.web.multipart.MaxUploadSizeExceededException");

	/**
	 * Whose exceptions are among the causes of such a failure: others may have
	 * connections, too.
	 */
	private static final List<String> OF_SERVERS = List.of("java.io.", "java.lang.", "java.net.", "java.nio.",
			"java.util.", "jakarta.servlet.", "org.apache.catalina.", "org.apache.coyote.", "org.apache.tomcat.",
			"org.eclipse.jetty.", "org.springframework.web.");

	private MalformedRequest() {
	}

	/**
	 * Answers a request for which code of the application failed, if that is the fault of
	 * the request.
	 * @return whether it is answered
	 */
	static boolean isAnswered(Throwable failure, HttpServletResponse response) throws IOException {
		List<Throwable> causes = Causes.of(failure);
		int first = 0;
		while (first < causes.size() && !isThrownByAccessor(causes.get(first))) {
			first++;
		}
		if (first == causes.size() || !isOfClient(causes.subList(first, causes.size()))) {
			return false;
		}
		Throwable thrown = causes.get(first);
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
	 * That the client could not be read counts wherever it is among the causes; all else
	 * only if nothing else is behind it.
	 */
	private static boolean isOfClient(List<Throwable> causes) {
		if (!causes.stream()
			.allMatch((cause) -> OF_SERVERS.stream().anyMatch(cause.getClass().getName()::startsWith))) {
			return false;
		}
		Throwable root = causes.get(causes.size() - 1);
		return causes.stream().anyMatch((cause) -> isA(cause, UNREADABLE)) || isA(root, MALFORMED)
				|| root.getClass() == IllegalStateException.class || root.getClass() == IllegalArgumentException.class
				|| (root.getClass() == IOException.class && isOfSocket(root));
	}

	private static boolean isA(Throwable failure, List<String> names) {
		Class<?> type = failure.getClass();
		return ClassUtils.getAllInterfacesForClassAsSet(type)
			.stream()
			.anyMatch((each) -> names.contains(each.getName()))
				|| Stream.<Class<?>>iterate(type, Objects::nonNull, Class::getSuperclass)
					.anyMatch((each) -> names.contains(each.getName()));
	}

	/**
	 * Of the connection to the client, the JDK throws the same type as of a file.
	 */
	private static boolean isOfSocket(Throwable failure) {
		return Arrays.stream(failure.getStackTrace())
			.anyMatch((frame) -> frame.getClassName().startsWith("sun.nio.ch.")
					&& frame.getClassName().contains("Socket"));
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
