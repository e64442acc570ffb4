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

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.coyote.BadRequestException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.apache.tomcat.util.http.fileupload.FileUploadException;
import org.apache.tomcat.util.http.fileupload.impl.IOFileUploadException;
import org.apache.tomcat.util.http.fileupload.impl.SizeLimitExceededException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.multipart.MaxUploadSizeExceededException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whose fault it is that the parameters of a request cannot be read.
 */
class MalformedRequestTests {

	private static final ClassLoader JETTY = new SourceCompiler()
		.add("org.eclipse.jetty.http.HttpException", "public interface HttpException { int getCode(); }")
		.add("org.eclipse.jetty.http.BadMessageException",
				"public class BadMessageException extends RuntimeException implements HttpException {"
						+ " public BadMessageException(String message, Throwable cause) { super(message, cause); }"
						+ " @Override public int getCode() { return getMessage().equals(\"413\") ? 413 : 400; } }")
		.compile();

	static Stream<Exception> faultsOfTheServer() {
		return Stream.of(new IOException("No space left on device"), new FileNotFoundException("/tmp/upload"),
				new NoSuchFileException("/tmp/upload"),
				new InvalidParameterException(new IOFileUploadException("failed", new IOException("not a folder"))),
				badMessage("Unable to parse form content", new NoSuchFileException("/tmp/upload")));
	}

	/**
	 * What a wrapper of the application, or a library, does when parameters are asked.
	 */
	static Stream<Exception> faultsOfTheApplication() {
		return Stream.of(new NullPointerException(), new UnsupportedOperationException(),
				new ApplicationException(new SocketTimeoutException()),
				new IllegalStateException(new SQLException(new SocketException("Connection reset"))));
	}

	/**
	 * As servers report that a stream of HTTP/2 was reset, what was sent ended, was not
	 * sent in time, or cannot be read.
	 */
	static Stream<Exception> faultsOfTheRequest() {
		return Stream.of(new IllegalStateException("%zz"), reset(),
				new InvalidParameterException(new ClientAbortException(new IOException("Stream reset"))),
				new IOFileUploadException("failed", new ClientAbortException(new IOException("Stream reset"))),
				new InvalidParameterException(new BadRequestException(new IOException("Stream reset"))),
				new InvalidParameterException("%zz"), new ServletException(new FileUploadException("no boundary")),
				new EOFException("reset"), new IOException(new TimeoutException("idle")),
				badMessage("Unable to parse form content", new IllegalArgumentException("%zz")),
				badMessage("Unable to parse form content", new EOFException()));
	}

	@ParameterizedTest
	@MethodSource("faultsOfTheApplication")
	void failureWhenItIsNoneThatServersThrowForAClientThenNotAnswered(Exception failure) throws Exception {
		assertThat(answer(failure)).isEqualTo(200);
	}

	@ParameterizedTest
	@MethodSource("faultsOfTheServer")
	void failureWhenAFileCannotBeWrittenThenNotAnswered(Exception failure) throws Exception {
		assertThat(answer(failure)).isEqualTo(200);
	}

	@ParameterizedTest
	@MethodSource("faultsOfTheRequest")
	void failureWhenTheContentIsMalformedThen400(Exception failure) throws Exception {
		assertThat(answer(failure)).isEqualTo(400);
	}

	@Test
	void failureWhenTheContentIsTooLargeThen413() throws Exception {
		assertThat(answer(new InvalidParameterException("size", 413))).isEqualTo(413);
		assertThat(answer(new InvalidParameterException(new SizeLimitExceededException("size", 2, 1), 413)))
			.isEqualTo(413);
		assertThat(answer(new IllegalArgumentException(badMessage("413", null)))).isEqualTo(413);
		assertThat(answer(new MaxUploadSizeExceededException(10))).isEqualTo(413);
		assertThat(answer(new InvalidParameterException("%zz", 400))).isEqualTo(400);
	}

	@Test
	void failureWhenNobodyReadsParametersThenNotAnswered() throws Exception {
		MockHttpServletResponse response = new MockHttpServletResponse();
		assertThat(MalformedRequest.isAnswered(new IllegalStateException(), response)).isFalse();
	}

	@Test
	void failureWhenItsCausesAreACircleThenNotAnswered() throws Exception {
		Exception first = new IllegalStateException("first");
		first.initCause(new IllegalStateException("second", first));
		assertThat(MalformedRequest.isAnswered(first, new MockHttpServletResponse())).isFalse();
	}

	/**
	 * As Jetty tells what is wrong, which is not on the class path with Tomcat.
	 */
	private static Exception badMessage(String message, Throwable cause) {
		try {
			return (Exception) JETTY.loadClass("org.eclipse.jetty.http.BadMessageException")
				.getConstructor(String.class, Throwable.class)
				.newInstance(message, cause);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * As the JDK reports that a client has gone.
	 */
	private static Exception reset() {
		IOException reset = new IOException("Connection reset by peer");
		reset.setStackTrace(new StackTraceElement[] {
				new StackTraceElement("sun.nio.ch.SocketDispatcher", "read0", "SocketDispatcher.java", -2) });
		return new IllegalStateException(reset);
	}

	private static int answer(Exception failure) throws Exception {
		MockHttpServletResponse response = new MockHttpServletResponse();
		try {
			new FailingRequest(failure).getParts();
		}
		catch (Exception ex) {
			assertThat(MalformedRequest.isAnswered(new IllegalStateException(ex), response))
				.isEqualTo(response.getStatus() != 200);
		}
		return response.getStatus();
	}

	private static final class FailingRequest extends HttpServletRequestWrapper {

		private final Exception failure;

		FailingRequest(Exception failure) {
			super(new MockHttpServletRequest());
			this.failure = failure;
		}

		@Override
		public Collection<Part> getParts() {
			throw new IllegalStateException(this.failure);
		}

	}

	private static final class ApplicationException extends RuntimeException {

		ApplicationException(Throwable cause) {
			super(cause);
		}

	}

}
