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

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;
import org.springframework.data.jpa.domain.Specification;

/**
 * Which keys to list. Conditions add up. A condition without a value is no condition that
 * keeps all keys: it is refused with an {@link InvalidApiKeyAttributeException}.
 *
 * @since 0.1.0
 * @see ApiKeyService#list
 */
public final class ApiKeyQuery {

	private static final List<String> SORTABLE = List.of("name", "keyId", "owner", "createdAt", "expiresAt");

	private @Nullable String namePrefix;

	private @Nullable String owner;

	private @Nullable String scope;

	private @Nullable Set<ApiKeyState> states;

	private @Nullable String type;

	private @Nullable Instant createdFrom;

	private @Nullable Instant createdUntil;

	private @Nullable Duration expiringWithin;

	private @Nullable Duration unusedFor;

	private boolean neverUsed;

	private @Nullable String searched;

	private List<Specification<ApiKey>> alternatives = List.of();

	private ApiKeyQuery() {
	}

	/**
	 * Starts with all keys.
	 * @return a query without conditions
	 */
	public static ApiKeyQuery all() {
		return new ApiKeyQuery();
	}

	/**
	 * Returns the form in which texts are searched for and sorted, which does not depend
	 * on the language of a node or a database.
	 * @param text a name, a key id, an owner or the beginning of one
	 * @return the text in lower case
	 */
	public static String searchable(String text) {
		return ApiKeyAttributes.present("text", text).toLowerCase(Locale.ROOT);
	}

	/**
	 * Returns a page in whose order no two keys are equal, so that no page repeats the
	 * keys of another.
	 */
	static Pageable inTotalOrder(Pageable pageable) {
		for (Sort.Order order : pageable.getSort()) {
			if (!SORTABLE.contains(order.getProperty())) {
				throw InvalidApiKeyAttributeException.unsortable(order.getProperty(), SORTABLE);
			}
		}
		Sort sort = pageable.getSortOr(Sort.by(Sort.Direction.DESC, "createdAt")).and(Sort.by("id"));
		return pageable.isPaged() ? PageRequest.of(pageable.getPageNumber(), pageable.getPageSize(), sort)
				: Pageable.unpaged(sort);
	}

	/**
	 * Keeps the keys whose name begins with a text.
	 * @param prefix the text, case does not matter
	 * @return this
	 */
	public ApiKeyQuery nameStartsWith(String prefix) {
		this.namePrefix = ApiKeyAttributes.present("name", prefix);
		return this;
	}

	/**
	 * Keeps the keys of an owner.
	 * @param owner exactly this owner
	 * @return this
	 */
	public ApiKeyQuery owner(String owner) {
		this.owner = ApiKeyAttributes.present("owner", owner);
		return this;
	}

	/**
	 * Keeps the keys that were granted something.
	 * @param scope exactly this scope or wildcard
	 * @return this
	 */
	public ApiKeyQuery scope(String scope) {
		this.scope = ApiKeyAttributes.present("scope", scope);
		return this;
	}

	/**
	 * Keeps the keys in a state.
	 * @param state the state at the time of the query
	 * @return this
	 */
	public ApiKeyQuery state(ApiKeyState state) {
		return states(List.of(ApiKeyAttributes.present("state", state)));
	}

	/**
	 * Keeps the keys in one of some states.
	 * @param states the states at the time of the query
	 * @return this
	 */
	public ApiKeyQuery states(Collection<ApiKeyState> states) {
		Set<ApiKeyState> kept = EnumSet.noneOf(ApiKeyState.class);
		ApiKeyAttributes.present("state", states)
			.forEach((state) -> kept.add(ApiKeyAttributes.present("state", state)));
		this.states = kept;
		return this;
	}

	/**
	 * Keeps the keys of a type.
	 * @param type the discriminator value of their entity
	 * @return this
	 */
	public ApiKeyQuery type(String type) {
		this.type = ApiKeyAttributes.present("type", type);
		return this;
	}

	/**
	 * Keeps the keys that were created in a period.
	 * @param from the first instant, or {@code null} for any
	 * @param until the first instant after it, or {@code null} for any
	 * @return this
	 */
	public ApiKeyQuery createdBetween(@Nullable Instant from, @Nullable Instant until) {
		this.createdFrom = from;
		this.createdUntil = until;
		return this;
	}

	/**
	 * Keeps the keys that will expire soon.
	 * @param time the time from now
	 * @return this
	 */
	public ApiKeyQuery expiringWithin(Duration time) {
		this.expiringWithin = ApiKeyAttributes.present("time", time);
		return this;
	}

