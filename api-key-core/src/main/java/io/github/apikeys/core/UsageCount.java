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
import java.time.LocalDate;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * How often a key was presented on a day, since that was written last.
 *
 * @param apiKeyId the id of the key's row, or {@code null} for tokens of no key
 * @param day the day, UTC
 * @param requests how often the key was accepted
 * @param refusals how often the key was refused
 * @param lastUsedAt when the key was accepted last, or {@code null} if it was not
 * @param lastUsedFrom the remote address of that, if it is known
 */
record UsageCount(@Nullable UUID apiKeyId, LocalDate day, long requests, long refusals, @Nullable Instant lastUsedAt,
		@Nullable String lastUsedFrom) {

}
