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
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

import org.springframework.util.Assert;

/**
 * What became of an import that may run again.
 *
 * @since 0.1.0
 * @see ApiKeyService#importIfAbsent(ImportedApiKey, NewApiKey)
 */
public final class ApiKeyImport {

	private final ApiKey apiKey;

	private final boolean created;

	private final Set<String> differences;

	/**
	 * Creates an outcome.
	 * @param apiKey the key
	 * @param created whether this import created it
	 * @param differences the attributes in which a key that was there differs
	 */
	public ApiKeyImport(ApiKey apiKey, boolean created, Collection<String> differences) {
		Assert.notNull(apiKey, "apiKey cannot be null");
		Assert.notNull(differences, "differences cannot be null");
		this.apiKey = apiKey;
		this.created = created;
		this.differences = Collections.unmodifiableSet(new TreeSet<>(differences));
	}

	/**
	 * Returns the key.
	 * @return the key that was imported now, or the one that was there, as it is
	 */
	public ApiKey getApiKey() {
		return this.apiKey;
	}

	/**
	 * Returns whether this import created the key.
	 * @return {@code false} if it was there, and nothing was changed
	 */
	public boolean isCreated() {
		return this.created;
	}

	/**
	 * Returns in what a key that was there differs from what would have been imported,
	 * because it was changed here or there since, or is another key of the same id.
	 * @return names of properties of {@link ApiKey}, and {@code hash} if the key has
	 * another secret, in alphabetical order, unmodifiable; none if the key is the same,
	 * or was imported now. With {@code keyId}, the token was imported under the key id of
	 * another secret for ids, and is not found until the format has that secret again.
	 * What a class adds to {@link ApiKey} is not compared, and a hash only as long as it
	 * has the scheme of the imported one.
	 */
	public Set<String> getDifferences() {
		return this.differences;
	}

	@Override
	public String toString() {
		return "ApiKeyImport [keyId=" + this.apiKey.getKeyId() + ", created=" + this.created + ", differences="
				+ this.differences + "]";
	}

}
