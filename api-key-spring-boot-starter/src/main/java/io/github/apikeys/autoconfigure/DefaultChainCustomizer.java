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
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import io.github.apikeys.security.ApiKeyConfigurer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.type.MethodMetadata;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;

/**
 * Lets the chain accept keys that Spring Boot makes for an application without one. It is
 * only a customizer, because a chain of the library's own would make Spring Boot's back
 * off and open the application.
 * <p>
 * Every chain is built from an {@link HttpSecurity} that passes here. Those for a special
 * purpose, such as an authorization server's or somebody else's, are left alone.
 */
final class DefaultChainCustomizer implements Customizer<HttpSecurity> {

	private static final List<String> DEFAULT_CHAINS = List.of("defaultSecurityFilterChain",
			"managementSecurityFilterChain", "oauth2SecurityFilterChain", "jwtSecurityFilterChain",
			"opaqueTokenSecurityFilterChain", "samlSecurityFilterChain");

	private static final Log logger = LogFactory.getLog(DefaultChainCustomizer.class);

	private final AtomicBoolean told = new AtomicBoolean();

	private final ConfigurableBeanFactory beanFactory;

	DefaultChainCustomizer(ConfigurableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Returns the names of Spring Boot's default chains. A bean of somebody else may have
	 * the same name, and be defined after it was decided that the application has none.
	 */
	static Stream<String> defaultChains(ConfigurableBeanFactory beanFactory) {
		return DEFAULT_CHAINS.stream()
			.filter((name) -> beanFactory.containsLocalBean(name) && isDefinedBySpringBoot(beanFactory, name));
	}

	private static boolean isDefinedBySpringBoot(ConfigurableBeanFactory beanFactory, String name) {
		String declaring = declaringClassName(beanFactory.getMergedBeanDefinition(name));
		return declaring != null && declaring.startsWith("org.springframework.boot.");
	}

	private static @Nullable String declaringClassName(BeanDefinition definition) {
		MethodMetadata factory = (definition instanceof AnnotatedBeanDefinition annotated)
				? annotated.getFactoryMethodMetadata() : null;
		if (factory != null) {
			return factory.getDeclaringClassName();
		}
		// as in an application that was prepared ahead of time
		Method method = (definition instanceof RootBeanDefinition root) ? root.getResolvedFactoryMethod() : null;
		return (method != null) ? method.getDeclaringClass().getName() : null;
	}

	@Override
	public void customize(HttpSecurity http) {
		if (defaultChains(this.beanFactory).anyMatch(this.beanFactory::isCurrentlyInCreation)) {
			http.with(ApiKeyConfigurer.apiKey());
			if (this.told.compareAndSet(false, true)) {
				logger
					.info("The application has no SecurityFilterChain, so the default chain of Spring Boot closes every "
							+ "path, and accepts API keys besides its logins. Where nothing asks for scopes, such as "
							+ "@HasApiKey, each key will do. To open paths, or to say what they require, define a SecurityFilterChain "
							+ "with 'http.with(ApiKeyConfigurer.apiKey(), " + "Customizer.withDefaults())'.");
			}
		}
	}

}
