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
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyRevokedException;
import io.github.apikeys.core.ApiKeyService;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/**
 * What is done to several keys of a list at once, after a page that shows what matters
 * about them.
 */
@Controller
@RequestMapping("${api-key.admin.path:/admin/api-keys}/bulk")
class BulkController {

	private static final Log logger = LogFactory.getLog(BulkController.class);

	private static final int MAX_SELECTED = 500;

	private static final Duration IN_USE = Duration.ofDays(7);

	private final ApiKeyService apiKeys;

	private final AdminTypes types;

	private final AdminPages pages;

	private final AdminHandlerGuard guard;

	BulkController(ApiKeyService apiKeys, AdminTypes types, AdminPages pages, AdminHandlerGuard guard) {
		this.apiKeys = apiKeys;
		this.types = types;
		this.pages = pages;
		this.guard = guard;
	}

	@PostMapping
	ModelAndView confirm(@RequestParam(required = false) List<String> ids, @RequestParam String action,
			@RequestParam Map<String, String> parameters, HttpServletRequest request, HttpServletResponse response) {
		this.guard.enterToChange(request, response);
		ListView view = ListView.of(parameters);
		Selection selection = select(ids, action, "");
		return selection.keys().isEmpty() ? nothing(ids, view, request) : confirmation(selection, view, "", request);
	}

	private ModelAndView confirmation(Selection selection, ListView view, String error, HttpServletRequest request) {
		Instant now = this.pages.clock().instant();
		Map<String, Object> model = new HashMap<>();
		model.put("rows", selection.keys()
			.stream()
			.sorted(Comparator.comparing(ApiKey::getLastUsedAt, Comparator.nullsLast(Comparator.reverseOrder())))
			.map((key) -> new KeyRow(key, key.getState(now), this.types.values(key)))
			.toList());
		model.put("inUse", inUse(selection, now));
		model.put("action", selection.action());
		model.put("reason", selection.reason());
		model.put("error", error);
		model.put("view", view);
		return this.pages.page(request, error.isEmpty() ? HttpStatus.OK : HttpStatus.BAD_REQUEST, "bulk", model);
	}

	/**
	 * How many clients notice, as far as it is known.
	 */
	private static long inUse(Selection selection, Instant now) {
		if (selection.action().equals("enable")) {
			return 0;
		}
		return selection.keys()
			.stream()
			.filter((key) -> key.getLastUsedAt() != null && key.getLastUsedAt().isAfter(now.minus(IN_USE)))
			.count();
	}

	@PostMapping("/confirmed")
	ModelAndView change(@RequestParam(required = false) List<String> ids, @RequestParam String action,
			@RequestParam Map<String, String> parameters, HttpServletRequest request, HttpServletResponse response) {
		this.guard.enterToChange(request, response);
		ListView view = ListView.of(parameters);
		Selection selection = select(ids, action, parameters.getOrDefault("reason", ""));
		if (selection.number() == 0) {
			return nothing(ids, view, request);
		}
		String number = String.valueOf(selection.keys().size());
		if (inUse(selection, this.pages.clock().instant()) > 0
				&& !parameters.getOrDefault("confirmation", "").strip().equals(number)) {
			return confirmation(selection, view, "error.number", request);
		}
		int changed = 0;
		int failed = 0;
		for (ApiKey key : selection.keys()) {
			try {
				changed += change(key, selection) ? 1 : 0;
			}
			catch (AccessDeniedException ex) {
				throw ex;
			}
			catch (RuntimeException ex) {
				// one key keeps no other one alive
				logger.error("The API key '" + key.getKeyId() + "' was not changed", ex);
				failed++;
			}
		}
		int same = selection.number() - changed - failed;
		return this.pages.redirect(request, view.link(), new AdminNotice(done(action), changed, same, failed));
	}

	/**
	 * What an action is called once it is done.
	 * @return the word, or {@code null} if there is no such action
	 */
	private static @Nullable String done(String action) {
		return switch (action) {
			case "revoke" -> "revoked";
			case "disable" -> "disabled";
			case "enable" -> "enabled";
			default -> null;
		};
	}

	/**
	 * Changes a key.
	 * @return whether it was not so before
	 */
	private boolean change(ApiKey key, Selection selection) {
		if (key.getRevokedAt() != null) {
			return false;
		}
		// asked first: the entity may be that of the request, which shows the change
		boolean disabled = key.getDisabledAt() != null;
		try {
			switch (selection.action()) {
				case "revoke" -> this.apiKeys.revoke(key.getId(), RequestValues.text(selection.reason()));
				case "disable" -> this.apiKeys.disable(key.getId());
				default -> this.apiKeys.enable(key.getId());
			}
		}
		catch (ApiKeyNotFoundException | ApiKeyRevokedException ex) {
			return false;
		}
		return selection.action().equals("revoke") || disabled == selection.action().equals("enable");
	}

	private Selection select(@Nullable List<String> ids, String action, String reason) {
		if (ids == null || ids.size() > MAX_SELECTED || done(action) == null) {
			return new Selection(0, List.of(), action, reason);
		}
		Map<UUID, Optional<ApiKey>> keys = new LinkedHashMap<>();
		for (String text : ids) {
			UUID id = RequestValues.uuid(text);
			if (id != null) {
				keys.computeIfAbsent(id, this.apiKeys::find);
			}
		}
		return new Selection(keys.size(), keys.values().stream().flatMap(Optional::stream).toList(), action, reason);
	}

	private ModelAndView nothing(@Nullable List<String> ids, ListView view, HttpServletRequest request) {
		return (ids != null && ids.size() > MAX_SELECTED)
				? this.pages.redirect(request, view.link(), "too-many", MAX_SELECTED)
				: this.pages.redirect(request, view.link(), "nothing", 0);
	}

	@GetMapping({ "", "/confirmed" })
	ModelAndView notByGet(HttpServletRequest request, HttpServletResponse response) {
		this.guard.enter(request, response);
		return this.pages.notByGet(request, response);
	}

	/**
	 * How many keys were chosen, those that there still are, what is to be done to them,
	 * and why.
	 */
	private record Selection(int number, List<ApiKey> keys, String action, String reason) {

	}

}
