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

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyStatistics;
import io.github.apikeys.core.RateLimits;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * What a native image must keep for the pages: their templates, texts and assets, and
 * what is asked by name.
 */
class AdminRuntimeHints implements RuntimeHintsRegistrar {

	static final List<Class<?>> TEMPLATE_TYPES = List.of(IsolatedText.class, KeyRow.class, KeyForm.class,
			ListView.class, Times.class, UsageChart.class, UsageChart.Bar.class, Overview.Numbers.class,
			ApiKeyAdminField.class, ApiKey.class, ApiKeyEvent.class, ApiKeyChange.class, ApiKeyState.class,
			ApiKeyStatistics.class, RateLimits.class);

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources()
			.registerPattern("io/github/apikeys/admin/templates/*.html")
			.registerPattern("io/github/apikeys/admin/assets/*")
			.registerPattern("templates/api-key-admin/*.html")
			.registerResourceBundle("io.github.apikeys.admin.messages");
		hints.reflection().registerType(AdminHandlerGuard.class, MemberCategory.INVOKE_DECLARED_METHODS);
		TEMPLATE_TYPES.forEach((type) -> hints.reflection().registerType(type, MemberCategory.INVOKE_DECLARED_METHODS));
	}

}
