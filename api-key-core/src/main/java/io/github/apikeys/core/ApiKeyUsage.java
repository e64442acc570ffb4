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

import java.time.LocalDate;

import org.springframework.util.Assert;

/**
 * How often keys were presented on one day.
 *
 * @since 0.1.0
 */
public final class ApiKeyUsage {

	private final LocalDate day;

	private final long requests;

	private final long refusals;

	/**
	 * Creates the usage of a day.
	 * @param day a day in UTC
	 * @param requests how often a key was accepted
	 * @param refusals how often a key was refused
	 */
	public ApiKeyUsage(LocalDate day, long requests, long refusals) {
		Assert.notNull(day, "day cannot be null");
		this.day = day;
		this.requests = requests;
		this.refusals = refusals;
	}

	/**
	 * Returns the day.
	 * @return a day in UTC
	 */
	public LocalDate getDay() {
		return this.day;
	}

	/**
	 * Returns how often a key was accepted.
	 * @return the number of verifications that succeeded
	 */
	public long getRequests() {
		return this.requests;
	}

	/**
	 * Returns how often a key was refused.
	 * @return the number of verifications that failed
	 */
	public long getRefusals() {
		return this.refusals;
	}

	@Override
	public String toString() {
		return "ApiKeyUsage [day=" + this.day + ", requests=" + this.requests + ", refusals=" + this.refusals + "]";
	}

}
