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

package io.github.apikeys.admin;

import io.github.apikeys.core.support.Causes;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;

/**
 * Says that the pages bring Spring MVC where Spring Cloud Gateway for WebFlux refuses it.
 * Its own advice is to remove a dependency that such an application does not have.
 */
final class ReactiveGatewayFailureAnalyzer implements FailureAnalyzer, Ordered {

	private static final String FAILURE = "org.springframework.cloud.gateway.support.MvcFoundOnClasspathException";

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public @Nullable FailureAnalysis analyze(Throwable failure) {
		for (Throwable cause : Causes.of(failure)) {
			if (cause.getClass().getName().equals(FAILURE)) {
				return new FailureAnalysis(
						"api-key-admin brings Spring MVC, and Spring Cloud Gateway for WebFlux does not run with it.",
						"Remove api-key-admin, and run its pages in an application of their own for Spring MVC that "
								+ "uses the same database. Or use Spring Cloud Gateway for Spring MVC: its routes "
								+ "can require API keys, which are read in servlet applications only.",
						cause);
			}
		}
		return null;
	}

}