	/**
	 * Keeps the keys that were never accepted.
	 * @return this
	 */
	public ApiKeyQuery neverUsed() {
		this.neverUsed = true;
		return this;
	}

	/**
	 * Keeps the keys that were not accepted for a time, and exist for longer than that.
	 * @param time the time up to now
	 * @return this
	 */
	public ApiKeyQuery unusedFor(Duration time) {
		this.unusedFor = ApiKeyAttributes.present("time", time);
		return this;
	}

	/**
	 * Keeps the keys whose name, key id or owner begins with a text.
	 * @param text the text, case does not matter
	 * @param alternatives where else it may be found, for example in what a type of the
	 * application adds
	 * @return this
	 */
	public ApiKeyQuery search(String text, Collection<Specification<ApiKey>> alternatives) {
		this.searched = ApiKeyAttributes.present("text", text);
		this.alternatives = new ArrayList<>();
		ApiKeyAttributes.present("alternatives", alternatives)
			.forEach((alternative) -> this.alternatives.add(ApiKeyAttributes.present("alternatives", alternative)));
		return this;
	}

	/**
	 * Returns whether there is a condition.
	 * @return whether the query may keep less than all keys
	 */
	public boolean isSelective() {
		return this.namePrefix != null || this.owner != null || this.scope != null || this.states != null
				|| this.type != null || this.createdFrom != null || this.createdUntil != null
				|| this.expiringWithin != null || this.unusedFor != null || this.neverUsed || this.searched != null;
	}

	/**
	 * Returns how the names of the keys begin.
	 * @return the text, case does not matter, or {@code null} for any
	 */
	public @Nullable String getNamePrefix() {
		return this.namePrefix;
	}

	/**
	 * Returns whose keys are kept.
	 * @return exactly this owner, or {@code null} for all
	 */
	public @Nullable String getOwner() {
		return this.owner;
	}

	/**
	 * Returns what the keys were granted.
	 * @return exactly this scope or wildcard, or {@code null} for any
	 */
	public @Nullable String getScope() {
		return this.scope;
	}

	/**
	 * Returns in which states the keys are.
	 * @return one or more states, unmodifiable, or {@code null} for all
	 */
	public @Nullable Set<ApiKeyState> getStates() {
		return (this.states != null) ? Collections.unmodifiableSet(this.states) : null;
	}

	/**
	 * Returns of which type the keys are.
	 * @return the discriminator value of their entity, or {@code null} for all
	 */
	public @Nullable String getType() {
		return this.type;
	}

	/**
	 * Returns since when the keys were created.
	 * @return the first instant, or {@code null} for any
	 */
	public @Nullable Instant getCreatedFrom() {
		return this.createdFrom;
	}

	/**
	 * Returns until when the keys were created.
	 * @return the first instant after it, or {@code null} for any
	 */
	public @Nullable Instant getCreatedUntil() {
		return this.createdUntil;
	}

	/**
	 * Returns how soon the keys expire.
	 * @return the time from now, or {@code null} for any
	 */
	public @Nullable Duration getExpiringWithin() {
		return this.expiringWithin;
	}

	/**
	 * Returns for how long the keys were not accepted.
	 * @return the time up to now, or {@code null} for any
	 */
	public @Nullable Duration getUnusedFor() {
		return this.unusedFor;
	}

	/**
	 * Returns whether the keys were never accepted.
	 * @return whether only these are kept
	 */
	public boolean isNeverUsed() {
		return this.neverUsed;
	}

	/**
	 * Returns how the names, key ids or owners of the keys begin.
	 * @return the text, case does not matter, or {@code null} for any
	 */
	public @Nullable String getSearched() {
		return this.searched;
	}

	/**
	 * Returns where else the searched text may be found.
	 * @return conditions for a database, unmodifiable
	 */
	public List<Specification<ApiKey>> getAlternatives() {
		return Collections.unmodifiableList(this.alternatives);
	}

	/**
	 * Returns whether the query keeps a key, for a store that cannot ask a database.
	 * @param apiKey the key
	 * @param now the instant to look at
	 * @return whether the key meets all conditions; of a search those about name, key id
	 * and owner, since other places are conditions for a database
	 */
	public boolean matches(ApiKey apiKey, Instant now) {
		return new KeyFilter(this, ApiKeyAttributes.present("now", now)).test(ApiKeyAttributes.present("key", apiKey));
	}

}
