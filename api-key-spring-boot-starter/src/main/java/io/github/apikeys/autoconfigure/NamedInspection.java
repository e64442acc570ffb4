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

import java.lang.reflect.Method;
import java.util.Collection;

import io.github.apikeys.security.HasApiKeyConfigurationException;
import io.github.apikeys.security.HasApiKeyInspector;

/**
 * Inspects one object after another, and says in which bean a fault is. A mock has none.
 */
final class NamedInspection {

	private final HasApiKeyInspector inspector;

	private final HasApiKeyWarnings warnings;

	NamedInspection(HasApiKeyInspector inspector, HasApiKeyWarnings warnings) {
		this.inspector = inspector;
		this.warnings = warnings;
	}

	/**
	 * Inspects all that others can call.
	 * @param handlers methods that a framework was told to call
	 */
	void inspect(Object object, String beanName, Method... handlers) {
		inspect(object, beanName, () -> this.warnings.used(object, this.inspector.inspect(object, handlers)));
	}

	/**
	 * Inspects what alone is called.
	 */
	void inspectCalls(Object object, String beanName, Collection<Method> methods) {
		inspect(object, beanName, () -> this.inspector.inspectCalls(object, methods));
	}

	private static void inspect(Object object, String beanName, Runnable inspection) {
		if (Mocks.isMock(object)) {
			return;
		}
		try {
			inspection.run();
		}
		catch (HasApiKeyConfigurationException ex) {
			throw new ApiKeyConfigurationException("Bean '" + beanName + "': " + ex.getMessage(), ex.getAction());
		}
	}

}
