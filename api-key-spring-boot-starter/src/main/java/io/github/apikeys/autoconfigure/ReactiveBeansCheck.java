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

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;

/**
 * Notices an application for Spring WebFlux that became a servlet application since
 * Spring MVC came onto its class path. Its rules for requests count for nothing there, so
 * it does not start if keys would be accepted in place of them.
 */
final class ReactiveBeansCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(ReactiveBeansCheck.class);

	private static final List<OptionalType> OTHERS = List.of(OptionalType.REACTIVE_FILTER,
			OptionalType.REACTIVE_EXCEPTION_HANDLER, OptionalType.REACTIVE_FUNCTION, OptionalType.REACTIVE_MAPPING);

	private static final String CAUSE = "This is a servlet application, since Spring MVC is on the class path; "
			+ "api-key-admin brings it. For the beans of Spring WebFlux there is no server: ";

	private static final String ACTION = "To have a reactive application, remove what brings Spring MVC (API keys are "
			+ "read in servlet applications only). To have a servlet application, remove these beans, and write their "
			+ "rules as a SecurityFilterChain with 'http.with(ApiKeyConfigurer.apiKey(), Customizer.withDefaults())'.";

	private final ConfigurableListableBeanFactory beanFactory;

	ReactiveBeansCheck(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		List<String> chains = names(OptionalType.REACTIVE_CHAIN);
		Set<String> all = new TreeSet<>(chains);
		OTHERS.forEach((type) -> all.addAll(names(type)));
		if (!chains.isEmpty() && decidesAlone()) {
			throw new ApiKeyConfigurationException(CAUSE + all + ". Instead of the rules of " + chains
					+ ", the default chain of Spring Boot would decide, which accepts each API key.", ACTION);
		}
		if (!all.isEmpty()) {
			logger.warn(CAUSE + all + ". " + ACTION);
		}
	}

	/**
	 * Whether the default chain accepts keys, and the application has no say in it. It is
	 * not there if anybody else made one, such as an auto-configuration.
	 */
	private boolean decidesAlone() {
		return this.beanFactory.getBeanNamesForType(DefaultChainCustomizer.class).length > 0
				&& DefaultChainCustomizer.defaultChains(this.beanFactory).findAny().isPresent()
				&& Arrays
					.stream(this.beanFactory
						.getBeanNamesForType(ResolvableType.forClassWithGenerics(Customizer.class, HttpSecurity.class)))
					.allMatch((name) -> this.beanFactory.getType(name) == DefaultChainCustomizer.class);
	}

	private List<String> names(OptionalType type) {
		Class<?> found = type.find();
		return (found != null) ? List.of(this.beanFactory.getBeanNamesForType(found, true, false)) : List.of();
	}

}
