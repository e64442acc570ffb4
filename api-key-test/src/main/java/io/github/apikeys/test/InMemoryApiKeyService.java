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

package io.github.apikeys.test;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.DefaultApiKeyService;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.verification.ApiKeyVerifier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.log.LogMessage;
import org.springframework.util.Assert;

/**
 * An {@link io.github.apikeys.core.ApiKeyService} that keeps keys in memory, for tests of
 * code that creates, verifies and manages keys. It does what the service on a database
 * does, but for these:
 * <ul>
 * <li>It joins no transaction: every change is made when its method returns, and
 * stays.</li>
 * <li>The use of a key is known at once.</li>
 * <li>A search looks at name, key id and owner, not at other places, which are conditions
 * for a database.</li>
 * </ul>
 *
 * @since 0.1.0
 */
public final class InMemoryApiKeyService extends DefaultApiKeyService implements ApiKeyTokenVerifier, ApiKeyQuotas {

	private final Parts parts;

	private Clock clock = Clock.systemUTC();

	/**
	 * Creates a service whose tokens begin with {@code ak}.
	 */
	public InMemoryApiKeyService() {
		this(new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of())));
	}

	/**
	 * Creates a service.
	 * @param tokenFormats how tokens are written
	 */
	public InMemoryApiKeyService(ApiKeyTokenFormats tokenFormats) {
		this(tokenFormats, new ApiKeyHashers(Sha256ApiKeyHasher.SCHEME, List.of(new Sha256ApiKeyHasher())));
	}

	private InMemoryApiKeyService(ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers) {
		this(new Parts(tokenFormats, hashers), tokenFormats, hashers);
	}

	private InMemoryApiKeyService(Parts parts, ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers) {
		super(parts.repository, tokenFormats, hashers, parts.verifier::findIdByToken);
		this.parts = parts;
	}

	@Override
	public void setClock(Clock clock) {
		super.setClock(clock);
		this.parts.verifier.setClock(clock);
		this.clock = clock;
	}

	/**
	 * Sets the application's rules for the use of keys.
	 * @param policies all of them must permit a key; none by default
	 */
	public void setPolicies(Collection<? extends ApiKeyPolicy> policies) {
		this.parts.verifier.setPolicies(policies);
	}

	/**
	 * Sets which metadata of a key its principal has.
	 * @param names of 1 to 100 characters each, at most 10; none by default
	 * @throws IllegalArgumentException if there are more, or one is not of that form
	 */
	public void setPrincipalMetadata(Collection<String> names) {
		this.parts.source.setPrincipalMetadata(checkPrincipalMetadata(names));
	}

	/**
	 * Sets where {@link ApiKeyEvent}s and {@link ApiKeyRefusedEvent}s go.
	 * @param eventPublisher the publisher; by default they go nowhere
	 */
	public void setApplicationEventPublisher(ApplicationEventPublisher eventPublisher) {
		Assert.notNull(eventPublisher, "eventPublisher cannot be null");
		this.parts.eventPublisher = eventPublisher;
		this.parts.verifier.setEventPublisher(eventPublisher);
	}

	/**
	 * Forgets every key, as if there had never been one.
	 */
	public void clear() {
		this.parts.keys.clear();
	}

	@Override
	public Optional<ApiKeyPrincipal> verify(@Nullable String token, @Nullable String remoteAddress) {
		Optional<ApiKeyPrincipal> verified = this.parts.verifier.verify(token, remoteAddress);
		verified.ifPresent((apiKey) -> this.parts.source.use(apiKey.id(),
				this.clock.instant().truncatedTo(ChronoUnit.MICROS), remoteAddress));
		return verified;
	}

	@Override
	public boolean consumeQuota(UUID id) {
		return this.parts.source.consumeQuota(id);
	}

	@Override
	public void refundQuota(UUID id) {
		this.parts.source.refundQuota(id);
	}

	/**
	 * What verifies and keeps the keys.
	 */
	private static final class Parts {

		private static final Log logger = LogFactory.getLog(InMemoryApiKeyService.class);

		private final KeyMap keys = new KeyMap(this::publish);

		private final InMemoryApiKeyRepository repository = new InMemoryApiKeyRepository(this.keys);

		private final InMemoryVerificationSource source = new InMemoryVerificationSource(this.keys);

		private final ApiKeyVerifier verifier;

		private volatile ApplicationEventPublisher eventPublisher = (event) -> {
		};

		Parts(ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers) {
			this.verifier = new ApiKeyVerifier(tokenFormats, hashers, this.source, (counts) -> List.of());
			// a test has no threads to stop
			this.verifier.setDeferredWrites(false);
		}

		private void publish(ApiKeyEvent event) {
			try {
				this.eventPublisher.publishEvent(event);
			}
			catch (RuntimeException ex) {
				// the change is made, and only the caller gets a new plaintext
				logger.error(LogMessage.format("A listener failed to handle %s", event), ex);
			}
		}

	}

}
