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
package io.github.apikeys.benchmarks;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An administrator at the pages of the sample: a key that is revoked there is revoked by
 * the same process that verifies it.
 */
final class SampleAdmin {

	private static final Pattern TOKEN = Pattern.compile("name=\"(_csrf|formToken)\"[^>]*value=\"([^\"]+)\"");

	private final HttpClient http = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

	private final String address;

	SampleAdmin(int port) {
		this.address = "http://localhost:" + port;
	}

	void signIn() {
		send("/login", Map.of("username", "admin", "password", "password"), get("/login"));
	}

	/**
	 * Revokes a key.
	 * @throws IllegalStateException if it is not known whether it was revoked
	 */
	void revoke(UUID id) {
		String path = "/admin/api-keys/" + id + "/revoke";
		String location = send(path, Map.of("confirmation", "load"), get(path));
		if (!location.contains("done=revoked")) {
			throw new IllegalStateException("Not revoked, but sent to " + location);
		}
	}

	private String get(String path) {
		return send(request(path).GET().build()).body();
	}

	private String send(String path, Map<String, String> values, String page) {
		Map<String, String> form = new LinkedHashMap<>(values);
		Matcher token = TOKEN.matcher(page);
		while (token.find()) {
			form.put(token.group(1), token.group(2));
		}
		String body = form.entrySet()
			.stream()
			.map((field) -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&"));
		return send(request(path).header("Content-Type", "application/x-www-form-urlencoded")
			.POST(HttpRequest.BodyPublishers.ofString(body))
			.build()).headers().firstValue("Location").orElse("");
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create(this.address + path)).timeout(Duration.ofMinutes(1));
	}

	private HttpResponse<String> send(HttpRequest request) {
		try {
			return this.http.send(request, HttpResponse.BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
