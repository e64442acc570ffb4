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

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyRevokedException;
import io.github.apikeys.core.ApiKeyRotation;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyVersionConflictException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.IssuanceTerms;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;

/**
 * One key: what is known about it, and what can be done to it.
 */
@Controller
@RequestMapping("${api-key.admin.path:/admin/api-keys}/{id:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}}")
class KeyController {

	private final ApiKeyService apiKeys;

	private final ApiKeyReports reports;

	private final AdminTypes types;

	private final IssuanceTerms terms;

	private final AdminExpiry expiry;

	private final AdminGraces graces;

	private final IssuedKeyPage issuedKeyPage;

	private final AdminPages pages;

	private final AdminHandlerGuard guard;

	KeyController(AdminKeys keys, AdminOffers offers, IssuedKeyPage issuedKeyPage, AdminPages pages,
			AdminHandlerGuard guard) {
		this.apiKeys = keys.service();
		this.reports = keys.reports();
		this.types = offers.types();
		this.terms = offers.terms();
		this.expiry = offers.expiry();
		this.graces = new AdminGraces(this.terms.getMaxGrace());
		this.issuedKeyPage = issuedKeyPage;
		this.pages = pages;
		this.guard = guard;
	}

	@GetMapping
	ModelAndView show(@PathVariable UUID id, Locale locale, HttpServletRequest request, HttpServletResponse response) {
		this.guard.enter(request, response);
		Outcome outcome = new Outcome(HttpStatus.OK, AdminNotice.of(request).word(), null);
		return showPage(existing(id), outcome, locale, request);
	}

	private ModelAndView showPage(ApiKey key, Outcome outcome, Locale locale, HttpServletRequest request) {
		Map<String, @Nullable Object> model = model(key);
		model.put("done", outcome.done());
		model.put("refused", outcome.refused());
		model.put("types", this.types.labels(this.pages.message("type.plain"), locale));
		model.put("headings", this.types.headings(key.getKeyType(), locale));
		model.put("scopes", this.terms.getDeclaredScopes());
		model.put("predecessor", other(key.getPredecessorId()));
		model.put("successor", other(key.getSuccessorId()));
		List<ApiKeyEvent> history = this.reports.history(key.getId());
		model.put("history", history);
		model.put("deleted", history.stream().anyMatch((event) -> event.getChange() == ApiKeyChange.DELETED));
		model.put("chart", UsageChart.ofLastDays(now(), (from, to) -> this.reports.usage(key.getId(), from, to)));
		return this.pages.page(request, outcome.status(), "key", model);
	}

	private @Nullable ApiKey other(@Nullable UUID id) {
		return (id != null) ? this.apiKeys.find(id).orElse(null) : null;
	}

	@GetMapping("/edit")
	ModelAndView editForm(@PathVariable UUID id, HttpServletRequest request, HttpServletResponse response) {
		this.guard.enter(request, response);
		ApiKey key = usable(id);
		return edit(key, KeyEdit.of(key), HttpStatus.OK, null, request);
	}

	private ModelAndView edit(ApiKey key, KeyEdit edit, HttpStatus status, @Nullable String refused,
			HttpServletRequest request) {
		Set<String> others = new TreeSet<>(key.getScopes());
		others.removeAll(this.terms.getDeclaredScopes().keySet());
		Map<String, @Nullable Object> model = model(key);
		offer(edit.form(), key);
		model.put("form", edit.form());
		model.put("shown", edit.hidden());
		model.put("scopes", this.terms.getDeclaredScopes());
		model.put("otherScopes", others);
		model.put("refused", refused);
		return this.pages.page(request, status, "edit", model);
	}

	private void offer(KeyForm form, ApiKey key) {
		Map<String, @Nullable Instant> expiries = new LinkedHashMap<>();
		expiries.put(KeyForm.KEEP, key.getExpiresAt());
		expiries.putAll(this.expiry.choices(key.getCreatedAt(), now()));
		form.offer(expiries, this.expiry.latest(key.getCreatedAt()));
	}

