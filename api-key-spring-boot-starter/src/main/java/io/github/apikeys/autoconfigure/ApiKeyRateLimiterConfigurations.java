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

import io.github.apikeys.autoconfigure.ApiKeyProperties.RateLimit.WhenRedisIsDown;
import io.github.apikeys.ratelimit.ApiKeyRateLimiter;
import io.github.apikeys.ratelimit.InMemoryRateLimiter;
import io.github.apikeys.ratelimit.RedisRateLimiter;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Where requests can be counted. The first that applies wins.
 */
final class ApiKeyRateLimiterConfigurations {

	private ApiKeyRateLimiterConfigurations() {
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ Bucket4jLettuce.class, LettuceConnectionFactory.class })
	static class RedisConfiguration {

		@Bean("io.github.apikeys.apiKeyRateLimiter")
		@ConditionalOnMissingBean(ApiKeyRateLimiter.class)
		@ConditionalOnSingleCandidate(LettuceConnectionFactory.class)
		RedisRateLimiter apiKeyRateLimiter(LettuceConnectionFactory connectionFactory, ApiKeyProperties properties) {
			boolean refuse = properties.getRateLimit().getWhenRedisIsDown() == WhenRedisIsDown.REFUSE;
			return new RedisRateLimiter(connectionFactory::getRequiredNativeClient,
					refuse ? null : new InMemoryRateLimiter());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InMemoryConfiguration {

		@Bean("io.github.apikeys.apiKeyRateLimiter")
		@ConditionalOnMissingBean(ApiKeyRateLimiter.class)
		InMemoryRateLimiter apiKeyRateLimiter() {
			return new InMemoryRateLimiter();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RedisConnectionFactory.class)
	@ConditionalOnBean(value = { RedisConnectionFactory.class, InMemoryRateLimiter.class },
			name = "io.github.apikeys.apiKeyRateLimiter")
	static class UnusedRedisConfiguration {

		@Bean("io.github.apikeys.unusedRedisLog")
		UnusedRedisLog unusedRedisLog(ConfigurableListableBeanFactory beanFactory) {
			return new UnusedRedisLog(beanFactory);
		}

	}

}
