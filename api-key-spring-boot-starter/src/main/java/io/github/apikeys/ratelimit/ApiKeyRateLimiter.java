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

package io.github.apikeys.ratelimit;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.RateLimits;

/**
 * Counts the requests of keys against their rate limits. A bean of this type replaces the
 * library's own.
 *
 * @since 0.1.0
 */
public interface ApiKeyRateLimiter {

	/**
	 * Counts a request if no limit is reached. It is counted under
	 * {@link ApiKeyPrincipal#lineId()}, so that no rotation renews a limit.
	 * @param apiKey the key that was presented and verified
	 * @param limits its limits, or the application's default; at least one
	 * @return whether the request was counted, and what is left
	 * @throws RateLimiterUnavailableException if that is not known at the moment
	 */
	RateLimitResult tryConsume(ApiKeyPrincipal apiKey, RateLimits limits);

}
