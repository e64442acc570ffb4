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

import java.util.HashMap;
import java.util.Map;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyHeader;
import io.github.apikeys.core.CreatedApiKey;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/**
 * The one page that shows a plaintext, as the answer to the request that issued it.
 */
final class IssuedKeyPage {

	private final AdminPages pages;

	private final ApiKeyHeader header;

	IssuedKeyPage(AdminPages pages, ApiKeyHeader header) {
		this.pages = pages;
		this.header = header;
	}

	/**
	 * Shows a new key.
	 * @param predecessor the key that it replaces, if any
	 */
	ModelAndView show(CreatedApiKey created, @Nullable ApiKey predecessor, HttpServletRequest request) {
		Map<String, @Nullable Object> model = new HashMap<>();
		model.put("key", created.apiKey());
		model.put("predecessor", predecessor);
		model.put("token", created.token());
		model.put("curl", "curl -H '" + this.header.getName() + ": " + this.header.value(created.token()) + "' "
				+ ServletUriComponentsBuilder.fromContextPath(request).path("/").toUriString());
		return this.pages.page(request, HttpStatus.OK, "issued", model);
	}

}
