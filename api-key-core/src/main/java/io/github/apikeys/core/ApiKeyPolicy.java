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
 * A rule of the application for the use of keys. It is asked about keys whose secret is
 * right and whose time it is; every policy must permit a key, or its caller is refused
 * like one with an unknown key.
 * <p>
 * What it answers may be remembered for a minute. When a fact about an owner changes on
 * which the answer depends, call {@link ApiKeyService#invalidateOwner}, and no node goes
 * on with the old answer.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ApiKeyPolicy {

	/**
	 * Decides whether a key may be used now. It is called on the thread of the request,
	 * outside of transactions and persistence contexts, also if the caller has one, and
	 * must depend on nothing but the key and what is stored: the answer is for everybody.
	 * A {@code DataAccessException} means that nobody can tell, as when the database of
	 * keys does not answer.
	 * @param apiKey the verified key
	 * @return whether it may be used
	 */
	boolean permits(ApiKeyPrincipal apiKey);

}
