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

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Tells an application that uses Redis why its nodes do not share their rate limits.
 */
final class UnusedRedisLog implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(UnusedRedisLog.class);

	private final ConfigurableListableBeanFactory beanFactory;

	UnusedRedisLog(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		logger.info("Each node counts requests in its own memory, although the application uses Redis: " + reason());
	}

	private String reason() {
		String[] factories = isPresent(OptionalType.LETTUCE) ? lettuce() : new String[0];
		if (factories.length > 1) {
			return "there are several beans of type LettuceConnectionFactory (" + String.join(", ", factories)
					+ "). Mark one of them as @Primary";
		}
		if (factories.length == 1 && !isPresent(OptionalType.BUCKET4J_OF_LETTUCE)) {
			return "add 'com.bucket4j:bucket4j_jdk17-lettuce', and all nodes share a rate limit";
		}
		return "no bean is declared with the type LettuceConnectionFactory. Declare the one that connects with Lettuce"
				+ " with this type, or publish a bean of type ApiKeyRateLimiter";
	}

	private boolean isPresent(OptionalType type) {
		return type.isPresent(this.beanFactory.getBeanClassLoader());
	}

	private String[] lettuce() {
		return BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, LettuceConnectionFactory.class,
				true, false);
	}

}
