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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * The messages of everything that is thrown, whether or not anybody shows them.
 */
final class ThrownMessages {

	private static final Set<String> EVENTS = Set.of("jdk.JavaExceptionThrow", "jdk.JavaErrorThrow");

	private final Recording recording = new Recording();

	ThrownMessages() {
		for (String event : EVENTS) {
			this.recording.enable(event).withoutStackTrace().with("throttle", "off");
		}
		this.recording.start();
	}

	/**
	 * Searches what was thrown since the start, and ends it.
	 */
	void search() throws IOException {
		Path file = Files.createTempFile("thrown", ".jfr");
		try (Recording ended = this.recording) {
			ended.stop();
			ended.dump(file);
			try (RecordingFile events = new RecordingFile(file)) {
				while (events.hasMoreEvents()) {
					search(events.readEvent());
				}
			}
		}
		finally {
			Files.delete(file);
		}
	}

	private static void search(RecordedEvent event) {
		if (!EVENTS.contains(event.getEventType().getName())) {
			return;
		}
		String message = event.getString("message");
		String type = event.getClass("thrownClass").getName();
		// those of tests that fail say what they like
		if (message != null && !type.contains("Assertion")) {
			Leaks.search("the message of " + type, message);
		}
	}

}
