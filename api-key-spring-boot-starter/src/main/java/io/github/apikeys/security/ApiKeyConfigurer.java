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

import java.util.List;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.ratelimit.ApiKeyRateLimiter;
import io.micrometer.observation.ObservationRegistry;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationContext;
import org.springframework.security.authentication.AuthenticationEventPublisher;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.ObservationAuthenticationManager;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.CsrfConfigurer;
import org.springframework.security.config.annotation.web.configurers.ExceptionHandlingConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.ExceptionTranslationFilter;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.AuthenticationConverter;
import org.springframework.security.web.authentication.switchuser.SwitchUserFilter;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.util.Assert;
import org.springframework.util.function.SingletonSupplier;

/**
 * Lets a chain accept API keys, besides whatever else it accepts. It says how callers are
 * authenticated, not what they may do: that is up to {@code authorizeHttpRequests} and
 * {@link HasApiKey}.
 *
 * <pre>
 * http.with(apiKey(), withDefaults());
 * </pre>
 *
 * What is not set here comes from a bean of type {@link ApiKeyHttpSettings}, if there is
 * one.
 *
 * @since 0.1.0
 */
public final class ApiKeyConfigurer extends AbstractHttpConfigurer<ApiKeyConfigurer, HttpSecurity> {

	private @Nullable List<String> headerNames;

	private @Nullable List<String> schemes;

	private @Nullable AuthenticationConverter authenticationConverter;

	private @Nullable AuthenticationEntryPoint authenticationEntryPoint;

	private @Nullable RequestMatcher requestMatcher;

	private boolean otherCredentialsAccepted;

	private @Nullable ApiKeyTokenVerifier tokenVerifier;

	private @Nullable KeyHeaders headers;

	private ApiKeyConfigurer() {
	}

	/**
	 * Creates a configurer for {@link HttpSecurity#with}.
	 * @return the configurer
	 */
	public static ApiKeyConfigurer apiKey() {
		return new ApiKeyConfigurer();
	}

	/**
	 * Sets the headers that hold nothing but a key.
	 * @param headerNames names of headers, none to read {@code Authorization} only
	 * @return this
	 */
	public ApiKeyConfigurer headerNames(String... headerNames) {
		this.headerNames = List.of(headerNames);
		return this;
	}

	/**
	 * Sets the words before a key in {@code Authorization}.
	 * @param schemes scheme words, none to leave {@code Authorization} to others.
	 * {@code Bearer} claims only what starts like a key
	 * @return this
	 */
	public ApiKeyConfigurer schemes(String... schemes) {
		this.schemes = List.of(schemes);
		return this;
	}

	/**
	 * Replaces how a key is found in a request. Requests with a key then need a CSRF
	 * token like all others, since only a key in a header proves that no other site sent
	 * the request; exempt them yourself if your converter reads nothing but headers.
	 * @param authenticationConverter returns an {@link ApiKeyAuthenticationToken}, or
	 * {@code null} if the request has none
	 * @return this
	 */
	public ApiKeyConfigurer authenticationConverter(AuthenticationConverter authenticationConverter) {
		this.authenticationConverter = authenticationConverter;
		return this;
	}

	/**
	 * Replaces what a caller gets whose key is refused, and, in a chain without any other
	 * way to log in, a caller without a key.
	 * @param authenticationEntryPoint the entry point
	 * @return this
	 */
	public ApiKeyConfigurer authenticationEntryPoint(AuthenticationEntryPoint authenticationEntryPoint) {
		this.authenticationEntryPoint = authenticationEntryPoint;
		return this;
	}

	/**
	 * Sets where keys are read. Elsewhere a key in a header means nothing.
	 * @param requestMatcher the requests
	 * @return this
	 */
	public ApiKeyConfigurer requestMatcher(RequestMatcher requestMatcher) {
		this.requestMatcher = requestMatcher;
		return this;
	}

	/**
	 * Accepts a key together with credentials of another mechanism in
	 * {@code Authorization}, which is refused otherwise. Both must be valid. The other
	 * mechanism then says who the user is and what the user may do; the key is to be
	 * found with {@link ApiKeyFactor#find}, and {@code @HasApiKey} and
	 * {@code hasApiKey(..)} ask for the scopes of the key.
	 * @return this
	 */
	public ApiKeyConfigurer acceptOtherCredentials() {
		this.otherCredentialsAccepted = true;
		return this;
	}

