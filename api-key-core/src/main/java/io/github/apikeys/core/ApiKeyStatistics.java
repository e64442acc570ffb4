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

package io.github.apikeys.core;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

import org.springframework.util.Assert;

/**
 * How many keys there are.
 *
 * @since 0.1.0
 */
public final class ApiKeyStatistics {

	private final Map<ApiKeyState, Long> states;

	private final long expiringSoon;

	private final long neverUsed;

	/**
	 * Creates statistics.
	 * @param states how many keys are in each state
	 * @param expiringSoon how many keys expire within the time that was asked for
	 * @param neverUsed how many keys were never accepted
	 */
	public ApiKeyStatistics(Map<ApiKeyState, Long> states, long expiringSoon, long neverUsed) {
		Assert.notNull(states, "states cannot be null");
		this.states = Collections.unmodifiableMap(new EnumMap<>(states));
		this.expiringSoon = expiringSoon;
		this.neverUsed = neverUsed;
	}

	/**
	 * Returns how many keys are in each state.
	 * @return a number for every state, unmodifiable
	 */
	public Map<ApiKeyState, Long> getStates() {
		return this.states;
	}

	/**
	 * Returns how many keys expire within the time that was asked for.
	 * @return the number of keys that are neither revoked nor expired yet
	 */
	public long getExpiringSoon() {
		return this.expiringSoon;
	}

	/**
	 * Returns how many keys were never accepted.
	 * @return the number of keys that are neither revoked nor expired
	 */
	public long getNeverUsed() {
		return this.neverUsed;
	}

	@Override
	public String toString() {
		return "ApiKeyStatistics [states=" + this.states + ", expiringSoon=" + this.expiringSoon + ", neverUsed="
				+ this.neverUsed + "]";
	}

}
