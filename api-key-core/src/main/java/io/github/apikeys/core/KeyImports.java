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

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Imports keys of other systems, once.
 */
final class KeyImports {

	private final ApiKeyRepository repository;

	private final ImportMapping mapping;

	private final ExistingKeys existing;

	private final KeyIssuer issuer;

	private final ChangeLog log;

	KeyImports(ApiKeyRepository repository, ImportMapping mapping, ExistingKeys existing, KeyIssuer issuer,
			ChangeLog log) {
		this.repository = repository;
		this.mapping = mapping;
		this.existing = existing;
		this.issuer = issuer;
		this.log = log;
	}

	ApiKeyImport importIfAbsent(ApiKey apiKey, ImportedApiKey imported, NewApiKey newApiKey) {
		apiKey.checkNew();
		ImportRequest request = new ImportRequest(apiKey, this.mapping.token(imported), imported, newApiKey,
				ApiKeyTypes.ownerOf(apiKey, newApiKey));
		Supplier<Optional<ApiKeyImport>> present = () -> find(request);
		try {
			return this.repository.inChange(() -> {
				this.existing.lockOwner(request.owner());
				return present.get().orElseGet(() -> insert(request));
			});
		}
		catch (RuntimeException ex) {
			if (!this.repository.isConflict(ex) || this.repository.isInCallersTransaction()) {
				throw ex;
			}
			// another node was faster, or it is something else
			return this.repository.inTransaction(present).orElseThrow(() -> ex);
		}
	}

	private Optional<ApiKeyImport> find(ImportRequest request) {
		String type = ApiKeyTypes.nameOf(request.apiKey());
		UUID id = presentRow(request);
		ApiKey columns = (id != null) ? this.repository.lockWithCollections(id) : null;
		ApiKey present = (columns != null) ? this.repository.find(columns.getId()) : null;
		return (columns != null && present != null)
				? Optional.of(new ApiKeyImport(present, false, this.mapping.differences(columns, type, request)))
				: Optional.empty();
	}

	private @Nullable UUID presentRow(ImportRequest request) {
		UUID found = this.repository.findId(request.token().keyId());
		return (found != null) ? found : row(request).filter((id) -> this.repository.find(id) != null).orElse(null);
	}

	private ApiKeyImport insert(ImportRequest request) {
		Instant now = this.log.now();
		ApiKey apiKey = request.apiKey();
		this.mapping.initialize(request, row(request).orElseGet(UUID::randomUUID), now);
		if (!apiKey.getState(now).isEnded()) {
			this.existing.checkLimit(request.owner(), null);
		}
		this.issuer.insert(apiKey, ApiKeyChange.IMPORTED, request.imported().revocationReason());
		return new ApiKeyImport(apiKey, true, List.of());
	}

	/**
	 * The row of the key if it is there, otherwise the first of which nothing is known.
	 * The history of a key that was purged is not the history of the one that takes its
	 * place, least of all that it was to be deleted.
	 */
	private Optional<UUID> row(ImportRequest request) {
		int purged = 0;
		Optional<UUID> row = request.rowId(purged);
		while (row.filter(this::isPurged).isPresent()) {
			row = request.rowId(++purged);
		}
		return row;
	}

	private boolean isPurged(UUID id) {
		return this.repository.hasHistory(id) && this.repository.find(id) == null;
	}

}
