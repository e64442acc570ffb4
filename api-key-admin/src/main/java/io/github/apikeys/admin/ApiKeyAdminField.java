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

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

import org.springframework.util.Assert;

/**
 * What the form for a new key asks for besides what every key has.
 *
 * @since 0.1.0
 */
public final class ApiKeyAdminField {

	private final String name;

	private final Function<Locale, String> label;

	private final Supplier<Map<String, String>> options;

	private ApiKeyAdminField(String name, Function<Locale, String> label, Supplier<Map<String, String>> options) {
		Assert.hasText(name, "name cannot be empty");
		this.name = name;
		this.label = label;
		this.options = options;
	}

	/**
	 * Describes a line of text.
	 * @param name under which the value comes to {@link ApiKeyAdminType#create}
	 * @param label what it is called in a language
	 * @return the field
	 */
	public static ApiKeyAdminField text(String name, Function<Locale, String> label) {
		return new ApiKeyAdminField(name, label, Map::of);
	}

	/**
	 * Describes a choice.
	 * @param name under which the value comes to {@link ApiKeyAdminType#create}
	 * @param label what it is called in a language
	 * @param options what can be chosen: labels by value, in their order, asked for each
	 * time the form is shown
	 * @return the field
	 */
	public static ApiKeyAdminField choice(String name, Function<Locale, String> label,
			Supplier<Map<String, String>> options) {
		return new ApiKeyAdminField(name, label, options);
	}

	String name() {
		return this.name;
	}

	String label(Locale locale) {
		return this.label.apply(locale);
	}

	Map<String, String> options() {
		return this.options.get();
	}

}
