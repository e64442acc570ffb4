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

import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.RateLimit;
import io.github.apikeys.core.RateLimits;
import io.github.apikeys.ratelimit.ApiKeyRateLimiter;
import io.github.apikeys.ratelimit.RateLimitResult;
import io.github.apikeys.ratelimit.RateLimiterUnavailableException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Answers 429 when a key makes too many requests, and tells every other request what is
 * left. The fields are those of draft-ietf-httpapi-ratelimit-headers-10.
 */
final class ApiKeyRateLimitFilter extends OncePerRequestFilter {

	private final Supplier<@Nullable ApiKeyRateLimiter> rateLimiter;

	private final @Nullable RateLimits defaultLimits;

	private final RefusalPublisher refusals;

	ApiKeyRateLimitFilter(Supplier<@Nullable ApiKeyRateLimiter> rateLimiter, @Nullable RateLimits defaultLimits,
			RefusalPublisher refusals) {
		this.rateLimiter = rateLimiter;
		this.defaultLimits = defaultLimits;
		this.refusals = refusals;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		VerifiedRequest verified = VerifiedRequest.of(request);
		ApiKeyPrincipal apiKey = (verified != null && verified.count()) ? ApiKeyFactor.find(verified.key()) : null;
		if (apiKey == null || permits(apiKey, request, response)) {
			filterChain.doFilter(request, response);
		}
	}

	/**
	 * Counts a request.
	 * @return whether it may go on; otherwise it is answered
	 */
	private boolean permits(ApiKeyPrincipal apiKey, HttpServletRequest request, HttpServletResponse response)
			throws IOException {
		RateLimits own = apiKey.rateLimits();
		RateLimits limits = (own != null) ? own : this.defaultLimits;
		if (limits == null || limits.limits().isEmpty()) {
			return true;
		}
		ApiKeyRateLimiter rateLimiter = this.rateLimiter.get();
		if (rateLimiter == null) {
			this.logger.error("API key '" + apiKey.keyId() + "' has rate limits, and nothing can count them: add the "
					+ "dependency com.bucket4j:bucket4j_jdk17-core, or publish a bean of type ApiKeyRateLimiter. A test "
					+ "of the web layer has that bean if it imports the class that publishes it");
			return unavailable(response);
		}
		RateLimitResult result;
		try {
			result = rateLimiter.tryConsume(apiKey, limits);
		}
		catch (RateLimiterUnavailableException ex) {
			this.logger.error("The rate limits of an API key are not known: " + ex.getMessage());
			return unavailable(response);
		}
		catch (RuntimeException ex) {
			if (MalformedRequest.isAnswered(ex, response)) {
				return false;
			}
			this.logger.error("The rate limits of an API key are not known", ex);
			return unavailable(response);
		}
		writeHeaders(result, response);
		if (result.isAllowed()) {
			return true;
		}
		long seconds = Math.max(1, toSeconds(result.getRetryAfter()));
		this.refusals.publish(ApiKeyRefusal.RATE_LIMIT,
				"its rate limits are " + limits + ((own == null) ? " (api-key.rate-limit.default)" : "")
						+ ", and requests of the keys that it replaced count too",
				apiKey, request);
		response.setHeader(HttpHeaders.RETRY_AFTER, String.valueOf(seconds));
		ProblemResponse.write(response, Problem.RATE_LIMIT, "Too many requests with this API key. Try again in "
				+ seconds + ((seconds == 1) ? " second." : " seconds."), "");
		return false;
	}

	private static boolean unavailable(HttpServletResponse response) throws IOException {
		ProblemResponse.writeUnavailable(response, "Rate limits cannot be checked at the moment. Try again later.");
		return false;
	}

	private static void writeHeaders(RateLimitResult result, HttpServletResponse response) {
		StringBuilder policy = new StringBuilder();
		StringBuilder state = new StringBuilder();
		for (RateLimitResult.Remaining remaining : result.getRemaining()) {
			RateLimit limit = remaining.getLimit();
			String separator = policy.isEmpty() ? "" : ", ";
			policy.append(separator)
				.append('"')
				.append(limit)
				.append("\";q=")
				.append(limit.requests())
				.append(";w=")
				.append(limit.window().toSeconds());
			state.append(separator)
				.append('"')
				.append(limit)
				.append("\";r=")
				.append(remaining.getRequests())
				.append(";t=")
				.append(toSeconds(remaining.getReset()));
		}
		response.setHeader("RateLimit-Policy", policy.toString());
		response.setHeader("RateLimit", state.toString());
	}

	/**
	 * Full seconds, rounded up, so that a request after them is not too early.
	 */
	private static long toSeconds(Duration duration) {
		return duration.plusSeconds(1).minusNanos(1).toSeconds();
	}

}
