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

package io.github.apikeys.core.support;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.util.Assert;

/**
 * What objects of the application answer when checks at startup ask them what they hold.
 * One that throws does not stop the start; it is asked again by the next check, since it
 * may answer later.
 *
 * @since 0.1.0
 */
public final class Answers {

	private static final Log logger = LogFactory.getLog(Answers.class);

	private static final Cache<Object, Set<String>> WARNED = Caffeine.newBuilder().weakKeys().build();

	private Answers() {
	}

	/**
	 * Asks an object. If it throws, a warning says so, once for each object and what it
	 * is asked for.
	 * @param <T> the type of the answer
	 * @param asked the object
	 * @param name the name of the bean that the object is or belongs to, or of its class
	 * @param subject what the object is asked for, as in {@code its filters}
	 * @param question calls the object
	 * @param none what counts if the object throws
	 * @return the answer
	 * @throws IllegalArgumentException if an argument is {@code null}
	 */
	public static <T> T of(Object asked, String name, String subject, Supplier<T> question, T none) {
		Assert.notNull(asked, "asked cannot be null");
		Assert.notNull(name, "name cannot be null");
		Assert.notNull(subject, "subject cannot be null");
		Assert.notNull(question, "question cannot be null");
		Assert.notNull(none, "none cannot be null");
		try {
			return question.get();
		}
		catch (RuntimeException | LinkageError ex) {
			if (WARNED.get(asked, (key) -> ConcurrentHashMap.newKeySet()).add(subject)) {
				logger.warn("Bean '" + name + "' of " + asked.getClass() + " threw an exception when it was asked for "
						+ subject + ". Have it answer as soon as all singletons exist.", ex);
			}
			return none;
		}
	}

}
