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

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyState;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.KeysetScrollPosition;
import org.springframework.data.domain.ScrollPosition;
import org.springframework.data.domain.Sort;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.util.StringUtils;
import org.springframework.web.util.UriComponentsBuilder;
import org.springframework.web.util.UriUtils;

/**
 * Which part of the list somebody looks at. It is all in the URL; what makes no sense
 * there is left out.
 */
final class ListView {

	static final String SEARCH = "q";

	private static final String CARRIED = "view";

	/** What other filters mean, and is no filter itself. */
	private static final String ZONE = "zone";

	/** Neither revoked nor expired. */
	private static final String USABLE = "usable";

	private static final List<String> FILTERS = List.of("state", "type", "owner", "scope", "from", "to", ZONE, "due",
			"use");

	private static final List<String> SORTS = List.of("name", "createdAt", "expiresAt", "lastUsedAt");

	private static final List<String> PAST = List.of("createdAt", "lastUsedAt");

	private static final int MAX_LENGTH = 255;

	private final Map<String, String> parameters = new LinkedHashMap<>();

	private ListView() {
	}

	/**
	 * Reads a view.
	 * @param given the parameters of a request
	 */
	static ListView of(Map<String, String> given) {
		ListView view = new ListView();
		String search = value(given, SEARCH);
		if (search != null && !PastedToken.isPossible(search)) {
			view.parameters.put(SEARCH, search);
		}
		for (String name : FILTERS) {
			String value = value(given, name);
			if (value != null && view.isSensible(name, value)) {
				view.parameters.put(name, value);
			}
		}
		String sort = value(given, "sort");
		if (sort != null && SORTS.contains(sort)) {
			view.parameters.put("sort", sort);
			view.parameters.put("dir", "desc".equals(given.get("dir")) ? "desc" : "asc");
		}
		for (String name : List.of("after", "before")) {
			String value = value(given, name);
			if (value != null && RequestValues.uuid(value) != null && !view.parameters.containsKey("after")) {
				view.parameters.put(name, value);
			}
		}
		return view;
	}

	/**
	 * Reads the view that a page was reached from.
	 * @param request one with the parameter that {@link #carried} makes, or without it
	 */
	static ListView before(HttpServletRequest request) {
		return ofLink(Objects.requireNonNullElse(request.getParameter(CARRIED), ""));
	}

	/**
	 * Reads a view.
	 * @param link what {@link #link} returned, or anything else
	 */
	static ListView ofLink(String link) {
		Map<String, String> given = new LinkedHashMap<>();
		for (String parameter : link.replaceFirst("^\\?", "").split("&")) {
			int end = parameter.indexOf('=');
			if (end > 0) {
				given.putIfAbsent(parameter.substring(0, end), decoded(parameter.substring(end + 1)));
			}
		}
		return of(given);
	}

