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
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyUpdate;
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

	private static final String NEVER = "never";

	private static final String DATE = "date";

	private static final List<String> TEXTS = List.of("type", "name", "description", "owner", "scopeText", "expiry",
			"expiresOn", "notBefore", "allowedAddresses", "rateLimits", "quota", "metadata", "zone", "version",
			"submission");

	private final Map<String, String> texts = new LinkedHashMap<>();

	private final List<String> scopes = new ArrayList<>();

	private final Map<String, String> fields = new LinkedHashMap<>();

	/**
	 * Codes or texts of messages by field.
	 */
	private final Map<String, String> errors = new LinkedHashMap<>();

	private KeyForm() {
	}

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
	 * The form for a key that exists.
	 */
	static KeyForm forKey(ApiKey apiKey) {
		KeyForm form = new KeyForm();
		form.texts.put("name", apiKey.getName());
		String description = apiKey.getDescription();
		if (description != null) {
			form.texts.put("description", description);
		}
		form.scopes.addAll(apiKey.getScopes());
		form.texts.put("scopeText", String.join(" ", apiKey.getScopes()));
		form.texts.put("expiry", KEEP);
		form.texts.put("allowedAddresses", String.join(" ", apiKey.getAllowedAddresses()));
		form.texts.put("rateLimits", Objects.toString(apiKey.getRateLimits(), ""));
		form.texts.put("quota", Objects.toString(apiKey.getQuota(), ""));
		StringBuilder metadata = new StringBuilder();
		apiKey.getMetadata().forEach((name, value) -> metadata.append(name).append('=').append(value).append('\n'));
		form.texts.put("metadata", metadata.toString());
		form.texts.put("version", String.valueOf(apiKey.getVersion()));
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
	 * Browsers send two characters for a line break; no database stores U+0000.
	 */
	private static String storable(String value) {
		return value.replace("\r\n", "\n").replace("\0", "");
	}

	public String get(String name) {
		return this.texts.getOrDefault(name, "");
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

	Map<String, String> fields() {
		return this.fields;
	}

	void put(String name, String value) {
		this.texts.put(name, value);
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
		check(() -> newApiKey.allowedAddresses(words("allowedAddresses")));
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
		Instant expiresAt = expiresAt(now);
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
	 * Transfers what was entered to a key.
	 */
	void transferTo(ApiKeyUpdate update, ApiKey current, Instant now) {
		check(() -> update.name(get("name")));
		check(() -> update.description(RequestValues.text(get("description"))));
		check(() -> update.scopes(grants()));
		check(() -> update.allowedAddresses(words("allowedAddresses")));
		check(() -> update.rateLimits(RequestValues.text(get("rateLimits"))));
		check(() -> update.quota(quota()));
		check(() -> update.metadata(metadata()));
		if (!get("expiry").equals(KEEP)) {
			Instant expiresAt = expiresAt(now);
			check(() -> update.expiresAt(expiresAt));
			if (expiresAt != null) {
				checkEnd(expiresAt, current.getNotBefore(), now);
			}
		}
	}

	/**
	 * The service checks it, too, but after the other fields.
	 */
	private void checkEnd(Instant expiresAt, @Nullable Instant notBefore, Instant now) {
		if (!expiresAt.isAfter(now) || (notBefore != null && !expiresAt.isAfter(notBefore))) {
			reject("expiresAt", "error.expiresAt");
		}
	}

	private @Nullable Long quota() {
		String text = get("quota").strip();
		if (text.isEmpty()) {
			return null;
		}
		if (!text.matches("[0-9]{1,18}")) {
			reject("quota", "error.quota");
			return null;
		}
		return Long.valueOf(text);
	}

	private void check(Runnable action) {
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
	private List<String> grants() {
		List<String> grants = new ArrayList<>(this.scopes);
		grants.addAll(words("scopeText"));
		return grants;
	}

	private List<String> words(String field) {
		String text = get(field).strip();
		return text.isEmpty() ? List.of() : Arrays.asList(text.split("[\\s,]+"));
	}

	/**
	 * One value on each line, after the first equals sign.
	 */
	private Map<String, String> metadata() {
		Map<String, String> metadata = new TreeMap<>();
		get("metadata").lines().filter(StringUtils::hasText).forEach((line) -> {
			int separator = line.indexOf('=');
			if (separator < 1 || metadata.containsKey(line.substring(0, separator).strip())) {
				reject("metadata", "error.metadata");
			}
			else {
				metadata.put(line.substring(0, separator).strip(), line.substring(separator + 1).strip());
			}
		});
		return metadata;
	}

	private @Nullable Instant expiresAt(Instant now) {
		String expiry = get("expiry");
		return switch (expiry) {
			case NEVER -> null;
			case "7", "30", "90", "365" -> now.plus(Duration.ofDays(Long.parseLong(expiry)));
			case DATE -> {
				// the day itself counts
				Instant end = startOf("expiresOn", 1);
				if (end == null) {
					reject("expiresAt", "error.expiresAt");
				}
				yield end;
			}
			default -> {
				reject("expiresAt", "error.expiresAt");
				yield null;
			}
		};
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
			reject(field.equals("expiresOn") ? "expiresAt" : field, "error.date");
			return null;
		}
	}

}
