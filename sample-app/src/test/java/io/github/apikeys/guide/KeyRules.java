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

package io.github.apikeys.guide;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.ForeignTokenFormat;
import io.github.apikeys.core.token.OpaqueTokenFormat;
import io.github.apikeys.core.token.SecretShape;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

@Configuration(proxyBeanMethods = false)
class KeyRules {

	private final List<String> blocked = new CopyOnWriteArrayList<>();

	private final List<String> log = new CopyOnWriteArrayList<>();

	List<String> blocked() {
		return this.blocked;
	}

	List<String> log() {
		return this.log;
	}

	@Bean
	ApiKeyPolicy ownerIsNotBlocked() {
		return (apiKey) -> apiKey.owner() == null || !this.blocked.contains(apiKey.owner());
	}

	@Bean
	ForeignTokenFormat djangoTokens() {
		return DelimitedTokenFormat.django();
	}

	@Bean
	OpaqueTokenFormat formerTokens(@Value("${former-tokens.id-secret}") String idSecret) {
		return new OpaqueTokenFormat("former", "sk_", SecretShape.of(24, SecretShape.ALPHANUMERIC),
				idSecret.getBytes(StandardCharsets.UTF_8));
	}

	@Bean
	OpaqueTokenFormat deviceTokens(@Value("${device-tokens.id-secret}") String idSecret) {
		return new OpaqueTokenFormat("device", "", SecretShape.of(40, SecretShape.HEXADECIMAL),
				idSecret.getBytes(StandardCharsets.UTF_8));
	}

	@EventListener
	void on(ApiKeyRefusedEvent event) {
		this.log.add(event.getReason() + " from " + event.getRemoteAddress());
	}

}
