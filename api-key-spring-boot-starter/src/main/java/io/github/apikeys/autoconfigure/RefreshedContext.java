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

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.ConfigurableApplicationContext;

/**
 * Checks of a context that was refreshed. One that fails closes the context, since the
 * application may ignore what its listeners throw.
 */
final class RefreshedContext {

	private static final Log logger = LogFactory.getLog(RefreshedContext.class);

	private RefreshedContext() {
	}

	static void check(ConfigurableApplicationContext context, Runnable check) {
		try {
			check.run();
		}
		catch (RuntimeException | Error ex) {
			logger.error("The application context is closed: " + ex.getMessage());
			context.close();
			throw ex;
		}
	}

}