	private static String decoded(String value) {
		try {
			return UriUtils.decode(value, StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			return "";
		}
	}

	private boolean isSensible(String name, String value) {
		return switch (name) {
			case "state" -> value.equals(USABLE) || state(value) != null;
			case "from", "to" -> date(value) != null;
			case ZONE -> RequestValues.isZone(value);
			case "due" -> value.equals("30");
			case "use" -> value.equals("never") || value.equals("90");
			default -> !PastedToken.isPossible(value) || name.equals("owner");
		};
	}

	private static @Nullable String value(Map<String, String> given, String name) {
		String value = given.get(name);
		if (!StringUtils.hasText(value) || value.chars().anyMatch(Character::isISOControl)) {
			return null;
		}
		return cut(value.strip());
	}

	/**
	 * Neither a half of a character nor a space may be what remains at the end.
	 */
	private static String cut(String value) {
		if (value.length() <= MAX_LENGTH) {
			return value;
		}
		int end = Character.isHighSurrogate(value.charAt(MAX_LENGTH - 1)) ? MAX_LENGTH - 1 : MAX_LENGTH;
		return value.substring(0, end).strip();
	}

	/**
	 * A parameter of the view.
	 * @return its value, empty if it is not set
	 */
	public String get(String name) {
		return this.parameters.getOrDefault(name, "");
	}

	/**
	 * Whether the list is cut down.
	 */
	public boolean isFiltered() {
		return this.parameters.containsKey(SEARCH) || !getFilters().isEmpty();
	}

	/**
	 * The filters that are set, without the text that is searched for.
	 * @return their names
	 */
	public List<String> getFilters() {
		return FILTERS.stream().filter((name) -> !name.equals(ZONE) && this.parameters.containsKey(name)).toList();
	}

	/**
	 * Whether no key can match, because the period ends before it begins.
	 */
	public boolean isPeriodEmpty() {
		LocalDate from = date(get("from"));
		LocalDate to = date(get("to"));
		return from != null && to != null && to.isBefore(from);
	}

	/**
	 * A link to the same list without a filter.
	 */
	public String without(String name) {
		Map<String, String> changed = firstPage();
		changed.remove(name);
		return link(changed);
	}

	/**
	 * A link to the same list with a filter, or without it if it has this value.
	 */
	public String toggled(String name, String value) {
		if (get(name).equals(value)) {
			return without(name);
		}
		Map<String, String> changed = firstPage();
		changed.put(name, value);
		return link(changed);
	}

	/**
	 * The parameters of the view that a form must keep.
	 */
	public Map<String, String> getParameters() {
		return this.parameters;
	}

	/**
	 * How a column is sorted.
	 * @return {@code ascending}, {@code descending} or {@code none}, as in
	 * {@code aria-sort}
	 */
	public String sorted(String column) {
		Sort.Order order = order();
		if (!order.getProperty().equals(column)) {
			return "none";
		}
		return order.isAscending() ? "ascending" : "descending";
	}

	/**
	 * A link to the same list sorted by a column, or the other way round. What happened
	 * last, and what happens next, comes first.
	 */
	public String sortedBy(String column) {
		Map<String, String> changed = firstPage();
		changed.put("sort", column);
		changed.put("dir", switch (sorted(column)) {
			case "ascending" -> "desc";
			case "descending" -> "asc";
			default -> PAST.contains(column) ? "desc" : "asc";
		});
		return link(changed);
	}

	/**
	 * A link to the page after a key.
	 */
	public String after(ApiKey apiKey) {
		return page("after", apiKey);
	}

	/**
	 * A link to the page before a key.
	 */
	public String before(ApiKey apiKey) {
		return page("before", apiKey);
	}

	private String page(String name, ApiKey apiKey) {
		Map<String, String> changed = firstPage();
		changed.put(name, apiKey.getId().toString());
		return link(changed);
	}

	private Map<String, String> firstPage() {
		Map<String, String> changed = new LinkedHashMap<>(this.parameters);
		changed.keySet().removeAll(List.of("after", "before"));
		return changed;
	}

	/**
	 * What links to other pages add, so that the way back leads to this view.
	 * @return a query string that begins with a question mark, or nothing
	 */
	public String carried() {
		String link = link();
		return link.isEmpty() ? "" : "?" + CARRIED + "=" + UriUtils.encode(link.substring(1), StandardCharsets.UTF_8);
	}

	/**
	 * A link to this view.
	 * @return a query string that begins with a question mark, or nothing
	 */
	public String link() {
		return link(this.parameters);
	}

	private static String link(Map<String, String> parameters) {
		UriComponentsBuilder builder = UriComponentsBuilder.newInstance();
		parameters.forEach((name, value) -> builder.queryParam(name, "{" + name + "}"));
		return builder.encode().buildAndExpand(parameters).toUriString();
	}

	ApiKeyQuery toQuery(Collection<Specification<ApiKey>> alternatives) {
		ApiKeyQuery query = ApiKeyQuery.all();
		String search = this.parameters.get(SEARCH);
		if (search != null) {
			query.search(search, alternatives);
		}
		ApiKeyState state = state(get("state"));
		if (state != null) {
			query.state(state);
		}
		else if (get("state").equals(USABLE) || this.parameters.containsKey("use")) {
			query.states(List.of(ApiKeyState.NOT_YET_VALID, ApiKeyState.ACTIVE, ApiKeyState.DISABLED));
		}
		if (this.parameters.containsKey("type")) {
			query.type(get("type"));
		}
		if (this.parameters.containsKey("owner")) {
			query.owner(get("owner"));
		}
		if (this.parameters.containsKey("scope")) {
			query.scope(get("scope"));
		}
		LocalDate from = date(get("from"));
		LocalDate to = date(get("to"));
		query.createdBetween((from != null) ? start(from) : null, (to != null) ? start(to.plusDays(1)) : null);
		if (this.parameters.containsKey("due")) {
			query.expiringWithin(Duration.ofDays(30));
		}
		if (get("use").equals("never")) {
			query.neverUsed();
		}
		else if (get("use").equals("90")) {
			query.unusedFor(Duration.ofDays(90));
		}
		return query;
	}

	private Instant start(LocalDate day) {
		return day.atStartOfDay(RequestValues.zone(get("zone"))).toInstant();
	}

	Sort.Order order() {
		return this.parameters.containsKey("sort") ? new Sort.Order(Sort.Direction.fromString(get("dir")), get("sort"))
				: Sort.Order.desc("createdAt");
	}

	KeysetScrollPosition position() {
		UUID after = RequestValues.uuid(get("after"));
		UUID before = RequestValues.uuid(get("before"));
		if (after != null) {
			return ScrollPosition.forward(Map.of("id", after));
		}
		return (before != null) ? ScrollPosition.backward(Map.of("id", before)) : ScrollPosition.keyset();
	}

	private static @Nullable ApiKeyState state(String text) {
		for (ApiKeyState state : ApiKeyState.values()) {
			if (KeyRow.word(state).equals(text)) {
				return state;
			}
		}
		return null;
	}

	private static @Nullable LocalDate date(String text) {
		try {
			LocalDate date = LocalDate.parse(text);
			return (date.getYear() >= 1970 && date.getYear() < 9999) ? date : null;
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

}
