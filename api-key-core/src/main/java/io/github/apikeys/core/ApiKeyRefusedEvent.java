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

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEvent;
import org.springframework.util.Assert;

/**
 * The application event that a presented key was refused. It is published on the thread
 * of the request, and stored nowhere.
 *
 * @since 0.1.0
 * @serial exclude
 */
public final class ApiKeyRefusedEvent extends ApplicationEvent {

	private static final long serialVersionUID = 1L;

	private final ApiKeyRefusal reason;

	private final @Nullable String keyId;

	private final @Nullable String remoteAddress;

	private final Instant time;

	/**
	 * Creates an event.
	 * @param source what refused the key
	 * @param reason why it was refused
	 * @param keyId the public id that may be shown, or {@code null} if there is none
	 * @param remoteAddress from where, as the server reports it, or {@code null} if it is
	 * not known; a port is left out
	 * @param time when
	 */
	public ApiKeyRefusedEvent(Object source, ApiKeyRefusal reason, @Nullable String keyId,
			@Nullable String remoteAddress, Instant time) {
		super(source);
		Assert.notNull(reason, "reason cannot be null");
		Assert.notNull(time, "time cannot be null");
		this.reason = reason;
		this.keyId = keyId;
		this.remoteAddress = ApiKeyActor.cutAddress(remoteAddress);
		this.time = time;
	}

	/**
	 * Returns why the key was refused.
	 * @return the reason
	 */
	public ApiKeyRefusal getReason() {
		return this.reason;
	}

	/**
	 * Returns which key was presented.
	 * @return the public id, or {@code null} if the text was malformed, or looked like a
	 * token of another system of which there is no key: then the id may be a part of a
	 * secret
	 */
	public @Nullable String getKeyId() {
		return this.keyId;
	}

	/**
	 * Returns from where it was presented.
	 * @return an IP address, or {@code null} if it is not known
	 */
	public @Nullable String getRemoteAddress() {
		return this.remoteAddress;
	}

	/**
	 * Returns when it was refused.
	 * @return the time
	 */
	public Instant getTime() {
		return this.time;
	}

	@Override
	public String toString() {
		return "ApiKeyRefusedEvent [reason=" + this.reason + ", keyId=" + this.keyId + ", remoteAddress="
				+ this.remoteAddress + "]";
	}

}
