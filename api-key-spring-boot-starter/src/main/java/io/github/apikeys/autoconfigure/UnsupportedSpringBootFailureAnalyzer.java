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

import io.github.apikeys.core.support.Causes;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;

/**
 * Says that an application with an earlier version of Spring Boot cannot have API keys,
 * where something newer is missed before {@link SpringBootVersionCheck} is asked.
 */
final class UnsupportedSpringBootFailureAnalyzer implements FailureAnalyzer, Ordered {

	private final @Nullable String version;

	UnsupportedSpringBootFailureAnalyzer() {
		this(SpringBootVersion.getVersion());
	}

	UnsupportedSpringBootFailureAnalyzer(@Nullable String version) {
		this.version = version;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public @Nullable FailureAnalysis analyze(Throwable failure) {
		if (SupportedSpringBoot.includes(this.version)) {
			return null;
		}
		for (Throwable cause : Causes.of(failure)) {
			if (cause instanceof LinkageError || cause instanceof ClassNotFoundException
					|| cause instanceof TypeNotPresentException) {
				return new FailureAnalysis(SupportedSpringBoot.describe(this.version) + " (" + cause + ").",
						SupportedSpringBoot.ADVICE, cause);
			}
		}
		return null;
	}

}
