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

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.IssuanceTerms;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.KeysetScrollPosition;
import org.springframework.data.domain.ScrollPosition;
import org.springframework.data.domain.ScrollPosition.Direction;
import org.springframework.data.domain.Window;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/**
 * The list of keys, what is found in it, and its export.
 */
@Controller
@RequestMapping("${api-key.admin.path:/admin/api-keys}")
class KeyListController {

	private static final int PAGE_SIZE = 50;

	private static final int EXPORT_BATCH = 500;

	private final ApiKeyService apiKeys;

	private final ApiKeyReports reports;

	private final ApiKeyTokenFormats tokenFormats;

	private final AdminTypes types;

	private final IssuanceTerms terms;

	private final Overview overview;

	private final AdminPages pages;

	private final AdminHandlerGuard guard;

	KeyListController(AdminKeys keys, ApiKeyTokenFormats tokenFormats, AdminOffers offers, AdminPages pages,
			AdminHandlerGuard guard) {
		this.apiKeys = keys.service();
		this.reports = keys.reports();
		this.tokenFormats = tokenFormats;
		this.types = offers.types();
		this.terms = offers.terms();
		this.overview = new Overview(keys.reports(), pages.clock());
		this.pages = pages;
		this.guard = guard;
	}

	@GetMapping
	ModelAndView list(@RequestParam Map<String, String> parameters, Locale locale, HttpServletRequest request,
			HttpServletResponse response) {
		this.guard.enter(request, response);
		ListView view = ListView.of(parameters);
		Part part = part(view, view.toQuery(this.types.search(view.get(ListView.SEARCH))));
		AdminNotice notice = AdminNotice.of(request);
		return listPage(new Listed(view, part, notice.word(), notice.count(), false), locale, request)
			.addObject("same", notice.same())
			.addObject("failed", notice.failed());
	}

	private Part part(ListView view, ApiKeyQuery query) {
		KeysetScrollPosition position = view.position();
		Window<ApiKey> window = this.reports.scroll(query, view.order(), position, PAGE_SIZE);
		List<ApiKey> keys = window.getContent();
		boolean forward = position.getDirection() == Direction.FORWARD;
		boolean middle = !position.isInitial() && !keys.isEmpty();
		return new Part(keys, (forward ? middle : window.hasNext()) ? view.before(keys.get(0)) : null,
				(forward ? window.hasNext() : middle) ? view.after(keys.get(keys.size() - 1)) : null);
	}

	private ModelAndView listPage(Listed listed, Locale locale, HttpServletRequest request) {
		ListView view = listed.view();
		Part part = listed.part();
		Map<String, @Nullable Object> model = new HashMap<>();
		model.put("view", view);
		model.put("carried", view.carried());
		model.put("rows", rows(part.keys()));
		model.put("next", part.next());
		model.put("previous", part.previous());
		model.put("numbers", this.overview.get());
		model.put("states", Arrays.stream(ApiKeyState.values()).map(KeyRow::word).toList());
		model.put("types", this.types.labels(this.pages.message("type.plain"), locale));
		model.put("headings", this.types.headings(view.get("type"), locale));
		model.put("scopes", this.terms.getDeclaredScopes().keySet());
		model.put("answer", listed.answer());
		model.put("done", listed.done());
		model.put("subject", listed.subject());
		return this.pages.page(request, HttpStatus.OK, "list", model);
	}

	private List<KeyRow> rows(List<ApiKey> keys) {
		Instant now = this.pages.clock().instant();
		return keys.stream().map((key) -> new KeyRow(key, key.getState(now), this.types.values(key))).toList();
	}

	/**
	 * Puts what somebody looks for into the URL, unless it may be a secret: that is
	 * answered here and now. The parameters are no argument, because Spring's log at the
	 * level TRACE shows the arguments of handlers.
	 */
	@PostMapping("/search")
	ModelAndView search(Locale locale, HttpServletRequest request, HttpServletResponse response) {
		this.guard.enterToChange(request, response);
		Map<String, String> parameters = firstValues(request);
		String text = searched(parameters);
		List<String> keyIds = PastedToken.keyIds(text, this.tokenFormats);
		List<ApiKey> found = found(keyIds, PastedToken.ids(text));
		if (found.size() == 1) {
			return this.pages.redirect(request, "/" + found.get(0).getId(), "found", 1);
		}
		ListView all = ListView.of(Map.of());
		if (!found.isEmpty()) {
			return listPage(new Listed(all, new Part(found, null, null), "found", found.size(), true), locale, request);
		}
		if (!PastedToken.isPossible(text)) {
			return this.pages.redirect(ListView.of(parameters).link());
		}
		// a name may look random, too
		ApiKeyQuery query = ApiKeyQuery.all().search(text, this.types.search(text));
		List<String> shown = PastedToken.ownKeyIds(text, this.tokenFormats);
		return listPage(new Listed(all, part(all, query), shown.isEmpty() ? "unknown-token" : "unknown-key",
				String.join(", ", shown), true), locale, request);
	}

