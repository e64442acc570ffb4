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

import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringBootVersion;
import org.springframework.context.annotation.ImportSelector;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Stops the start of an application with an earlier version of Spring Boot, which need
 * not miss anything before a request does. It selects nothing.
 */
final class SpringBootVersionCheck implements ImportSelector {

	private final @Nullable String version;

	SpringBootVersionCheck() {
		this(SpringBootVersion.getVersion());
	}

	SpringBootVersionCheck(@Nullable String version) {
		this.version = version;
	}

	@Override
	public String[] selectImports(AnnotationMetadata importing) {
		if (!SupportedSpringBoot.includes(this.version)) {
			throw new ApiKeyConfigurationException(SupportedSpringBoot.describe(this.version) + ".",
					SupportedSpringBoot.ADVICE);
		}
		return new String[0];
	}

}
