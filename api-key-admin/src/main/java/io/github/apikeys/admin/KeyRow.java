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

import java.util.List;
import java.util.Locale;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyState;

/**
 * A key as it is shown.
 */
record KeyRow(ApiKey key, ApiKeyState state, List<String> values) {

	/**
	 * The state as it is written in classes, codes and URLs.
	 */
	public String stateWord() {
		return word(this.state);
	}

	/**
	 * A change as it is written in codes.
	 */
	public String changeWord(ApiKeyChange change) {
		return change.name().toLowerCase(Locale.ROOT);
	}

	static String word(ApiKeyState state) {
		return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
