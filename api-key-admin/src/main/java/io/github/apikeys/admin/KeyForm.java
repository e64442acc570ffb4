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

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import org.jspecify.annotations.Nullable;

import org.springframework.util.MultiValueMap;
import org.springframework.util.StringUtils;

/**
 * What was entered about a key, as it was entered, and what is wrong with it. It knows
 * the fields below and no others, so that nothing else can be slipped in.
 */
final class KeyForm {

	static final String KEEP = "keep";

	private static final String DATE = "date";

	private static final String EXPIRES_ON = "expiresOn";

	private static final List<String> TEXTS = List.of("type", "name", "description", "owner", "scopeText", "expiry",
			EXPIRES_ON, "notBefore", "allowedAddresses", "rateLimits", "quota", "metadata", "zone", "version",
			"submission", "grace");

	private final Map<String, String> texts = new LinkedHashMap<>();

	private final List<String> scopes = new ArrayList<>();

	private final Map<String, String> fields = new LinkedHashMap<>();

	/**
	 * Codes or texts of messages by field.
	 */
	private final Map<String, String> errors = new LinkedHashMap<>();

	/**
	 * The ends that are offered, by name.
	 */
	private Map<String, @Nullable Instant> expiries = Map.of();

	/**
	 * When the application wants the key to have ended.
	 */
	private @Nullable Instant latest;

	/**
	 * The form for a new key, as it is offered.
	 */
	static KeyForm forNewKey(String type, String submission) {
		KeyForm form = new KeyForm();
		form.texts.put("type", type);
		form.texts.put("expiry", "90");
		form.texts.put("submission", submission);
		return form;
	}

	/**
	 * The form as it was sent.
	 * @param fieldNames the fields that the type of the key adds
	 */
	static KeyForm of(MultiValueMap<String, String> given, Collection<String> fieldNames) {
		KeyForm form = new KeyForm();
		for (String name : TEXTS) {
			String value = given.getFirst(name);
			if (value != null) {
				form.texts.put(name, storable(value));
			}
		}
		form.scopes.addAll(given.getOrDefault("scopes", List.of()));
		for (String name : fieldNames) {
			String value = given.getFirst("field." + name);
			if (StringUtils.hasText(value)) {
				form.fields.put(name, storable(value).strip());
			}
		}
		return form;
	}

	/**
	 * Browsers send two characters for every kind of line break; no database stores
	 * U+0000.
	 */
	static String storable(String value) {
		return value.replace("\r\n", "\n").replace('\r', '\n').replace("\0", "");
	}

	public String get(String name) {
		return this.texts.getOrDefault(name, "");
	}

	/**
	 * A text for an area, of which browsers drop a line break at the beginning.
	 */
	public String area(String name) {
		String text = get(name);
		return text.startsWith("\n") ? "\n" + text : text;
	}

	public String field(String name) {
		return this.fields.getOrDefault(name, "");
	}

	public boolean isGranted(String scope) {
		return this.scopes.contains(scope);
	}

	public Map<String, String> getErrors() {
		return this.errors;
	}

	/**
	 * Whether a new end was entered.
	 */
	boolean hasNewExpiry() {
		return !get("expiry").equals(KEEP) || StringUtils.hasText(get(EXPIRES_ON));
	}

	Map<String, String> fields() {
		return this.fields;
	}

	void put(String name, String value) {
		this.texts.put(name, value);
	}

	void grant(Collection<String> scopes) {
		this.scopes.clear();
		this.scopes.addAll(scopes);
	}

	/**
	 * Offers ends, and accepts no others.
	 * @param expiries as {@link AdminExpiry#choices} returns them
	 * @param latest as {@link AdminExpiry#latest} returns it
	 */
	void offer(Map<String, @Nullable Instant> expiries, @Nullable Instant latest) {
		this.expiries = expiries;
		this.latest = latest;
	}

	/**
	 * The ends that are offered.
	 */
	public Map<String, @Nullable Instant> getExpiries() {
		return this.expiries;
	}

	/**
	 * When the key must have ended.
	 */
	public @Nullable Instant getLatest() {
		return this.latest;
	}

	void reject(String field, String message) {
		this.errors.putIfAbsent(field, message);
	}

