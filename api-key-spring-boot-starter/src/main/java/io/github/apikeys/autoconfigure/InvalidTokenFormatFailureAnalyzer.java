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

package io.github.apikeys.autoconfigure;

import io.github.apikeys.core.token.InvalidTokenFormatException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to change when a bean of the application declares tokens of another system
 * that could be guessed.
 */
final class InvalidTokenFormatFailureAnalyzer extends AbstractFailureAnalyzer<InvalidTokenFormatException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidTokenFormatException cause) {
		return new FailureAnalysis("Imported API keys cannot have such tokens: " + cause.getMessage() + ".",
				"Declare the length and the alphabet from which the other system drew its secrets with "
						+ "SecretShape.of(..), and make the secret for ids with 'openssl rand -base64 48'. If secrets are "
						+ "shorter or were chosen by people, use a DelimitedTokenFormat without a SecretShape and a slow "
						+ "hash.",
				cause);
	}

}
