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
package io.github.apikeys.autoconfigure;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Refuses what would mean something else than what it looks like: a time without a unit,
 * which Spring Boot takes for milliseconds, and the name of an entry of which Spring Boot
 * drops characters. Values are printed only if they are numbers.
 */
final class AmbiguousValueHandler extends AbstractBindHandler {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("api-key");

	private static final Pattern NUMBER = Pattern.compile("\\s*[+-]?0*([1-9][0-9]*)\\s*");

	private static final Pattern DROPPED = Pattern.compile("[^A-Za-z0-9._-]");

	private static final Pattern INDEX = Pattern.compile("\\[\\d+].*");

	private boolean ours;

	/**
	 * Creates a handler for one binding, which may be of properties that the application
	 * has below the same prefix.
	 */
	AmbiguousValueHandler(BindHandler parent) {
		super(parent);
	}

	@Override
	public <T> @Nullable Bindable<T> onStart(ConfigurationPropertyName name, Bindable<T> target, BindContext context) {
		Class<?> type = target.getType().resolve();
		if (PREFIX.equals(name)) {
			this.ours = type == ApiKeyProperties.class;
		}
		if (this.ours && PREFIX.isAncestorOf(name)) {
			if (type == Duration.class) {
				checkUnit(name, context);
			}
			else if (type == Map.class) {
				context.getSources().forEach((source) -> checkNames(name, source));
			}
		}
		return super.onStart(name, target, context);
	}

	/**
	 * Zero is the same in every unit.
	 */
	private static void checkUnit(ConfigurationPropertyName name, BindContext context) {
		String text = context.getBinder().bind(name, Bindable.of(String.class)).orElse("");
		Matcher number = NUMBER.matcher(text);
		if (number.matches()) {
			String digits = number.group(1);
			throw new ApiKeyConfigurationException(
					"'" + name + "' is " + text.strip() + ", a time without a unit, which would be milliseconds.",
					"Add the unit: '" + digits + "d' for days, '" + digits + "h' for hours, '" + digits
							+ "m' for minutes or '" + digits + "s' for seconds.");
		}
	}

	private static void checkNames(ConfigurationPropertyName map, ConfigurationPropertySource source) {
		if (source.getUnderlyingSource() instanceof EnumerablePropertySource<?> properties
				&& !(properties instanceof SystemEnvironmentPropertySource)) {
			for (String property : properties.getPropertyNames()) {
				if (property.regionMatches(true, 0, "api", 0, 3)
						&& map.isAncestorOf(ConfigurationPropertyName.adapt(property, '.'))) {
					checkName(map, property);
				}
			}
		}
	}

	private static void checkName(ConfigurationPropertyName map, String property) {
		String key = keyOf(property, map.getNumberOfElements());
		// elsewhere a number in brackets is a name, and what YAML makes of one
		if (map.getLastElement(Form.UNIFORM).equals("scopes") && INDEX.matcher(key).matches()) {
			throw new ApiKeyConfigurationException("'" + map + "' is a list, and must be names with a value each.",
					"Write 'api-key.scopes.[orders:read]=Read orders' for scopes, and in YAML "
							+ "\"[orders:read]\": \"Read orders\" below 'scopes'.");
		}
		if (!key.startsWith("[") && DROPPED.matcher(key).find()) {
			throw new ApiKeyConfigurationException(
					"The name '" + key + "' in '" + property + "' would lose its punctuation and become '"
							+ DROPPED.matcher(key).replaceAll("") + "'.",
					"Put it into brackets: '" + map + ".[" + key + "]', in YAML \"[" + key
							+ "]\" below it, and in a properties file with a backslash before each colon.");
		}
	}

	/**
	 * What follows the name of the map, as it was written.
	 */
	private static String keyOf(String property, int elements) {
		int start = 0;
		for (int i = 0; i < elements && start < property.length(); i++) {
			while (start < property.length() && property.charAt(start) != '.' && property.charAt(start) != '[') {
				start++;
			}
			if (i < elements - 1 || (start < property.length() && property.charAt(start) == '.')) {
				start++;
			}
		}
		return property.substring(Math.min(start, property.length()));
	}

}