	/**
	 * The key to be created.
	 * @return what was entered, or {@code null} if it has errors
	 */
	@Nullable NewApiKey toNewApiKey(Instant now) {
		NewApiKey[] key = { null };
		check(() -> key[0] = NewApiKey.named(get("name")));
		// the other fields are checked even if there is no name
		NewApiKey newApiKey = (key[0] != null) ? key[0] : NewApiKey.named("-");
		if (StringUtils.hasText(get("description"))) {
			check(() -> newApiKey.description(get("description").strip()));
		}
		if (StringUtils.hasText(get("owner"))) {
			check(() -> newApiKey.owner(get("owner").strip()));
		}
		check(() -> newApiKey.scopes(grants()));
		check(() -> newApiKey.allowedAddresses(words(get("allowedAddresses"))));
		if (StringUtils.hasText(get("rateLimits"))) {
			check(() -> newApiKey.rateLimits(get("rateLimits")));
		}
		Long quota = quota();
		if (quota != null) {
			check(() -> newApiKey.quota(quota));
		}
		metadata().forEach((name, value) -> check(() -> newApiKey.metadata(name, value)));
		Instant notBefore = startOf("notBefore", 0);
		if (notBefore != null) {
			check(() -> newApiKey.notBefore(notBefore));
		}
		Instant expiresAt = expiresAt();
		if (expiresAt != null) {
			check(() -> newApiKey.expiresAt(expiresAt));
			checkEnd(expiresAt, notBefore, now);
		}
		else {
			// chosen, so it is not for the default lifetime to change it
			newApiKey.neverExpires();
		}
		return this.errors.isEmpty() ? newApiKey : null;
	}

	/**
	 * The service checks it, too, but after the other fields.
	 */
	void checkEnd(Instant expiresAt, @Nullable Instant notBefore, Instant now) {
		if (!expiresAt.isAfter(now) || (notBefore != null && !expiresAt.isAfter(notBefore))
				|| (this.latest != null && expiresAt.isAfter(this.latest))) {
			reject("expiresAt", "error.expiresAt");
		}
	}

	@Nullable Long quota() {
		String text = get("quota").strip();
		if (text.isEmpty()) {
			return null;
		}
		try {
			return text.matches("[0-9]+") ? Long.valueOf(text) : rejectQuota();
		}
		catch (NumberFormatException ex) {
			return rejectQuota();
		}
	}

	private @Nullable Long rejectQuota() {
		reject("quota", "error.quota");
		return null;
	}

	void check(Runnable action) {
		try {
			action.run();
		}
		catch (InvalidApiKeyAttributeException ex) {
			reject(ex.getAttribute(), "error." + ex.getAttribute());
		}
	}

	/**
	 * Scopes that were ticked, and those that were typed.
	 */
	List<String> grants() {
		List<String> grants = new ArrayList<>(this.scopes);
		grants.addAll(words(get("scopeText")));
		return grants;
	}

	static List<String> words(String text) {
		return Arrays.stream(text.split("[\\s,]+")).filter((word) -> !word.isEmpty()).toList();
	}

	Map<String, String> metadata() {
		Map<String, String> metadata = MetadataText.parse(get("metadata"));
		if (metadata == null) {
			reject("metadata", "error.metadata");
		}
		return (metadata != null) ? metadata : Map.of();
	}

	/**
	 * When the key ends.
	 * @return the time, or {@code null} for never and if what was entered has errors
	 */
	@Nullable Instant expiresAt() {
		String expiry = get("expiry");
		if (expiry.equals(DATE)) {
			// the day itself counts
			Instant end = startOf(EXPIRES_ON, 1);
			if (end == null) {
				reject("expiresAt", "error.expiresAt");
			}
			return end;
		}
		if (StringUtils.hasText(get(EXPIRES_ON))) {
			reject("expiresAt", "error.expiry-and-date");
		}
		else if (!this.expiries.containsKey(expiry)) {
			reject("expiresAt", "error.expiresAt");
		}
		return this.expiries.get(expiry);
	}

	/**
	 * The start of a day in the time zone of whoever entered it.
	 */
	private @Nullable Instant startOf(String field, int daysLater) {
		if (!StringUtils.hasText(get(field))) {
			return null;
		}
		try {
			return LocalDate.parse(get(field).strip())
				.plusDays(daysLater)
				.atStartOfDay(RequestValues.zone(get("zone")))
				.toInstant();
		}
		catch (DateTimeException ex) {
			reject(field.equals(EXPIRES_ON) ? "expiresAt" : field, "error.date");
			return null;
		}
	}

}
