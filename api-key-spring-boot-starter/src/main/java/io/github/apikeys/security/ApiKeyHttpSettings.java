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

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import io.github.apikeys.core.RateLimits;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * What {@link ApiKeyConfigurer} starts from in every chain of the application, unless the
 * chain says otherwise. The auto-configuration publishes the only bean of this type;
 * without it, an application publishes one to change the defaults.
 *
 * @since 0.1.0
 */
public final class ApiKeyHttpSettings {

	private List<String> headerNames = List.of("X-API-Key");

	private List<String> schemes = List.of("Api-Key");

	private RequestMatcher requestMatcher = AnyRequestMatcher.INSTANCE;

	private Set<String> declaredScopes = Set.of();

	private @Nullable RateLimits defaultRateLimits;

	private @Nullable FailedAttemptLimiter failedAttemptLimiter;

	private boolean keyIdLogged;

	private boolean requiredScopesTold = true;

	private boolean challengedBesideOthers;

	private @Nullable ObservationRegistry observationRegistry;

	private boolean keyIdObserved;

	/**
	 * Sets the headers that hold nothing but a key.
	 * @param headerNames names of headers, {@code X-API-Key} by default
	 */
	public void setHeaderNames(List<String> headerNames) {
		this.headerNames = List.copyOf(headerNames);
	}

	/**
	 * Returns the headers that hold nothing but a key.
	 * @return names of headers, the preferred one first
	 */
	public List<String> getHeaderNames() {
		return this.headerNames;
	}

	/**
	 * Sets the words before a key in {@code Authorization}.
	 * @param schemes scheme words, {@code Api-Key} by default
	 */
	public void setSchemes(List<String> schemes) {
		this.schemes = List.copyOf(schemes);
	}

	/**
	 * Returns the words before a key in {@code Authorization}.
	 * @return scheme words, the preferred one first
	 */
	public List<String> getSchemes() {
		return this.schemes;
	}

	/**
	 * Sets where keys are read at all.
	 * @param requestMatcher the requests, all by default
	 */
	public void setRequestMatcher(RequestMatcher requestMatcher) {
		this.requestMatcher = requestMatcher;
	}

	/**
	 * Sets the scopes to which wildcards expand as authorities, in alphabetical order.
	 * @param declaredScopes scopes, none by default
	 */
	public void setDeclaredScopes(Set<String> declaredScopes) {
		this.declaredScopes = Collections.unmodifiableSet(new TreeSet<>(declaredScopes));
	}

	/**
	 * Sets the rate limits of keys that have none of their own.
	 * @param defaultRateLimits the limits, or {@code null}, as by default, for none
	 */
	public void setDefaultRateLimits(@Nullable RateLimits defaultRateLimits) {
		this.defaultRateLimits = defaultRateLimits;
	}

	/**
	 * Sets what limits failed attempts.
	 * @param failedAttemptLimiter the limiter, which must also hear application events,
	 * or {@code null}, as by default, for no limit
	 */
	public void setFailedAttemptLimiter(@Nullable FailedAttemptLimiter failedAttemptLimiter) {
		this.failedAttemptLimiter = failedAttemptLimiter;
	}

	/**
	 * Sets whether the public id of a key is in the logging context (MDC), as
	 * {@code apiKeyId}, while its request is handled.
	 * @param keyIdLogged whether it is, {@code false} by default
	 */
	public void setKeyIdLogged(boolean keyIdLogged) {
		this.keyIdLogged = keyIdLogged;
	}

	/**
	 * Sets who observes each authentication, as {@code api.key.authentication} with the
	 * {@code outcome} {@code success}, {@code refused} or {@code unavailable}.
	 * @param observationRegistry the registry, or {@code null}, as by default, if nobody
	 * does
	 */
	public void setObservationRegistry(@Nullable ObservationRegistry observationRegistry) {
		this.observationRegistry = observationRegistry;
	}

	/**
	 * Sets whether an observation has the public id of the key, as {@code api.key.id}, a
	 * value of high cardinality.
	 * @param keyIdObserved whether it has, {@code false} by default
	 */
	public void setKeyIdObserved(boolean keyIdObserved) {
		this.keyIdObserved = keyIdObserved;
	}

	/**
	 * Sets whether an answer 403 to a key names the scopes that {@link HasApiKey} or
	 * {@code hasApiKey(..)} requires.
	 * @param requiredScopesTold whether it does, {@code true} by default
	 */
	public void setRequiredScopesTold(boolean requiredScopesTold) {
		this.requiredScopesTold = requiredScopesTold;
	}

	/**
	 * Sets whether an answer 401 of another mechanism to a caller without a key says, in
	 * one more {@code WWW-Authenticate}, that keys are accepted as well. The chain must
	 * write headers ({@code HttpSecurity.headers}).
	 * @param challengedBesideOthers whether it does, {@code false} by default
	 */
	public void setChallengedBesideOthers(boolean challengedBesideOthers) {
		this.challengedBesideOthers = challengedBesideOthers;
	}

	boolean isRequiredScopesTold() {
		return this.requiredScopesTold;
	}

	boolean isChallengedBesideOthers() {
		return this.challengedBesideOthers;
	}

	@Nullable ObservationRegistry getObservationRegistry() {
		return this.observationRegistry;
	}

	boolean isKeyIdObserved() {
		return this.keyIdObserved;
	}

	boolean isKeyIdLogged() {
		return this.keyIdLogged;
	}

	@Nullable RateLimits getDefaultRateLimits() {
		return this.defaultRateLimits;
	}

	@Nullable FailedAttemptLimiter getFailedAttemptLimiter() {
		return this.failedAttemptLimiter;
	}

	RequestMatcher getRequestMatcher() {
		return this.requestMatcher;
	}

	/**
	 * Returns the scopes to which wildcards expand as authorities.
	 * @return scopes in alphabetical order, unmodifiable
	 */
	public Set<String> getDeclaredScopes() {
		return this.declaredScopes;
	}

}
