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
package io.github.apikeys.leaks;

import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;

/**
 * Learns the secrets that each application issues, and searches its database and its
 * sessions: after each test, or when the test closes the application itself.
 */
public final class LeakCheckContextInitializer
		implements ApplicationContextInitializer<GenericApplicationContext>, TestExecutionListener {

	private static final Set<ApplicationContext> searchedAfterEachTest = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	@Override
	public void initialize(GenericApplicationContext context) {
		context.registerBean(ApiKeyGenerator.class, LearningGenerator::new);
		context.addApplicationListener((ApplicationListener<ContextClosedEvent>) (event) -> {
			if (!searchedAfterEachTest.contains(event.getApplicationContext())) {
				search(event.getApplicationContext());
			}
		});
	}

	@Override
	public void afterTestMethod(TestContext testContext) {
		searchedAfterEachTest.add(testContext.getApplicationContext());
		search(testContext.getApplicationContext());
	}

	private static void search(ApplicationContext context) {
		try {
			ContextSearch.search(context);
		}
		catch (Exception ex) {
			Leaks.cannotSearch(ex);
		}
	}

	/**
	 * The usual one, overheard.
	 */
	private static final class LearningGenerator implements ApiKeyGenerator {

		private final ApiKeyGenerator generator = new SecureRandomApiKeyGenerator();

		@Override
		public String generateKeyId() {
			return this.generator.generateKeyId();
		}

		@Override
		public String generateSecret() {
			return Secrets.learn(this.generator.generateSecret());
		}

	}

}