	/**
	 * Sets what verifies the keys of this chain.
	 * @param tokenVerifier the verifier; by default, the bean of that type
	 * @return this
	 */
	public ApiKeyConfigurer tokenVerifier(ApiKeyTokenVerifier tokenVerifier) {
		this.tokenVerifier = tokenVerifier;
		return this;
	}

	@Override
	public void init(HttpSecurity http) {
		ApiKeyHttpSettings settings = settings(http);
		if (this.headerNames == null) {
			this.headerNames = settings.getHeaderNames();
		}
		if (this.schemes == null) {
			this.schemes = settings.getSchemes();
		}
		if (this.requestMatcher == null) {
			this.requestMatcher = settings.getRequestMatcher();
		}
		String challenge = this.schemes.isEmpty() ? "Api-Key" : this.schemes.get(0);
		if (this.authenticationEntryPoint == null) {
			this.authenticationEntryPoint = new ApiKeyAuthenticationEntryPoint(challenge);
		}
		if (this.authenticationConverter == null) {
			ApiKeyAuthenticationConverter converter = new ApiKeyAuthenticationConverter(this.headerNames, this.schemes,
					bean(http, ApiKeyTokenFormats.class));
			converter.setOtherCredentialsAccepted(this.otherCredentialsAccepted);
			this.authenticationConverter = converter;
		}
		registerCsrfExemption(http);
		registerAccessDeniedHandler(http, settings.isRequiredScopesTold() ? challenge : null);
		registerHeaders(http);
		if (settings.isChallengedBesideOthers()) {
			http.addFilterBefore(postProcess(new ChallengeFilter(this.requestMatcher, challenge)), CsrfFilter.class);
		}
		// Configurers added now are initialized after all others, the application's too.
		http.with(new LastResortEntryPoint(this.authenticationEntryPoint));
	}

	@Override
	public void configure(HttpSecurity http) {
		Assert.state(this.requestMatcher != null && this.authenticationConverter != null
				&& this.authenticationEntryPoint != null && this.headers != null, "init must be called first");
		ApiKeyAuthenticationFilter filter = new ApiKeyAuthenticationFilter(this.requestMatcher,
				this.authenticationConverter, authenticationManager(http),
				new ApiKeyAuthenticationFailureHandler(this.authenticationEntryPoint));
		filter.setSecurityContextHolderStrategy(getSecurityContextHolderStrategy());
		filter.setHeaders(this.headers);
		filter.setOtherCredentialsAccepted(this.otherCredentialsAccepted);
		filter.setFailedAttemptLimiter(settings(http).getFailedAttemptLimiter());
		// before everything that acts on a request, and behind what every answer needs
		http.addFilterBefore(postProcess(filter), CsrfFilter.class);
		http.addFilterBefore(postProcess(rateLimitFilter(http)), CsrfFilter.class);
		// where what it throws is handled
		http.addFilterBefore(
				postProcess(new ApiKeyCallerFilter(getSecurityContextHolderStrategy(), this.authenticationEntryPoint)),
				AuthorizationFilter.class);
		http.addFilterAfter(postProcess(new ApiKeyQuotaFilter(getSecurityContextHolderStrategy(),
				lazily(http, ApiKeyQuotas.class), refusalPublisher(http))), AuthorizationFilter.class);
		// behind every mechanism of the chain
		http.addFilterAfter(postProcess(new ApplicationTurnFilter()), SwitchUserFilter.class);
		if (settings(http).isKeyIdLogged()) {
			// behind every mechanism, before what handles a denial
			http.addFilterBefore(postProcess(new ApiKeyMdcFilter()), ExceptionTranslationFilter.class);
		}
	}

	private static ApiKeyRateLimitFilter rateLimitFilter(HttpSecurity http) {
		ApplicationContext context = http.getSharedObject(ApplicationContext.class);
		ObjectProvider<ApiKeyRateLimiter> rateLimiter = context.getBeanProvider(ApiKeyRateLimiter.class);
		return new ApiKeyRateLimitFilter(SingletonSupplier.ofNullable(rateLimiter::getIfUnique),
				settings(http).getDefaultRateLimits(), refusalPublisher(http));
	}

	private static RefusalPublisher refusalPublisher(HttpSecurity http) {
		return new RefusalPublisher(http.getSharedObject(ApplicationContext.class));
	}

