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

import java.time.Instant;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.RefusalLog;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Tells the application that a request with a verified key was refused.
 */
final class RefusalPublisher {

	private static final Log logger = LogFactory.getLog(RefusalPublisher.class);

	private final ApplicationEventPublisher eventPublisher;

	RefusalPublisher(ApplicationEventPublisher eventPublisher) {
		this.eventPublisher = eventPublisher;
	}

	/**
	 * Writes the line of a refusal, and publishes its event.
	 * @param detail for the line: what the key used up
	 */
	void publish(ApiKeyRefusal reason, String detail, ApiKeyPrincipal apiKey, HttpServletRequest request) {
		if (RefusalLog.isEnabled()) {
			RefusalLog.write("API key '" + apiKey.keyId() + "' refused: " + reason + ", " + detail);
		}
		try {
			this.eventPublisher.publishEvent(
					new ApiKeyRefusedEvent(this, reason, apiKey.keyId(), request.getRemoteAddr(), Instant.now()));
		}
		catch (RuntimeException ex) {
			// the caller is refused all the same
			logger.error("A listener failed to handle the refusal of an API key", ex);
		}
	}

}
