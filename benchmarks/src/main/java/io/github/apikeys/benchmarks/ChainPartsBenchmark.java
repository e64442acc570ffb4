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

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares chains of which each does a little more than the one before, from none at all
 * to the lean chain of docs/guide.
 */
public final class ChainPartsBenchmark {

	private static final int WARM_UP_SECONDS = 30;

	private ChainPartsBenchmark() {
	}

	/**
	 * Runs the benchmark.
	 * @param args nothing
	 * @throws Exception if anything fails
	 */
	public static void main(String[] args) throws Exception {
		Map<String, String> targets = new LinkedHashMap<>();
		targets.put("no Spring Security", "none /hello");
		targets.put("a chain without filters", "empty /open");
		targets.put("authorization", "authorization /open");
		targets.put("the same and API keys, none presented", "keys-only /open");
		targets.put("the same, a key presented", "keys-only /hello");
		targets.put("the same and headers: the lean chain", "lean /hello");
		HttpBenchmark.run(targets, WARM_UP_SECONDS, List.of());
	}

}
