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

package io.github.apikeys.admin;

/**
 * Keeps texts of any direction from turning what stands beside them, where no element can
 * do that: in titles, labels and sentences.
 */
final class IsolatedText {

	/**
	 * Returns a text that is shown on its own, whatever it holds.
	 */
	public String of(String text) {
		return "\u2068" + text.replaceAll("[\u202a-\u202e\u2066-\u2069]", "\ufffd") + "\u2069";
	}

}
