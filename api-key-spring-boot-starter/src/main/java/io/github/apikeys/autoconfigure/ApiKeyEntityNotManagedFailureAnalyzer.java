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

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.jpa.ApiKeyEntityNotManagedException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to type when the application builds its persistence unit itself and leaves
 * the entity of keys out.
 */
final class ApiKeyEntityNotManagedFailureAnalyzer extends AbstractFailureAnalyzer<ApiKeyEntityNotManagedException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ApiKeyEntityNotManagedException cause) {
		return new FailureAnalysis(
				"The EntityManagerFactory that is to store API keys does not manage " + ApiKey.class.getName() + ".",
				"Add the package \"" + ApiKey.class.getPackageName()
						+ "\" to the packages that your EntityManagerFactory scans, for example with "
						+ "packages(\"com.example\", \"" + ApiKey.class.getPackageName()
						+ "\") on EntityManagerFactoryBuilder or setPackagesToScan(..) on "
						+ "LocalContainerEntityManagerFactoryBean.",
				cause);
	}

}
