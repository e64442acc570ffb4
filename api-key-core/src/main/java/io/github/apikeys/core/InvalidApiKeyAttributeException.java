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

import java.util.Collection;

/**
 * Thrown when a key would get an attribute that it cannot have, or keys are asked for by
 * an attribute that they do not have. Nothing was written. The message is for people and
 * may be shown.
 *
 * @since 0.1.0
 * @serial exclude
 */
public final class InvalidApiKeyAttributeException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	private final String attribute;

	/**
	 * Creates an exception.
	 * @param attribute the name of a property of {@link ApiKey}
	 * @param message what is wrong with it; it must not hold a secret
	 */
	public InvalidApiKeyAttributeException(String attribute, String message) {
		super(message);
		this.attribute = attribute;
	}

	/**
	 * Tells that keys cannot be brought into an order.
	 * @param property what they are to be sorted by
	 * @param sortable what they can be sorted by
	 * @return the exception
	 */
	public static InvalidApiKeyAttributeException unsortable(String property, Collection<String> sortable) {
		return new InvalidApiKeyAttributeException("sort",
				"API keys cannot be sorted by '" + property + "', only by " + String.join(", ", sortable));
	}

	/**
	 * Returns which attribute it is.
	 * @return the name of a property of {@link ApiKey}, for example {@code expiresAt}, or
	 * {@code sort} if keys cannot be sorted by it
	 */
	public String getAttribute() {
		return this.attribute;
	}

}