	/**
	 * A manager of its own: no other provider sees the plaintext, and the application may
	 * replace the manager of its chain.
	 */
	private AuthenticationManager authenticationManager(HttpSecurity http) {
		ApplicationContext context = http.getSharedObject(ApplicationContext.class);
		ApiKeyTokenVerifier own = this.tokenVerifier;
		ProviderManager manager = new ProviderManager(
				new ApiKeyAuthenticationProvider((own != null) ? () -> own : lazily(http, ApiKeyTokenVerifier.class),
						settings(http).getDeclaredScopes()));
		context.getBeanProvider(AuthenticationEventPublisher.class).ifUnique(manager::setAuthenticationEventPublisher);
		return postProcess(observed(manager, settings(http)));
	}

	private static AuthenticationManager observed(AuthenticationManager manager, ApiKeyHttpSettings settings) {
		ObservationRegistry registry = settings.getObservationRegistry();
		if (registry == null) {
			return manager;
		}
		ObservationAuthenticationManager observed = new ObservationAuthenticationManager(registry, manager);
		observed.setObservationConvention(new ApiKeyObservationConvention(settings.isKeyIdObserved()));
		return observed;
	}

	/**
	 * Looked up when the first key comes: a controller of the application may need the
	 * chain and the service both.
	 */
	private static <T> Supplier<T> lazily(HttpSecurity http, Class<T> type) {
		return SingletonSupplier.of(() -> bean(http, type));
	}

	/**
	 * Exempt is a request whose key was verified already, so that a junk key exempts
	 * nothing.
	 */
	private static void registerCsrfExemption(HttpSecurity http) {
		CsrfConfigurer<HttpSecurity> csrf = http.getConfigurer(CsrfConfigurer.class);
		if (csrf != null) {
			csrf.ignoringRequestMatchers(ApiKeyConfigurer::isKeyAlone);
		}
	}

	private static boolean isKeyAlone(HttpServletRequest request) {
		VerifiedRequest verified = VerifiedRequest.of(request);
		return verified != null && verified.isAlone();
	}

	private void registerHeaders(HttpSecurity http) {
		HeadersConfigurer<HttpSecurity> writers = http.getConfigurer(HeadersConfigurer.class);
		List<String> names = (this.authenticationConverter instanceof ApiKeyAuthenticationConverter ours)
				? ours.headerNames() : List.of();
		this.headers = new KeyHeaders(names, writers != null);
		if (writers != null) {
			writers.addHeaderWriter(this.headers);
		}
	}

	private void registerAccessDeniedHandler(HttpSecurity http, @Nullable String challenge) {
		ExceptionHandlingConfigurer<HttpSecurity> exceptions = http.getConfigurer(ExceptionHandlingConfigurer.class);
		if (exceptions != null) {
			ApiKeyAccessDeniedHandler handler = new ApiKeyAccessDeniedHandler(getSecurityContextHolderStrategy(),
					challenge);
			exceptions.defaultAccessDeniedHandlerFor(handler, handler::isForKey);
		}
	}

	private static ApiKeyHttpSettings settings(HttpSecurity http) {
		return http.getSharedObject(ApplicationContext.class)
			.getBeanProvider(ApiKeyHttpSettings.class)
			.getIfAvailable(ApiKeyHttpSettings::new);
	}

	private static <T> T bean(HttpSecurity http, Class<T> type) {
		T bean = http.getSharedObject(ApplicationContext.class).getBeanProvider(type).getIfUnique();
		if (bean == null) {
			throw new IllegalStateException("API keys need one bean of type " + type.getName()
					+ ". In a test of the web layer alone, add api-key-test or provide it with @MockitoBean.");
		}
		return bean;
	}

	/**
	 * Registers an entry point behind all others. Spring Security asks the first one
	 * where no matcher matches, so this one has a say only where it is alone.
	 */
	private static final class LastResortEntryPoint extends AbstractHttpConfigurer<LastResortEntryPoint, HttpSecurity> {

		private final AuthenticationEntryPoint entryPoint;

		LastResortEntryPoint(AuthenticationEntryPoint entryPoint) {
			this.entryPoint = entryPoint;
		}

		@Override
		public void init(HttpSecurity http) {
			ExceptionHandlingConfigurer<HttpSecurity> exceptions = http
				.getConfigurer(ExceptionHandlingConfigurer.class);
			if (exceptions != null) {
				exceptions.defaultAuthenticationEntryPointFor(this.entryPoint, (request) -> false);
			}
		}

	}

}
