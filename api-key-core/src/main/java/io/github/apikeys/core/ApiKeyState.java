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

/**
 * Whether a key can be used. A key is in exactly one state; where several reasons apply,
 * the more final one is shown: revoked, then expired, then disabled, then not yet valid.
 *
 * @since 0.1.0
 */
public enum ApiKeyState {

	/** Its time has not come. */
	NOT_YET_VALID,

	/** It can be used. */
	ACTIVE,

	/** It is switched off and can be switched on again. */
	DISABLED,

	/** Its time is over. */
	EXPIRED,

	/** It is switched off for ever. */
	REVOKED;

	/**
	 * Returns whether the key has ended.
	 * @return whether it is revoked or expired
	 */
	public boolean isEnded() {
		return this == REVOKED || this == EXPIRED;
	}

}
