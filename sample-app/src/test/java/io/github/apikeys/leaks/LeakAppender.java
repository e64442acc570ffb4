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
package io.github.apikeys.leaks;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;

/**
 * Reads the log as somebody would who looks for keys in it.
 */
public final class LeakAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

	@Override
	protected void append(ILoggingEvent event) {
		String place = "the log of " + event.getLoggerName() + " at " + event.getLevel();
		Leaks.search(place, event.getFormattedMessage());
		event.getMDCPropertyMap().values().forEach((value) -> Leaks.search(place, value));
		if (event.getThrowableProxy() != null) {
			Leaks.search(place, ThrowableProxyUtil.asString(event.getThrowableProxy()));
		}
	}

}
