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

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.util.Assert;

/**
 * The log in which a developer finds why a key was refused: one line for each refusal, at
 * debug level, under one name for all places that refuse. Clients are told less.
 *
 * @since 0.1.0
 */
public final class RefusalLog {

	/**
	 * The name of the logger.
	 */
	public static final String NAME = "io.github.apikeys.refusals";

	private static final Log logger = LogFactory.getLog(NAME);

	private static final int MAX_LENGTH = 1000;

	private RefusalLog() {
	}

	/**
	 * Whether somebody reads the lines. Ask before a line is put together.
	 * @return whether the debug level is on
	 */
	public static boolean isEnabled() {
		return logger.isDebugEnabled();
	}

	/**
	 * Writes a line. A client may have chosen parts of it, such as an address that a
	 * header names, so it is cut after 1000 characters, and all that is not printable
	 * ASCII becomes a question mark.
	 * @param line what was refused and why, without a secret
	 */
	public static void write(String line) {
		Assert.notNull(line, "line cannot be null");
		if (!logger.isDebugEnabled()) {
			return;
		}
		StringBuilder printable = new StringBuilder(Math.min(line.length(), MAX_LENGTH));
		for (int i = 0; i < line.length() && i < MAX_LENGTH; i++) {
			char c = line.charAt(i);
			printable.append((c >= ' ' && c < 0x7f) ? c : '?');
		}
		logger.debug(printable);
	}

}
