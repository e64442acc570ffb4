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
import java.util.Enumeration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * A session of which nothing is left after the request. It takes what another mechanism
 * of the chain would keep while a key is presented.
 */
final class ForgottenSession implements HttpSession {

	private final ServletContext servletContext;

	private final String id = UUID.randomUUID().toString();

	private final long creationTime = System.currentTimeMillis();

	private final Map<String, Object> attributes = new ConcurrentHashMap<>();

	private int maxInactiveInterval = -1;

	private boolean valid = true;

	ForgottenSession(ServletContext servletContext) {
		this.servletContext = servletContext;
	}

	boolean isValid() {
		return this.valid;
	}

	private void checkValid() {
		Assert.state(this.valid, "The session was invalidated");
	}

	@Override
	public long getCreationTime() {
		checkValid();
		return this.creationTime;
	}

	@Override
	public String getId() {
		return this.id;
	}

	@Override
	public long getLastAccessedTime() {
		checkValid();
		return this.creationTime;
	}

	@Override
	public ServletContext getServletContext() {
		return this.servletContext;
	}

	@Override
	public void setMaxInactiveInterval(int interval) {
		this.maxInactiveInterval = interval;
	}

	@Override
	public int getMaxInactiveInterval() {
		return this.maxInactiveInterval;
	}

	@Override
	public @Nullable Object getAttribute(String name) {
		checkValid();
		return this.attributes.get(name);
	}

	@Override
	public Enumeration<String> getAttributeNames() {
		checkValid();
		return Collections.enumeration(this.attributes.keySet());
	}

	@Override
	public void setAttribute(String name, @Nullable Object value) {
		checkValid();
		if (value == null) {
			this.attributes.remove(name);
		}
		else {
			this.attributes.put(name, value);
		}
	}

	@Override
	public void removeAttribute(String name) {
		checkValid();
		this.attributes.remove(name);
	}

	@Override
	public void invalidate() {
		checkValid();
		this.valid = false;
	}

	@Override
	public boolean isNew() {
		checkValid();
		return true;
	}

}