	@PostMapping("/edit")
	ModelAndView edit(@PathVariable UUID id, @RequestParam MultiValueMap<String, String> parameters,
			HttpServletRequest request, HttpServletResponse response) {
		this.guard.enterToChange(request, response);
		ApiKey key = usable(id);
		KeyEdit edit = KeyEdit.of(key, parameters);
		KeyForm form = edit.form();
		offer(form, key);
		try {
			long version = version(form);
			this.apiKeys.update(id, (update) -> {
				edit.transferTo(update, key, now());
				if (!form.getErrors().isEmpty()) {
					throw new InvalidApiKeyAttributeException("form", "The form has errors");
				}
				update.expectVersion(version);
			});
			return done(id, "updated", request);
		}
		catch (InvalidApiKeyAttributeException ex) {
			if (form.getErrors().isEmpty()) {
				form.reject(ex.getAttribute(), "error." + ex.getAttribute());
			}
			return edit(key, edit, HttpStatus.BAD_REQUEST, null, request);
		}
		catch (ApiKeyVersionConflictException ex) {
			ApiKey current = existing(id);
			return edit(current, edit.onto(current), HttpStatus.CONFLICT, "changed-meanwhile", request);
		}
	}

	/**
	 * A version that never was is one that is not current.
	 */
	private static long version(KeyForm form) {
		return form.get("version").matches("\\d{1,18}") ? Long.parseLong(form.get("version")) : -1;
	}

	@PostMapping("/disable")
	ModelAndView disable(@PathVariable UUID id, HttpServletRequest request, HttpServletResponse response) {
		this.guard.enterToChange(request, response);
		this.apiKeys.disable(id);
		return done(id, "disabled", request);
	}

	@PostMapping("/enable")
	ModelAndView enable(@PathVariable UUID id, HttpServletRequest request, HttpServletResponse response) {
		this.guard.enterToChange(request, response);
		this.apiKeys.enable(id);
		return done(id, "enabled", request);
	}

	@GetMapping("/revoke")
	ModelAndView revokeForm(@PathVariable UUID id, HttpServletRequest request, HttpServletResponse response) {
		this.guard.enter(request, response);
		return revoke(usable(id), "", "", HttpStatus.OK, request);
	}

	private ModelAndView revoke(ApiKey key, String reason, String error, HttpStatus status,
			HttpServletRequest request) {
		Map<String, @Nullable Object> model = model(key);
		model.put("reason", reason);
		model.put("error", error);
		return this.pages.page(request, status, "revoke", model);
	}

	@PostMapping("/revoke")
	ModelAndView revoke(@PathVariable UUID id, @RequestParam(defaultValue = "") String reason,
			@RequestParam(defaultValue = "") String confirmation, HttpServletRequest request,
			HttpServletResponse response) {
		this.guard.enterToChange(request, response);
		ApiKey key = usable(id);
		if (!RequestValues.looksLike(confirmation, key.getName())) {
			return revoke(key, reason, "error.confirmation", HttpStatus.BAD_REQUEST, request);
		}
		if (reason.length() > 1000) {
			return revoke(key, reason, "error.reason", HttpStatus.BAD_REQUEST, request);
		}
		this.apiKeys.revoke(id, RequestValues.text(reason));
		return done(id, "revoked", request);
	}

	@GetMapping("/delete")
	ModelAndView deleteForm(@PathVariable UUID id, HttpServletRequest request, HttpServletResponse response) {
		this.guard.enter(request, response);
		return delete(existing(id), "", HttpStatus.OK, request);
	}

	private ModelAndView delete(ApiKey key, String error, HttpStatus status, HttpServletRequest request) {
		Map<String, @Nullable Object> model = model(key);
		model.put("error", error);
		return this.pages.page(request, status, "delete", model);
	}

	/**
	 * Deletes a key, also one that has ended: it is its row that is to go.
	 */
	@PostMapping("/delete")
	ModelAndView delete(@PathVariable UUID id, @RequestParam(defaultValue = "") String confirmation,
			HttpServletRequest request, HttpServletResponse response) {
		this.guard.enterToChange(request, response);
		ApiKey key = existing(id);
		if (!RequestValues.looksLike(confirmation, key.getName())) {
			return delete(key, "error.confirmation", HttpStatus.BAD_REQUEST, request);
		}
		this.apiKeys.delete(id);
		return done(id, "deleted", request);
	}

	@GetMapping("/rotate")
	ModelAndView rotateForm(@PathVariable UUID id, HttpServletRequest request, HttpServletResponse response) {
		this.guard.enter(request, response);
		ApiKey key = rotatable(id);
		Instant now = now();
		KeyForm form = new KeyForm();
		form.put("expiry", this.expiry.choicesOfSuccessor(key, now).keySet().iterator().next());
		form.put("grace", AdminGraces.preferred(this.graces.choices(key.getExpiresAt(), now)));
		return rotate(key, form, HttpStatus.OK, request);
	}

