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

import io.github.apikeys.security.Causes;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;

/**
 * Says that an application with an earlier version of Spring Boot cannot have API keys.
 * It is all that such an application can run of this library, so it uses nothing newer.
 */
final class UnsupportedSpringBootFailureAnalyzer implements FailureAnalyzer, Ordered {

	private static final int MAJOR = 4;

	private static final int MINOR = 1;

	private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\b.*");

	private final String version;

	UnsupportedSpringBootFailureAnalyzer() {
		this(SpringBootVersion.getVersion());
	}

	UnsupportedSpringBootFailureAnalyzer(String version) {
		this.version = version;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public @Nullable FailureAnalysis analyze(Throwable failure) {
		if (!isUnsupported()) {
			return null;
		}
		for (Throwable cause : Causes.of(failure)) {
			if (cause instanceof LinkageError || cause instanceof ClassNotFoundException
					|| cause instanceof TypeNotPresentException) {
				return new FailureAnalysis(
						"api-key-spring-boot-starter requires Spring Boot " + MAJOR + "." + MINOR
								+ " or newer, and this application has " + this.version + " (" + cause + ").",
						"Upgrade Spring Boot, or remove api-key-spring-boot-starter.", cause);
			}
		}
		return null;
	}

	private boolean isUnsupported() {
		Matcher version = VERSION.matcher(this.version);
		if (!version.matches()) {
			return false;
		}
		int major = Integer.parseInt(version.group(1));
		return major < MAJOR || (major == MAJOR && Integer.parseInt(version.group(2)) < MINOR);
	}

}
