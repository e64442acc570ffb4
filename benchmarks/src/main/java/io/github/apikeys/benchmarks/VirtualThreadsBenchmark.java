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

package io.github.apikeys.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Compares an endpoint with its open twin on virtual threads, and counts how often one of
 * them was pinned. It needs JDK 21 or later.
 */
public final class VirtualThreadsBenchmark {

	private VirtualThreadsBenchmark() {
	}

	/**
	 * Runs the benchmark.
	 * @param args nothing
	 * @throws Exception if anything fails
	 */
	public static void main(String[] args) throws Exception {
		Path recordings = Files.createTempDirectory("recordings");
		Map<String, String> targets = new LinkedHashMap<>();
		targets.put("open endpoint in the chain of the next", "keys /open");
		targets.put("API key, rule in the chain", "keys /hello");
		targets.put("API key, lean chain", "lean /hello");
		HttpBenchmark.run(targets, HttpBenchmark.WARM_UP_SECONDS,
				List.of("-XX:StartFlightRecording=dumponexit=true,settings=default,filename=" + recordings),
				"--spring.threads.virtual.enabled=true");
		long pinned = 0;
		long events = 0;
		try (Stream<Path> files = Files.list(recordings)) {
			for (Path file : files.toList()) {
				try (RecordingFile recording = new RecordingFile(file)) {
					while (recording.hasMoreEvents()) {
						RecordedEvent event = recording.readEvent();
						events++;
						if (event.getEventType().getName().equals("jdk.VirtualThreadPinned")) {
							pinned++;
							System.out.println(event);
						}
					}
				}
			}
		}
		System.out.println("Virtual threads pinned: " + pinned + " (of " + events + " events recorded)");
	}

}
