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

package io.github.apikeys.core.verification;

import java.util.List;

/**
 * Nobody knows whether something was written: the commit was sent, and no answer came.
 *
 * @since 0.1.0
 * @serial exclude
 */
public final class UnknownOutcomeException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final transient List<UsageCount> left;

	/**
	 * Creates an exception.
	 * @param cause what the commit threw
	 */
	public UnknownOutcomeException(Throwable cause) {
		this(cause, List.of());
	}

	/**
	 * Creates an exception about a part of what was to be written.
	 * @param cause what the commit threw
	 * @param left what was left out, and is not written for sure
	 */
	public UnknownOutcomeException(Throwable cause, List<UsageCount> left) {
		super("The outcome of a commit is unknown", cause);
		this.left = List.copyOf(left);
	}

	List<UsageCount> left() {
		return this.left;
	}

}