	/**
	 * What somebody looks for, unless they pasted a token of ours into another field.
	 */
	private String searched(Map<String, String> parameters) {
		return parameters.entrySet()
			.stream()
			.filter((field) -> !field.getKey().equals(ListView.SEARCH))
			.map(Map.Entry::getValue)
			.filter((value) -> !PastedToken.ownKeyIds(value, this.tokenFormats).isEmpty())
			.findFirst()
			.orElseGet(() -> parameters.getOrDefault(ListView.SEARCH, ""))
			.strip();
	}

	private static Map<String, String> firstValues(HttpServletRequest request) {
		Map<String, String> parameters = new TreeMap<>();
		request.getParameterMap().forEach((name, values) -> parameters.put(name, values[0]));
		return parameters;
	}

	private List<ApiKey> found(List<String> keyIds, List<UUID> ids) {
		Map<UUID, ApiKey> found = new LinkedHashMap<>();
		Stream.concat(keyIds.stream().map(this.apiKeys::findByKeyId), ids.stream().map(this.apiKeys::find))
			.flatMap(Optional::stream)
			.forEach((key) -> found.put(key.getId(), key));
		return List.copyOf(found.values());
	}

	/**
	 * Reads the list in parts, so that its length does not matter.
	 */
	@GetMapping("/export.csv")
	void export(@RequestParam Map<String, String> parameters, HttpServletResponse response, HttpServletRequest request)
			throws IOException {
		this.guard.enter(request, response);
		ListView view = ListView.of(parameters);
		response.setContentType("text/csv;charset=UTF-8");
		response.setHeader(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"api-keys.csv\"");
		try (Writer writer = new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8)) {
			CsvWriter csv = new CsvWriter(writer);
			csv.write("key_id", "prefix", "type", "name", "description", "owner", "scopes", "state", "created_at",
					"not_before", "expires_at", "disabled_at", "revoked_at", "last_used_at", "last_used_from");
			ApiKeyQuery query = view.toQuery(this.types.search(view.get(ListView.SEARCH)));
			KeysetScrollPosition position = ScrollPosition.keyset();
			Window<ApiKey> window;
			do {
				window = this.reports.scroll(query, view.order(), position, EXPORT_BATCH);
				Instant now = this.pages.clock().instant();
				for (ApiKey key : window) {
					csv.write(key.getKeyId(), key.getPrefix(), key.getKeyType(), key.getName(), key.getDescription(),
							key.getOwner(), String.join(" ", key.getScopes()), KeyRow.word(key.getState(now)),
							key.getCreatedAt(), key.getNotBefore(), key.getExpiresAt(), key.getDisabledAt(),
							key.getRevokedAt(), key.getLastUsedAt(), key.getLastUsedFrom());
				}
				if (window.hasNext()) {
					position = ScrollPosition.forward(Map.of("id", window.getContent().get(window.size() - 1).getId()));
				}
			}
			while (window.hasNext());
		}
	}

	@GetMapping("/search")
	ModelAndView notByGet(HttpServletRequest request, HttpServletResponse response) {
		this.guard.enter(request, response);
		return this.pages.notByGet(request, response);
	}

	/**
	 * Some keys of a list, and links to those before and after them.
	 */
	private record Part(List<ApiKey> keys, @Nullable String previous, @Nullable String next) {
	}

	/**
	 * What the page of the list shows.
	 *
	 * @param done what was done before, or {@code null}
	 * @param subject how many keys, or which ones, that was about
	 * @param answer whether it shows what was found for a text that no URL may hold, and
	 * so has no other pages, orders and exports
	 */
	private record Listed(ListView view, Part part, @Nullable String done, Object subject, boolean answer) {
	}

}
