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

package io.github.apikeys.security;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

import org.springframework.security.authentication.AuthenticationObservationContext;
import org.springframework.security.authentication.InternalAuthenticationServiceException;

/**
 * What an observation says of an authentication with a key. Spans may name the key;
 * meters, which have the values of low cardinality, never do.
 */
final class ApiKeyObservationConvention implements ObservationConvention<AuthenticationObservationContext> {

	private final boolean keyIdIncluded;

	ApiKeyObservationConvention(boolean keyIdIncluded) {
		this.keyIdIncluded = keyIdIncluded;
	}

	@Override
	public String getName() {
		return "api.key.authentication";
	}

	@Override
	public String getContextualName(AuthenticationObservationContext context) {
		return "authenticate api key";
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(AuthenticationObservationContext context) {
		return KeyValues.of("outcome", outcome(context));
	}

	private static String outcome(AuthenticationObservationContext context) {
		if (context.getAuthenticationResult() != null) {
			return "success";
		}
		Throwable error = context.getError();
		if (error == null) {
			// it has just begun
			return "unknown";
		}
		return (error instanceof InternalAuthenticationServiceException) ? "unavailable" : "refused";
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(AuthenticationObservationContext context) {
		ApiKeyPrincipal apiKey = this.keyIdIncluded ? ApiKeyFactor.find(context.getAuthenticationResult()) : null;
		return (apiKey != null) ? KeyValues.of("api.key.id", apiKey.keyId()) : KeyValues.empty();
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof AuthenticationObservationContext;
	}

}
