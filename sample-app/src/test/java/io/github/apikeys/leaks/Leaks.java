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

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What was found so far.
 */
public final class Leaks {

	private static final int EXCERPT = 1000;

	private static final Queue<String> found = new ConcurrentLinkedQueue<>();

	private Leaks() {
	}

	/**
	 * Searches a text for what nobody may find in it.
	 * @param place where the text is
	 */
	public static void search(String place, String text) {
		Secrets.in(text).ifPresent((what) -> report(what + " in " + place, text));
	}

	static void searchForSecrets(String place, String text) {
		if (Secrets.hasSecret(text)) {
			report("a plaintext in " + place, text);
		}
	}

	/**
	 * Something that cannot be searched may hold anything.
	 */
	static void cannotSearch(Exception ex) {
		report("perhaps something, but the search failed", String.valueOf(ex));
	}

	private static void report(String find, String text) {
		found.add(find + ": " + text.substring(0, Math.min(text.length(), EXCERPT)));
	}

	/**
	 * Returns what was found since the last call.
	 */
	static List<String> take() {
		List<String> taken = new ArrayList<>();
		for (String find = found.poll(); find != null; find = found.poll()) {
			taken.add(find);
		}
		return taken;
	}

}
