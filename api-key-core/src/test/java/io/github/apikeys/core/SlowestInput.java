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

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Consumer;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;

/**
 * Passes inputs to what is fuzzed and keeps the time of the slowest. An input is slow
 * only if it is so five times: whatever else the machine does passes.
 */
public final class SlowestInput {

	private static final int WARM_UP = 100_000;

	private long inputs;

	private long nanos;

	private String input = "";

	/**
	 * Passes an input on.
	 * @param data what the fuzzer made up
	 * @param maxLength how much of it is used, in characters
	 * @param fuzzed what is to be fuzzed
	 */
	public void run(FuzzedDataProvider data, int maxLength, Consumer<String> fuzzed) {
		String text = data.consumeRemainingAsString();
		run((text.length() > maxLength) ? text.substring(0, maxLength) : text, fuzzed);
	}

	private void run(String input, Consumer<String> fuzzed) {
		long time = time(input, fuzzed);
		if (++this.inputs > WARM_UP) {
			for (int i = 1; i < 5 && time > this.nanos; i++) {
				time = Math.min(time, time(input, fuzzed));
			}
			if (time > this.nanos) {
				this.nanos = time;
				this.input = input;
			}
		}
	}

	private static long time(String input, Consumer<String> fuzzed) {
		long start = System.nanoTime();
		fuzzed.accept(input);
		return System.nanoTime() - start;
	}

	/**
	 * Prints what was seen, if anything was fuzzed.
	 */
	public void print(Class<?> fuzzTest) {
		if (this.inputs > WARM_UP) {
			System.err.printf("%s: %d inputs, the slowest took %d µs: %s%n", fuzzTest.getSimpleName(), this.inputs,
					this.nanos / 1000, Base64.getEncoder().encodeToString(this.input.getBytes(StandardCharsets.UTF_8)));
		}
	}

}
