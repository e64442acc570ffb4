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

import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * What objects of the application answer when start checks ask them what they hold. One
 * that throws does not stop the start, and is not asked again.
 */
final class Answers {

	private static final Log logger = LogFactory.getLog(Answers.class);

	private static final Cache<Object, Boolean> SILENT = Caffeine.newBuilder().weakKeys().build();

	private Answers() {
	}

	/**
	 * Asks an object.
	 * @param asked the object
	 * @param name the name of the bean that it is, or belongs to
	 * @param question calls the object
	 * @param none what counts if it throws
	 * @return the answer
	 */
	static <T> T of(Object asked, String name, Supplier<T> question, T none) {
		if (SILENT.getIfPresent(asked) != null) {
			return none;
		}
		try {
			return question.get();
		}
		catch (RuntimeException | LinkageError ex) {
			SILENT.put(asked, true);
			logger.warn("What bean '" + name + "' of " + asked.getClass()
					+ " holds was not inspected for @HasApiKey and @CurrentApiKey, since it threw an exception when it "
					+ "was asked. Have it answer as soon as all singletons exist, and make beans of the objects with "
					+ "the annotations.", ex);
			return none;
		}
	}

}
