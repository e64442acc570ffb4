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

import java.util.Locale;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Who, if anybody, takes the address of a client from forwarding headers. Where somebody
 * does, the remote address is the answer, and what is left of the headers means nothing.
 */
enum ForwardedHeaders {

	/** Nobody: the remote address is that of the client or of a proxy. */
	NONE,

	/** The server, which believes trusted proxies only. */
	NATIVE,

	/** Spring's filter, which believes the first address, whoever wrote it. */
	FRAMEWORK;

	private static final String PROPERTY = "server.forward-headers-strategy";

	private static final Log logger = LogFactory.getLog(ForwardedHeaders.class);

	/**
	 * Reads the setting as Spring Boot does, which on a cloud platform has a default.
	 */
	static ForwardedHeaders of(Environment environment) {
		String strategy = environment.getProperty(PROPERTY);
		if (StringUtils.hasText(strategy)) {
			for (ForwardedHeaders each : values()) {
				if (each.name().equals(strategy.strip().toUpperCase(Locale.ROOT))) {
					return each;
				}
			}
			return NONE;
		}
		CloudPlatform platform = CloudPlatform.getActive(environment);
		return (platform != null && platform.isUsingForwardHeaders()) ? NATIVE : NONE;
	}

	boolean areProcessed() {
		return this != NONE;
	}

	void warnIfAnybodySaysWhoTheyAre() {
		if (this == FRAMEWORK) {
			logger
				.warn("'" + PROPERTY + "' is 'framework': the remote address is the first one in a forwarding header, "
						+ "which a client can write. Allowed addresses of API keys and the limit of failed attempts "
						+ "depend on it. Set it to 'native', or let the proxy replace the headers of its clients.");
		}
	}

}
