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

import java.text.Normalizer;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Reads what came with a request and may be anything.
 */
final class RequestValues {

	private RequestValues() {
	}

	static @Nullable UUID uuid(String text) {
		try {
			return UUID.fromString(text);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * A time zone.
	 * @return the zone, UTC if there is no such zone
	 */
	static ZoneId zone(String text) {
		return isZone(text) ? ZoneId.of(text) : ZoneId.of("UTC");
	}

	static boolean isZone(String text) {
		try {
			ZoneId.of(text);
			return true;
		}
		catch (DateTimeException ex) {
			return false;
		}
	}

	/**
	 * A text without spaces around it.
	 * @return the text, or {@code null} if nothing is left
	 */
	static @Nullable String text(String text) {
		return StringUtils.hasText(text) ? text.strip() : null;
	}

	/**
	 * Returns whether somebody typed what they see. Characters that cannot be seen, and
	 * different ways to write the same, make no difference.
	 */
	static boolean looksLike(String typed, String shown) {
		String visible = visible(shown);
		return visible.isEmpty() ? typed.equals(shown) : visible(typed).equals(visible);
	}

	private static String visible(String text) {
		String plain = Normalizer.normalize(text, Normalizer.Form.NFKC).replaceAll("\\p{Cf}", "");
		return plain.replaceAll("[\\s\\p{Z}]+", " ").strip();
	}

}
