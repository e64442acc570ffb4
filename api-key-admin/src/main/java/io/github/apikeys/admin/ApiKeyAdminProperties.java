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
	 * Whether to provide the admin pages of API keys.
	 */
	private boolean enabled = true;

	/**
	 * Path of the admin pages of API keys, without the context path. API keys are not
	 * read there by default.
	 */
	private String path = "/admin/api-keys";

	/**
	 * Authority that is required to use the admin pages of API keys.
	 */
	private String authority = "ROLE_ADMIN";

	/**
	 * Returns whether the pages are provided.
	 * @return {@code true} if they are
	 */
	public boolean isEnabled() {
		return this.enabled;
	}

	/**
	 * Sets whether the pages are provided.
	 * @param enabled {@code false} to switch them off
	 */
	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	/**
	 * Returns the path of the pages.
	 * @return the path, without the context path
	 */
	public String getPath() {
		return this.path;
	}

	/**
	 * Sets the path of the pages.
	 * @param path the path, without the context path, beginning with a slash
	 */
	public void setPath(String path) {
		this.path = path;
	}

	/**
	 * Returns the authority that is required to use the pages.
	 * @return the name of an authority
	 */
	public String getAuthority() {
		return this.authority;
	}

	/**
	 * Sets the authority that is required to use the pages.
	 * @param authority the name of an authority
	 */
	public void setAuthority(String authority) {
		this.authority = authority;
	}

}
