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

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Properties of the pages that manage API keys.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("api-key.admin")
public class ApiKeyAdminProperties {

	/**
	 * Whether there are pages that manage keys.
	 */
	private boolean enabled = true;

	/**
	 * Path of the pages. No keys are read there by default.
	 */
	private String path = "/admin/api-keys";

	/**
	 * Authority that people need to see the pages.
	 */
	private String authority = "ROLE_ADMIN";

	/**
	 * Returns whether there are pages.
	 * @return {@code false} if there are none
	 */
	public boolean isEnabled() {
		return this.enabled;
	}

	/**
	 * Sets whether there are pages.
	 * @param enabled {@code false} if there are to be none
	 */
	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	/**
	 * Returns where the pages are.
	 * @return the path, without the context path
	 */
	public String getPath() {
		return this.path;
	}

	/**
	 * Sets where the pages are.
	 * @param path the path, without the context path, beginning with a slash
	 */
	public void setPath(String path) {
		this.path = path;
	}

	/**
	 * Returns what people need to see the pages.
	 * @return the name of an authority
	 */
	public String getAuthority() {
		return this.authority;
	}

	/**
	 * Sets what people need to see the pages.
	 * @param authority the name of an authority
	 */
	public void setAuthority(String authority) {
		this.authority = authority;
	}

}
