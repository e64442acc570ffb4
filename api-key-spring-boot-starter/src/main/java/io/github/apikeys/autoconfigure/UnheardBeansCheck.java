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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * Stops a context in which the application publishes a policy, a limiter or the like that
 * nobody asks, since what would ask it is in a context above: beans look for others in
 * their own context and above.
 */
final class UnheardBeansCheck implements ApplicationListener<ContextRefreshedEvent> {

	private static final String OURS = "io.github.apikeys.";

	private static final String CORE = OURS + "core.";

	/** What the application may publish, by the type of the bean that asks it. */
	private static final Map<String, List<String>> ASKED = new LinkedHashMap<>();

	static {
		ASKED.put(CORE + "jpa.JpaApiKeyService", List.of(CORE + "ApiKeyPolicy", CORE + "ApiKeyActorResolver",
				CORE + "token.ApiKeyGenerator", CORE + "hash.ApiKeyHashers", CORE + "token.ApiKeyTokenFormats"));
		ASKED.put(CORE + "hash.ApiKeyHashers", List.of(CORE + "hash.ApiKeyHasher"));
		ASKED.put(CORE + "token.ApiKeyTokenFormats",
				List.of(CORE + "token.ApiKeyTokenFormat", CORE + "token.ForeignTokenFormat"));
		ASKED.put(OURS + "security.ApiKeyHttpSettings", List.of(OURS + "security.FailedAttemptLimiter"));
		ASKED.put("org.springframework.security.web.SecurityFilterChain",
				List.of(OURS + "ratelimit.ApiKeyRateLimiter"));
	}

	private final ApplicationContext context;

	UnheardBeansCheck(ApplicationContext context) {
		this.context = context;
	}

	@Override
	public void onApplicationEvent(ContextRefreshedEvent event) {
		if (event.getApplicationContext() != this.context
				&& event.getApplicationContext() instanceof ConfigurableApplicationContext below) {
			RefreshedContext.check(below, () -> ASKED
				.forEach((asking, asked) -> check(below.getBeanFactory(), OptionalType.find(asking), asked)));
		}
	}

	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	private static void check(ConfigurableListableBeanFactory below, @Nullable Class<?> asking, List<String> asked) {
		if (asking == null || below.getBeanNamesForType(asking, true, false).length > 0
				|| !(below.getParentBeanFactory() instanceof ListableBeanFactory above)
				|| BeanFactoryUtils.beanNamesForTypeIncludingAncestors(above, asking, true, false).length == 0) {
			return;
		}
		for (String type : asked) {
			Class<?> published = OptionalType.find(type);
			if (published != null) {
				List<String> unheard = new ArrayList<>(List.of(below.getBeanNamesForType(published, true, false)));
				unheard.removeIf((name) -> name.startsWith(OURS) || isAbove(above, below.getType(name, false)));
				if (!unheard.isEmpty()) {
					throw new ApiKeyConfigurationException(
							"Nothing asks " + unheard + " of type " + published.getName() + ": the bean of type "
									+ asking.getSimpleName()
									+ " that would is in a context above, which does not know them.",
							"Publish them in the context in which API keys are configured.");
				}
			}
		}
	}

	/**
	 * Contexts may scan the same packages of the application.
	 */
	private static boolean isAbove(ListableBeanFactory above, @Nullable Class<?> type) {
		return type != null
				&& Arrays.stream(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(above, type, true, false))
					.anyMatch((name) -> !name.startsWith(OURS) && above.getType(name, false) == type);
	}

	/**
	 * A native image finds no other types by their names than those that were announced.
	 */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			ASKED.forEach((asking, asked) -> {
				hints.reflection().registerTypeIfPresent(classLoader, asking);
				asked.forEach((name) -> hints.reflection().registerTypeIfPresent(classLoader, name));
			});
		}

	}

}
