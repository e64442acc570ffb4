package com.example.mapstore;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyActor;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyRow;
import io.github.apikeys.core.TokenHash;

/**
 * A line of the file: what it is about, and values by name. Its text is ASCII.
 */
record Line(String kind, Map<String, String> values) {

	static Line parse(String text) {
		String[] parts = text.split(" ", 2);
		Map<String, String> values = new LinkedHashMap<>();
		for (String entry : parts[1].split("&")) {
			String[] pair = entry.split("=", 2);
			values.put(decode(pair[0]), decode(pair[1]));
		}
		return new Line(parts[0], values);
	}

	String text() {
		StringJoiner text = new StringJoiner("&", this.kind + " ", "\n");
		this.values.forEach((name, value) -> {
			if (value != null) {
				text.add(encode(name) + "=" + encode(value));
			}
		});
		return text.toString();
	}

	static Line ofRow(ApiKeyRow row) {
		Map<String, String> values = new LinkedHashMap<>();
		row.columns().forEach((name, value) -> values.put("column." + name, text(value)));
		row.scopes().forEach((scope) -> values.put("scope." + scope, ""));
		row.metadata().forEach((name, value) -> values.put("metadata." + name, value));
		return new Line("key", values);
	}

	ApiKeyRow toRow() {
		Map<String, Object> columns = new LinkedHashMap<>();
		ApiKeyRow.columnTypes()
			.forEach((name, type) -> columns.put(name, value(type, this.values.get("column." + name))));
		return ApiKeyRow.of(columns, new TreeSet<>(below("scope.").keySet()), below("metadata."));
	}

	private Map<String, String> below(String prefix) {
		Map<String, String> below = new TreeMap<>();
		this.values.forEach((name, value) -> {
			if (name.startsWith(prefix)) {
				below.put(name.substring(prefix.length()), value);
			}
		});
		return below;
	}

	private static String text(Object value) {
		return (value instanceof TokenHash hash) ? hash.value() : (value != null) ? value.toString() : null;
	}

	private static Object value(Class<?> type, String text) {
		if (text == null || type == String.class) {
			return text;
		}
		if (type == UUID.class) {
			return UUID.fromString(text);
		}
		if (type == Instant.class) {
			return Instant.parse(text);
		}
		return (type == Long.class) ? Long.valueOf(text) : new TokenHash(text);
	}

	static Line ofEvent(ApiKeyEvent event) {
		Map<String, String> values = new LinkedHashMap<>();
		values.put("apiKeyId", event.getApiKeyId().toString());
		values.put("keyId", event.getKeyId());
		values.put("change", event.getChange().name());
		values.put("occurredAt", event.getOccurredAt().toString());
		values.put("actor", event.getActor());
		values.put("address", event.getAddress());
		values.put("detail", event.getDetail());
		return new Line("event", values);
	}

	ApiKeyEvent toEvent() {
		return ApiKeyEvent
			.of(UUID.fromString(this.values.get("apiKeyId")), this.values.get("keyId"),
					ApiKeyChange.valueOf(this.values.get("change")), Instant.parse(this.values.get("occurredAt")))
			.by(ApiKeyActor.of(this.values.get("actor"), this.values.get("address")))
			.withDetail(this.values.get("detail"));
	}

	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private static String decode(String text) {
		return URLDecoder.decode(text, StandardCharsets.UTF_8);
	}

}
