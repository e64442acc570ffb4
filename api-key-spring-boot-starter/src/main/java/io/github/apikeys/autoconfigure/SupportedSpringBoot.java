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

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The versions of Spring Boot that the library works with. Earlier ones run no more of it
 * than this, so it uses nothing newer.
 */
final class SupportedSpringBoot {

	static final String ADVICE = "Upgrade Spring Boot, or remove api-key-spring-boot-starter.";

	private static final int MAJOR = 4;

	private static final int MINOR = 1;

	private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\b.*");

	private SupportedSpringBoot() {
	}

	/**
	 * Returns whether a version is one of them, or cannot be told to be none.
	 */
	static boolean includes(@Nullable String version) {
		Matcher matcher = VERSION.matcher(String.valueOf(version));
		if (!matcher.matches()) {
			return true;
		}
		int major = Integer.parseInt(matcher.group(1));
		return major > MAJOR || (major == MAJOR && Integer.parseInt(matcher.group(2)) >= MINOR);
	}

	static String describe(@Nullable String version) {
		return "api-key-spring-boot-starter requires Spring Boot " + MAJOR + "." + MINOR
				+ " or newer, and this application has " + version;
	}

}
