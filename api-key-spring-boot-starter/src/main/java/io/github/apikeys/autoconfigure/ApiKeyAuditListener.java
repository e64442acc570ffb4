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

package io.github.apikeys.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.apikeys.core.ApiKeyEvent;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;

/**
 * Tells the application's audit of every change of a key, once it is committed.
 */
final class ApiKeyAuditListener {

	/** The author of a change that no user and no key made. */
	static final String NOBODY = "application";

	private static final String TYPE_PREFIX = "API_KEY_";

	private final ApplicationEventPublisher eventPublisher;

	ApiKeyAuditListener(ApplicationEventPublisher eventPublisher) {
		this.eventPublisher = eventPublisher;
	}

	@EventListener
	void on(ApiKeyEvent event) {
		Map<String, Object> data = new LinkedHashMap<>();
		put(data, "keyId", event.getKeyId());
		put(data, "address", event.getAddress());
		put(data, "detail", event.getDetail());
		String actor = event.getActor();
		this.eventPublisher.publishEvent(new AuditApplicationEvent(new AuditEvent(event.getOccurredAt(),
				(actor != null) ? actor : NOBODY, TYPE_PREFIX + event.getChange(), data)));
	}

	private static void put(Map<String, Object> data, String name, @Nullable Object value) {
		if (value != null) {
			data.put(name, value);
		}
	}

}