	private ModelAndView rotate(ApiKey key, KeyForm form, HttpStatus status, HttpServletRequest request) {
		Map<String, @Nullable Object> model = model(key);
		Instant now = now();
		form.offer(this.expiry.choicesOfSuccessor(key, now), this.expiry.latest(now));
		model.put("form", form);
		model.put("graces", this.graces.choices(key.getExpiresAt(), now));
		return this.pages.page(request, status, "rotate", model);
	}

	@PostMapping("/rotate")
	ModelAndView rotate(@PathVariable UUID id, @RequestParam MultiValueMap<String, String> parameters,
			HttpServletRequest request, HttpServletResponse response) {
		this.guard.enterToChange(request, response);
		ApiKey key = rotatable(id);
		Instant now = now();
		KeyForm form = KeyForm.of(parameters, List.of());
		form.offer(this.expiry.choicesOfSuccessor(key, now), this.expiry.latest(now));
		Instant end = this.graces.choices(key.getExpiresAt(), now).get(form.get("grace"));
		if (end == null) {
			form.reject("grace", "error.grace");
		}
		Instant expiresAt = form.expiresAt();
		if (end == null || !form.getErrors().isEmpty()) {
			return rotate(key, form, HttpStatus.BAD_REQUEST, request);
		}
		ApiKeyRotation rotation = ApiKeyRotation.withGrace(Duration.between(now, end));
		try {
			CreatedApiKey created = this.apiKeys.rotate(id,
					(expiresAt != null) ? rotation.expiresAt(expiresAt) : rotation.neverExpires());
			return this.issuedKeyPage.show(created, existing(id), request);
		}
		catch (InvalidApiKeyAttributeException ex) {
			form.reject(ex.getAttribute(), "error." + ex.getAttribute());
			return rotate(key, form, HttpStatus.BAD_REQUEST, request);
		}
	}

	@GetMapping({ "/disable", "/enable" })
	ModelAndView notByGet(HttpServletRequest request, HttpServletResponse response) {
		this.guard.enter(request, response);
		return this.pages.notByGet(request, response);
	}

	@ExceptionHandler
	ModelAndView notFound(ApiKeyNotFoundException ex, HttpServletRequest request) {
		return this.pages.page(request, HttpStatus.NOT_FOUND, "problem", Map.of("problem", "not-found"));
	}

	/**
	 * Somebody else was faster: shows what they did.
	 */
	@ExceptionHandler({ ApiKeyRevokedException.class, ApiKeyRotationException.class, KeyIsFinalException.class })
	ModelAndView lostRace(RuntimeException ex, Locale locale, HttpServletRequest request) {
		ApiKey key = existing(idOf(request));
		String refused = (key.getState(now()) == ApiKeyState.REVOKED) ? "revoked" : "not-rotatable";
		return showPage(key, new Outcome(HttpStatus.CONFLICT, null, refused), locale, request);
	}

	private ModelAndView done(UUID id, String what, HttpServletRequest request) {
		return this.pages.redirect(request, "/" + id + ListView.before(request).carried(), what, 1);
	}

	private static UUID idOf(HttpServletRequest request) {
		Object variables = request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE);
		return UUID.fromString(String.valueOf(((Map<?, ?>) variables).get("id")));
	}

	private Map<String, @Nullable Object> model(ApiKey key) {
		Map<String, @Nullable Object> model = new HashMap<>();
		model.put("row", new KeyRow(key, key.getState(now()), this.types.values(key)));
		model.put("key", key);
		return model;
	}

	private ApiKey existing(UUID id) {
		return this.apiKeys.find(id).orElseThrow(() -> new ApiKeyNotFoundException(id));
	}

	/**
	 * A key that can still be changed.
	 */
	private ApiKey usable(UUID id) {
		ApiKey key = existing(id);
		if (key.getRevokedAt() != null) {
			throw new KeyIsFinalException();
		}
		return key;
	}

	private ApiKey rotatable(UUID id) {
		ApiKey key = usable(id);
		if (key.getSuccessorId() != null || key.getDisabledAt() != null || key.getState(now()) == ApiKeyState.EXPIRED) {
			throw new KeyIsFinalException();
		}
		return key;
	}

	private Instant now() {
		return this.pages.clock().instant();
	}

	/**
	 * What was done to the key before its page is shown, or why it was not.
	 */
	private record Outcome(HttpStatus status, @Nullable String done, @Nullable String refused) {

	}

	/**
	 * A form is asked for, or sent, for a key to which this cannot be done any more.
	 */
	private static final class KeyIsFinalException extends RuntimeException {

		private static final long serialVersionUID = 1L;

	}

}
