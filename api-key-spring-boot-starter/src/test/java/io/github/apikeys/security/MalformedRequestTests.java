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
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.stream.Stream;

import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
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

	static Stream<Exception> faultsOfTheServer() {
		return Stream.of(new IOException("No space left on device"), new FileNotFoundException("/tmp/upload"),
				new NoSuchFileException("/tmp/upload"),
				new IllegalStateException(new ServerException("cannot process", new IOException("not a folder"))));
	}

	static Stream<Exception> faultsOfTheRequest() {
		return Stream.of(new IllegalStateException("%zz"), new ServerException("ended unexpectedly", null),
				new IOException("cannot process", new ServerException("ended unexpectedly", null)), reset());
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
		assertThat(answer(new StatusException(413))).isEqualTo(413);
		assertThat(answer(new IllegalArgumentException(new StatusException(413)))).isEqualTo(413);
		assertThat(answer(new MaxUploadSizeExceededException(10))).isEqualTo(413);
		assertThat(answer(new StatusException(400))).isEqualTo(400);
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

	/**
	 * A type of a server.
	 */
	private static final class ServerException extends IOException {

		ServerException(String message, Throwable cause) {
			super(message, cause);
		}

	}

	private static final class StatusException extends IllegalStateException {

		private final int errorCode;

		StatusException(int errorCode) {
			this.errorCode = errorCode;
		}

		public int getErrorCode() {
			return this.errorCode;
		}

	}

}
