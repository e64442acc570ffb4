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

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The load generator wrk, which must be installed.
 */
final class Wrk {

	private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+(\\S+)");

	private static final Pattern P99 = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");

	private Wrk() {
	}

	/**
	 * Loads a URL from 16 connections.
	 * @throws IllegalStateException if a request fails
	 */
	static Result load(String url, @Nullable String header, int seconds) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(
				List.of("wrk", "-t2", "-c16", "-d" + seconds + "s", "--timeout", "10s", "--latency"));
		if (header != null) {
			command.addAll(List.of("-H", header));
		}
		command.add(url);
		Process process;
		try {
			process = new ProcessBuilder(command).redirectErrorStream(true).start();
		}
		catch (IOException ex) {
			throw new IllegalStateException("Install wrk first, for example with 'apt-get install wrk'", ex);
		}
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		process.waitFor();
		if (output.contains("Non-2xx") || output.contains("Socket errors")) {
			throw new IllegalStateException(url + ":\n" + output);
		}
		Matcher p99 = match(P99, output);
		double factor = switch (p99.group(2)) {
			case "us" -> 0.001;
			case "ms" -> 1;
			default -> 1000;
		};
		return new Result(Double.parseDouble(match(RATE, output).group(1)), Double.parseDouble(p99.group(1)) * factor);
	}

	private static Matcher match(Pattern pattern, String output) {
		Matcher matcher = pattern.matcher(output);
		if (!matcher.find()) {
			throw new IllegalStateException("There is no '" + pattern + "' in:\n" + output);
		}
		return matcher;
	}

	/**
	 * What was measured.
	 *
	 * @param rate requests per second
	 * @param p99 milliseconds that 99 of 100 answers took at most
	 */
	record Result(double rate, double p99) {

	}

}
