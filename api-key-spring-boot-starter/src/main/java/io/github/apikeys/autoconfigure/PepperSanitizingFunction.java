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

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;

/**
 * Hides peppers, and the hash of the first key, from actuator endpoints, also where an
 * application shows the values of all other properties: under their own names, and
 * wherever else one is a part of a value, such as an environment variable, a JSON
 * document or a command line.
 */
final class PepperSanitizingFunction implements SanitizingFunction {

	/** Anything shorter would hide what only happens to contain it. */
	private static final int MIN_LENGTH = 8;

	private static final Pattern JSON_ESCAPE = Pattern.compile("\\\\(u[0-9a-fA-F]{4}|[bfnrt\"\\\\/])");

	private final ApiKeyProperties properties;

	PepperSanitizingFunction(ApiKeyProperties properties) {
		this.properties = properties;
	}

	@Override
	public SanitizableData apply(SanitizableData data) {
		return isSecret(data.getKey()) || containsSecret(data.getValue()) ? data.withSanitizedValue() : data;
	}

	private static boolean isSecret(String key) {
		String name = key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
		return name.contains("apikeyhashpeppers") || name.contains("apikeyfirstkeyhash");
	}

	private boolean containsSecret(@Nullable Object value) {
		// other values are not shown, only their types
		if (!(value instanceof CharSequence || value instanceof Number)) {
			return false;
		}
		String content = value.toString();
		String unescaped = unescape(content);
		List<String> secrets = new ArrayList<>(this.properties.getHash().getPeppers().values());
		String firstKeyHash = this.properties.getFirstKey().getHash();
		if (firstKeyHash != null) {
			secrets.add(firstKeyHash);
		}
		return secrets.stream()
			.filter((secret) -> secret.length() >= MIN_LENGTH)
			.anyMatch((secret) -> content.contains(secret) || unescaped.contains(secret));
	}

	/**
	 * Replaces what a JSON document escapes, as {@code SPRING_APPLICATION_JSON} does.
	 */
	private static String unescape(String content) {
		return JSON_ESCAPE.matcher(content)
			.replaceAll((escape) -> Matcher.quoteReplacement(String.valueOf(unescaped(escape.group(1)))));
	}

	private static char unescaped(String escape) {
		return switch (escape.charAt(0)) {
			case 'u' -> (char) Integer.parseInt(escape.substring(1), 16);
			case 'b' -> '\b';
			case 'f' -> '\f';
			case 'n' -> '\n';
			case 'r' -> '\r';
			case 't' -> '\t';
			default -> escape.charAt(0);
		};
	}

}
