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
package io.github.apikeys.core;

import java.io.PrintStream;
import java.util.List;

import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;

/**
 * A command that makes a token for the first key of an application, which need not run.
 * The token goes to the standard output, so that it can be passed on to where secrets are
 * kept. What the application is to be configured with goes to the standard error.
 *
 * @since 0.1.0
 */
public final class FirstKeyCommand {

	private FirstKeyCommand() {
	}

	/**
	 * Makes a token.
	 * @param arguments the prefix of the token, by default {@code ak}
	 */
	public static void main(String[] arguments) {
		if (!run(arguments, System.out, System.err)) {
			System.exit(1);
		}
	}

	static boolean run(String[] arguments, PrintStream out, PrintStream err) {
		if (arguments.length > 1) {
			err.println("One argument at most: the prefix of the token, as in 'api-key.token.prefix'.");
			return false;
		}
		ApiKeyTokenFormat format;
		try {
			format = new ApiKeyTokenFormat((arguments.length > 0) ? arguments[0] : "ak", List.of());
		}
		catch (IllegalArgumentException ex) {
			err.println("The " + ex.getMessage() + ". It is that of 'api-key.token.prefix' or "
					+ "'api-key.token.accepted-prefixes'.");
			return false;
		}
		ApiKeyToken token = format.generate(new SecureRandomApiKeyGenerator());
		err.println("api-key.first-key.hash=" + hashed(token));
		out.println(token.value());
		return true;
	}

	private static String hashed(ApiKeyToken token) {
		return token.prefix() + "_" + token.keyId() + "_" + token.lastCharacters() + "{" + Sha256ApiKeyHasher.SCHEME
				+ "}" + new Sha256ApiKeyHasher().hash(token.value());
	}

}
