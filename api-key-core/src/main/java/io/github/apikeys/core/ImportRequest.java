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

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.PresentedToken;
import org.jspecify.annotations.Nullable;

/**
 * A key of another system that is to be imported.
 */
record ImportRequest(ApiKey apiKey, PresentedToken token, ImportedApiKey imported, NewApiKey attributes,
		@Nullable String owner) {

	/**
	 * The id of the row, if the token decides it: the one that finds a key of this token
	 * whose key id was another one, because a secret that is another one now was a part
	 * of it. No row follows from a secret that somebody could guess.
	 * @param purged how many keys of this token were purged before
	 */
	Optional<UUID> rowId(int purged) {
		Optional<UUID> first = this.imported.rowId().or(this::rowIdOfGeneratedSecret);
		return (purged == 0) ? first : first.map((id) -> nameBased(id + "#" + purged));
	}

	private Optional<UUID> rowIdOfGeneratedSecret() {
		if (!this.token.isGenerated() || this.token.isIssued()) {
			return Optional.empty();
		}
		ImportedHash hash = this.imported.hash();
		String text = this.imported.token();
		return Optional
			.ofNullable((hash != null) ? hash
					: (text != null) ? ImportedHash.sha256(new Sha256ApiKeyHasher().hash(text)) : null)
			.map((known) -> nameBased(this.token.prefix() + ":" + known.value()));
	}

	private static UUID nameBased(String name) {
		return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
	}

}
