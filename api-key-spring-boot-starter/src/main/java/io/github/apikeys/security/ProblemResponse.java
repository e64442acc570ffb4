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
import java.nio.charset.StandardCharsets;

import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * Writes an answer in the format of RFC 9457. Texts are those of this library, and names
 * of scopes of the application: nothing that a caller sent goes into a body.
 */
final class ProblemResponse {

	private static final int RETRY_AFTER_SECONDS = 5;

	private ProblemResponse() {
	}

	/**
	 * Answers that something that is needed does not answer, and may soon.
	 */
	static void writeUnavailable(HttpServletResponse response, String detail) throws IOException {
		response.setHeader(HttpHeaders.RETRY_AFTER, String.valueOf(RETRY_AFTER_SECONDS));
		write(response, Problem.UNAVAILABLE, detail, "");
	}

	static void write(HttpServletResponse response, Problem problem) throws IOException {
		write(response, problem, problem.detail(), "");
	}

	/**
	 * Writes a problem.
	 * @param members more of its members, as JSON, each behind a comma
	 */
	static void write(HttpServletResponse response, Problem problem, String detail, String members) throws IOException {
		if (response.isCommitted()) {
			return;
		}
		byte[] body = """
				{"type":"%s","title":"%s","status":%s,"detail":"%s"%s}
				"""
			.formatted(problem.type(), problem.status().getReasonPhrase(), problem.status().value(), detail, members)
			.strip()
			.getBytes(StandardCharsets.UTF_8);
		response.setStatus(problem.status().value());
		response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
		response.setContentLength(body.length);
		response.getOutputStream().write(body);
	}

}
