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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.apikeys.admin.ApiKeyAdminType.InvalidFieldException;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.IssuanceTerms;
import io.github.apikeys.core.NewApiKey;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Pageable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/**
 * Creates keys. The plaintext is in the answer to the form and nowhere else.
 */
@Controller
@RequestMapping("${api-key.admin.path:/admin/api-keys}/new")
class NewKeyController {

	private final ApiKeyService apiKeys;

	private final AdminTypes types;

	private final IssuanceTerms terms;

	private final AdminExpiry expiry;

	private final IssuedKeyPage issuedKeyPage;

	private final AdminPages pages;

	private final AdminHandlerGuard guard;

	NewKeyController(ApiKeyService apiKeys, AdminOffers offers, IssuedKeyPage issuedKeyPage, AdminPages pages,
			AdminHandlerGuard guard) {
		this.apiKeys = apiKeys;
		this.types = offers.types();
		this.terms = offers.terms();
		this.expiry = offers.expiry();
		this.issuedKeyPage = issuedKeyPage;
		this.pages = pages;
		this.guard = guard;
	}

	@GetMapping
	ModelAndView form(@RequestParam(defaultValue = "") String type, Locale locale, HttpServletRequest request,
			HttpServletResponse response) {
		this.guard.enter(request, response);
		String known = (this.types.find(type) != null) ? type : AdminTypes.PLAIN;
		KeyForm form = KeyForm.forNewKey(known, UsedSubmissions.next());
		Instant now = this.pages.clock().instant();
		if (!this.expiry.choices(now, now).containsKey(form.get("expiry"))) {
			form.put("expiry", AdminExpiry.LATEST);
		}
		return form(form, HttpStatus.OK, locale, request);
	}

	private ModelAndView form(KeyForm form, HttpStatus status, Locale locale, HttpServletRequest request) {
		ApiKeyAdminType<?> type = this.types.find(form.get("type"));
		Map<String, @Nullable Object> model = new HashMap<>();
		Instant now = this.pages.clock().instant();
		form.offer(this.expiry.choices(now, now), this.expiry.latest(now));
		model.put("form", form);
		model.put("types", this.types.labels(this.pages.message("type.plain"), locale));
		model.put("ownerOfType", AdminTypes.saysOwner(type));
		model.put("scopes", this.terms.getDeclaredScopes());
		model.put("fields",
				(type != null) ? type.getFields()
					.stream()
					.map((field) -> new FormField(field.name(), field.label(locale), field.options()))
					.toList() : List.of());
		return this.pages.page(request, status, "new", model);
	}

	@PostMapping
	ModelAndView create(@RequestParam MultiValueMap<String, String> parameters, Locale locale,
			HttpServletRequest request, HttpServletResponse response) {
		this.guard.enterToChange(request, response);
		ApiKeyAdminType<?> type = this.types.find(parameters.getFirst("type"));
		KeyForm form = KeyForm.of(parameters,
				(type != null) ? type.getFields().stream().map(ApiKeyAdminField::name).toList() : List.of());
		if (type == null && !form.get("type").equals(AdminTypes.PLAIN)) {
			form.reject("type", "error.type");
			form.put("type", AdminTypes.PLAIN);
		}
		Instant now = this.pages.clock().instant();
		form.offer(this.expiry.choices(now, now), this.expiry.latest(now));
		NewApiKey newApiKey = form.toNewApiKey(now);
		ApiKey entity = (type != null) ? entity(type, form, newApiKey) : null;
		if (newApiKey == null || !form.getErrors().isEmpty()) {
			return form(form, HttpStatus.BAD_REQUEST, locale, request);
		}
		try {
			if (!UsedSubmissions.use(request, form.get("submission"))) {
				return this.pages.redirect(request, ListView.before(request).link(), "used-form", 0);
			}
			boolean firstOfOwner = isFirstOf(form.get("owner").strip());
			CreatedApiKey created = (entity != null) ? this.apiKeys.create(entity, newApiKey)
					: this.apiKeys.create(newApiKey);
			return this.issuedKeyPage.show(created, null, request).addObject("firstOfOwner", firstOfOwner);
		}
		catch (InvalidApiKeyAttributeException ex) {
			form.reject(ex.getAttribute(), "error." + ex.getAttribute());
			form.put("submission", UsedSubmissions.next());
			return form(form, HttpStatus.BAD_REQUEST, locale, request);
		}
	}

	/**
	 * Asked before the key is created, whose plaintext no failure may keep from the user.
	 */
	private boolean isFirstOf(String owner) {
		return !owner.isEmpty() && this.apiKeys.list(ApiKeyQuery.all().owner(owner), Pageable.ofSize(1)).isEmpty();
	}

	private static <T extends ApiKey> @Nullable ApiKey entity(ApiKeyAdminType<T> type, KeyForm form,
			@Nullable NewApiKey newApiKey) {
		try {
			T entity = type.create(form.fields());
			if (newApiKey != null) {
				setOwner(newApiKey, type.getOwner(entity), form);
				form.check(() -> ApiKeyTypes.ownerOf(entity, newApiKey));
			}
			return entity;
		}
		catch (InvalidFieldException ex) {
			form.reject("field." + ex.getField(), String.valueOf(ex.getMessage()));
			return null;
		}
	}

	private static void setOwner(NewApiKey newApiKey, @Nullable String owner, KeyForm form) {
		if (owner == null || owner.equals(newApiKey.getOwner())) {
			return;
		}
		if (newApiKey.getOwner() != null) {
			form.reject("owner", "error.owner");
			return;
		}
		form.check(() -> newApiKey.owner(owner));
	}

	/**
	 * A field that the type of the key adds.
	 */
	record FormField(String name, String label, Map<String, String> options) {

	}

}
