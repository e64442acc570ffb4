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

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.convert.ConverterNotFoundException;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Answers a single value where there are several properties, such as an environment
 * variable {@code API_KEY_TOKEN} that an application had before. In the environment it is
 * ignored. Everywhere else it is a mistake. The value may be a secret, so nothing prints
 * it.
 */
final class MisplacedValueHandler extends AbstractBindHandler {

	private static final Log logger = LogFactory.getLog(MisplacedValueHandler.class);

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("api-key");

	MisplacedValueHandler(BindHandler parent) {
		super(parent);
	}

	@Override
	public @Nullable Object onFailure(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
			Exception error) throws Exception {
		ConfigurationProperty property = (error instanceof ConverterNotFoundException && PREFIX.isAncestorOf(name))
				? find(name, context) : null;
		if (property == null) {
			return super.onFailure(name, target, context, error);
		}
		if (property.getSource() != null
				&& property.getSource().getUnderlyingSource() instanceof SystemEnvironmentPropertySource) {
			logger.warn("The environment variable for '" + name + "' is ignored, since it holds a single value in "
					+ "place of several properties: " + property.getOrigin());
			return null;
		}
		throw new ApiKeyConfigurationException(
				"'" + name + "' has a single value, and is the beginning of several properties (" + property.getOrigin()
						+ ").",
				"Set properties that begin with '" + name + ".', such as "
						+ "'api-key.scopes.[orders:read]=Read orders' for scopes, or remove it.");
	}

	/**
	 * Not the context's current property: looking for nested ones has replaced it.
	 */
	private static @Nullable ConfigurationProperty find(ConfigurationPropertyName name, BindContext context) {
		for (ConfigurationPropertySource source : context.getSources()) {
			ConfigurationProperty property = source.getConfigurationProperty(name);
			if (property != null) {
				return property;
			}
		}
		return null;
	}

}
