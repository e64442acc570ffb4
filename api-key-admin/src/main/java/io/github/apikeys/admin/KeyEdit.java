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

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyUpdate;

import org.springframework.util.MultiValueMap;

/**
 * What somebody changed on the page of a key. The form sends along what it showed; only a
 * field in which something else was entered is written. So a value that a form cannot
 * hold as it is, or that somebody else changed meanwhile, stays.
 */
final class KeyEdit {

	private static final String SHOWN = "shown.";

	private static final String SCOPES = "scopes";

	private static final List<String> TEXTS = List.of("name", "description", "allowedAddresses", "rateLimits", "quota",
			"metadata");

	private final Map<String, String> shown;

	private final KeyForm form;

	private KeyEdit(Map<String, String> shown, KeyForm form) {
		this.shown = shown;
		this.form = form;
	}

	/**
	 * The page of a key on which nothing was changed yet.
	 */
	static KeyEdit of(ApiKey apiKey) {
		Map<String, String> shown = shown(apiKey);
		KeyForm form = new KeyForm();
		TEXTS.forEach((name) -> form.put(name, shown.getOrDefault(name, "")));
		form.grant(apiKey.getScopes());
		form.put("scopeText", shown.getOrDefault(SCOPES, ""));
		form.put("expiry", KeyForm.KEEP);
		form.put("version", String.valueOf(apiKey.getVersion()));
		return new KeyEdit(shown, form);
	}

	private static Map<String, String> shown(ApiKey apiKey) {
		Map<String, String> shown = new LinkedHashMap<>();
		shown.put("name", apiKey.getName());
		shown.put("description", Objects.toString(apiKey.getDescription(), ""));
		shown.put("allowedAddresses", String.join(" ", apiKey.getAllowedAddresses()));
		shown.put("rateLimits", Objects.toString(apiKey.getRateLimits(), ""));
		shown.put("quota", Objects.toString(apiKey.getQuota(), ""));
		shown.put("metadata", MetadataText.format(apiKey.getMetadata()));
		shown.put(SCOPES, String.join(" ", apiKey.getScopes()));
		shown.replaceAll((name, text) -> KeyForm.storable(text));
		return shown;
	}

	/**
	 * The page as it was sent. A field that was not sent is one that was not changed.
	 */
	static KeyEdit of(ApiKey apiKey, MultiValueMap<String, String> given) {
		KeyEdit edit = of(apiKey);
		boolean scopesSent = false;
		for (String name : edit.shown.keySet()) {
			String shown = given.getFirst(SHOWN + name);
			if (shown != null) {
				edit.shown.put(name, KeyForm.storable(shown));
				// no box is sent of those that are not ticked
				scopesSent = scopesSent || name.equals(SCOPES);
			}
		}
		KeyForm sent = KeyForm.of(given, List.of());
		for (String name : TEXTS) {
			edit.form.put(name, given.containsKey(name) ? sent.get(name) : edit.shown.getOrDefault(name, ""));
		}
		for (String name : List.of("expiry", "expiresOn", "zone")) {
			if (given.containsKey(name)) {
				edit.form.put(name, sent.get(name));
			}
		}
		edit.form.put("version", sent.get("version"));
		if (scopesSent || given.containsKey(SCOPES) || given.containsKey("scopeText")) {
			edit.form.grant(given.getOrDefault(SCOPES, List.of()));
			edit.form.put("scopeText", sent.get("scopeText"));
		}
		return edit;
	}

	/**
	 * The same changes to what the key has become meanwhile.
	 */
	KeyEdit onto(ApiKey current) {
		KeyEdit edit = of(current);
		TEXTS.stream().filter(this::isChanged).forEach((name) -> edit.form.put(name, this.form.get(name)));
		if (isChanged(SCOPES)) {
			edit.form.grant(this.form.grants());
			edit.form.put("scopeText", String.join(" ", this.form.grants()));
		}
		for (String name : List.of("expiry", "expiresOn", "zone")) {
			edit.form.put(name, this.form.get(name));
		}
		return edit;
	}

	KeyForm form() {
		return this.form;
	}

	/**
	 * What the form showed, by the names under which it sends that along.
	 */
	Map<String, String> hidden() {
		Map<String, String> hidden = new LinkedHashMap<>();
		this.shown.forEach((name, text) -> hidden.put(SHOWN + name, text));
		return hidden;
	}

	private boolean isChanged(String name) {
		String before = this.shown.getOrDefault(name, "");
		return name.equals(SCOPES) ? !new TreeSet<>(KeyForm.words(before)).equals(new TreeSet<>(this.form.grants()))
				: !before.equals(this.form.get(name));
	}

	/**
	 * Transfers what was changed to a key.
	 */
	void transferTo(ApiKeyUpdate update, ApiKey current, Instant now) {
		KeyForm entered = this.form;
		transfer("name", () -> update.name(entered.get("name")));
		transfer("description", () -> update.description(RequestValues.text(entered.get("description"))));
		transfer(SCOPES, () -> update.scopes(entered.grants()));
		transfer("allowedAddresses", () -> update.allowedAddresses(KeyForm.words(entered.get("allowedAddresses"))));
		transfer("rateLimits", () -> update.rateLimits(RequestValues.text(entered.get("rateLimits"))));
		transfer("quota", () -> update.quota(entered.quota()));
		transfer("metadata", () -> update.metadata(entered.metadata()));
		if (entered.hasNewExpiry()) {
			Instant expiresAt = entered.expiresAt();
			entered.check(() -> update.expiresAt(expiresAt));
			if (expiresAt != null) {
				entered.checkEnd(expiresAt, current.getNotBefore(), now);
			}
		}
	}

	private void transfer(String name, Runnable change) {
		if (isChanged(name)) {
			this.form.check(change);
		}
	}

}
