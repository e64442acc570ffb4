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

import org.jspecify.annotations.Nullable;

/**
 * What a page may say it has done. It comes back in the URL, so it is one of a few words.
 */
final class AdminNotice {

	private static final List<String> OF_LIST = List.of("revoked", "disabled", "nothing", "unknown-token", "used-form");

	private static final List<String> OF_KEY = List.of("updated", "disabled", "enabled", "revoked", "found");

	private AdminNotice() {
	}

	static @Nullable String ofList(@Nullable String word) {
		return (word != null && OF_LIST.contains(word)) ? word : null;
	}

	static @Nullable String ofKey(@Nullable String word) {
		return (word != null && OF_KEY.contains(word)) ? word : null;
	}

}
