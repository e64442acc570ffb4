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

import java.beans.PropertyDescriptor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Warns of properties that no class of ours binds, and that are meant for one, since
 * their group is one of ours, or nearly called so, or they are ours but for the prefix. A
 * misspelt one has no effect, and nothing else says so; whether the application reads it
 * by itself is not known. Environment variables are not looked at, of which many a one
 * begins like ours, nor properties that the application binds to classes of its own. No
 * value is printed.
 */
final class UnknownPropertiesWarning implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(UnknownPropertiesWarning.class);

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("api-key");

	/** What is written in its place. */
	private static final List<ConfigurationPropertyName> WRONG_PREFIXES = Stream
		.of("api-keys", "api.key", "api.keys", "spring.api-key", "spring.api-keys", "spring.security.api-key",
				"spring.security.api-keys")
		.map(ConfigurationPropertyName::of)
		.toList();

	private static final String OURS = "io.github.apikeys.";

	/** The prefix, and the name of what it is about. */
	private static final int GROUP = 2;

	private final ConfigurableListableBeanFactory beanFactory;

	private final ConfigurableEnvironment environment;

	UnknownPropertiesWarning(ConfigurableListableBeanFactory beanFactory, ConfigurableEnvironment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	@Override
	public void afterSingletonsInstantiated() {
		Set<ConfigurationPropertyName> unknown = configured();
		if (!unknown.isEmpty()) {
			List<ConfigurationPropertyName> known = names(PREFIX, ApiKeyProperties.class);
			unknown.removeIf((name) -> isAmong(known, name));
			if (!unknown.isEmpty()) {
				addOtherClasses(known, unknown);
			}
			unknown.forEach((name) -> warn(name, known));
		}
	}

	private Set<ConfigurationPropertyName> configured() {
		Set<ConfigurationPropertyName> names = new TreeSet<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources
			.from(this.environment.getPropertySources())) {
			if (source instanceof IterableConfigurationPropertySource iterable
					&& !(source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource)) {
				iterable.stream()
					.filter((name) -> PREFIX.isAncestorOf(name) || withOurPrefix(name) != null)
					.forEach(names::add);
			}
		}
		return names;
	}

	/**
	 * Returns the name with our prefix in the place of a wrong one.
	 */
	private static @Nullable ConfigurationPropertyName withOurPrefix(ConfigurationPropertyName name) {
		return WRONG_PREFIXES.stream()
			.filter((prefix) -> prefix.isAncestorOf(name))
			.map((prefix) -> PREFIX.append(name.subName(prefix.getNumberOfElements())))
			.findFirst()
			.orElse(null);
	}

	/**
	 * Asked only if there is a reason to.
	 */
	private void addOtherClasses(List<ConfigurationPropertyName> known, Set<ConfigurationPropertyName> unknown) {
		for (String bean : this.beanFactory.getBeanDefinitionNames()) {
			ConfigurationProperties annotation = this.beanFactory.findAnnotationOnBean(bean,
					ConfigurationProperties.class, false);
			ConfigurationPropertyName prefix = (annotation != null)
					? ConfigurationPropertyName.ofIfValid(annotation.prefix()) : null;
			Class<?> type = (prefix != null) ? this.beanFactory.getType(bean, false) : null;
			if (prefix == null || type == null || type == ApiKeyProperties.class) {
				continue;
			}
			List<ConfigurationPropertyName> names = type.getName().startsWith(OURS) ? names(prefix, type)
					: List.of(prefix);
			unknown.removeIf((name) -> isAmong(names, name));
			if (type.getName().startsWith(OURS)) {
				known.addAll(names);
			}
		}
	}

	/**
	 * What stands below a name is an entry of a map or a list.
	 */
	private static boolean isAmong(List<ConfigurationPropertyName> known, ConfigurationPropertyName name) {
		return known.stream()
			.anyMatch((other) -> other.equals(name) || other.isAncestorOf(name) || name.isAncestorOf(other));
	}

	private static void warn(ConfigurationPropertyName name, List<ConfigurationPropertyName> known) {
		ConfigurationPropertyName meant = withOurPrefix(name);
		if (meant != null) {
			known.stream()
				.filter((other) -> other.equals(meant) || other.isAncestorOf(meant))
				.forEach((other) -> warn(name, other));
			return;
		}
		ConfigurationPropertyName nearest = known.stream()
			.min(Comparator.comparingInt((ConfigurationPropertyName other) -> distance(name, other, GROUP))
				.thenComparingInt((other) -> distance(name, other, other.getNumberOfElements()))
				.thenComparing(Comparator.naturalOrder()))
			.orElseThrow();
		if (distance(name, nearest, GROUP) * 4 <= name.getElement(GROUP - 1, Form.UNIFORM).length()) {
			warn(name, nearest);
		}
	}

	private static void warn(ConfigurationPropertyName name, ConfigurationPropertyName nearest) {
		logger.warn("API keys have no property '" + name + "', so nothing of them reads it. The nearest that they "
				+ "have is '" + nearest + "'.");
	}

	private static int distance(ConfigurationPropertyName name, ConfigurationPropertyName other, int elements) {
		return Spelling.distance(name.chop(elements).toString(), other.chop(elements).toString());
	}

	/**
	 * Returns the names of the properties that a class binds by its setters.
	 */
	static List<ConfigurationPropertyName> names(ConfigurationPropertyName prefix, Class<?> type) {
		List<ConfigurationPropertyName> names = new ArrayList<>();
		for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(type)) {
			ConfigurationPropertyName name = prefix.append(DataObjectPropertyName.toDashedForm(property.getName()));
			Class<?> propertyType = property.getPropertyType();
			if (property.getWriteMethod() != null || propertyType == Map.class) {
				names.add(name);
			}
			else if (propertyType != null && propertyType.getName().startsWith(OURS)) {
				names.addAll(names(name, propertyType));
			}
		}
		return names;
	}

}
