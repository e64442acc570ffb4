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

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.DiscriminatorValue;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The types of keys that the pages know, by the value of their discriminator.
 */
final class AdminTypes {

	static final String PLAIN = keyType(ApiKey.class);

	private final Map<String, ApiKeyAdminType<?>> types = new LinkedHashMap<>();

	/**
	 * Creates what is known of types.
	 * @param entities the classes of keys that can be stored, none if that is not known
	 * @throws InvalidAdminTypeException if there is a type of which no key can be stored,
	 * or two for the same keys
	 */
	AdminTypes(List<ApiKeyAdminType<?>> types, Collection<Class<? extends ApiKey>> entities) {
		for (ApiKeyAdminType<?> type : types) {
			if (!entities.isEmpty() && entities.stream().noneMatch(type.getType()::isAssignableFrom)) {
				throw new InvalidAdminTypeException(
						"The pages cannot create API keys of " + type.getType() + ", for which there is the "
								+ describe(type)
								+ ": it is no entity of the persistence unit to which API keys belong.",
						"Annotate the class with @Entity and @DiscriminatorValue, add its package to @EntityScan, or "
								+ "remove the bean.");
			}
			ApiKeyAdminType<?> other = this.types.put(keyType(type.getType()), type);
			if (other != null) {
				throw new InvalidAdminTypeException(
						"The pages cannot tell which bean describes API keys of " + type.getType() + ": the "
								+ describe(other) + " or the " + describe(type) + ".",
						"Remove one of the beans, or return different classes from ApiKeyAdminType.getType().");
			}
		}
	}

	private static String describe(ApiKeyAdminType<?> type) {
		return "ApiKeyAdminType " + AopUtils.getTargetClass(type).getName();
	}

	private static String keyType(Class<?> type) {
		DiscriminatorValue value = AnnotationUtils.findAnnotation(type, DiscriminatorValue.class);
		return (value != null) ? value.value() : type.getSimpleName();
	}

	/**
	 * The labels of all types, first that of keys that add nothing.
	 */
	Map<String, String> labels(String plainLabel, Locale locale) {
		Map<String, String> labels = new LinkedHashMap<>();
		labels.put(PLAIN, plainLabel);
		this.types.forEach((keyType, type) -> labels.put(keyType, type.getLabel(locale)));
		return labels;
	}

	@Nullable ApiKeyAdminType<?> find(@Nullable String keyType) {
		return this.types.get(keyType);
	}

	/**
	 * Whether the owner of new keys is the business of their type, not of the form.
	 */
	static boolean saysOwner(@Nullable ApiKeyAdminType<?> type) {
		if (type == null) {
			return false;
		}
		Method ofType = ClassUtils.getMethod(AopUtils.getTargetClass(type), "getOwner", ApiKey.class);
		Method ofEntity = ReflectionUtils.findMethod(type.getType(), "ownerOfNewKey");
		return ofType.getDeclaringClass() != ApiKeyAdminType.class
				|| (ofEntity != null && ofEntity.getDeclaringClass() != ApiKey.class);
	}

	/**
	 * The headings of what a type adds.
	 */
	List<String> headings(@Nullable String keyType, Locale locale) {
		List<String> headings = new ArrayList<>();
		ApiKeyAdminType<?> type = this.types.get(keyType);
		if (type != null) {
			type.getColumns().forEach((column) -> headings.add(column.label(locale)));
		}
		return headings;
	}

	/**
	 * The values of what a type adds.
	 */
	List<String> values(ApiKey apiKey) {
		ApiKeyAdminType<?> type = this.types.get(apiKey.getKeyType());
		return (type != null && type.getType().isInstance(apiKey)) ? valuesOf(type, apiKey) : List.of();
	}

	private static <T extends ApiKey> List<String> valuesOf(ApiKeyAdminType<T> type, ApiKey apiKey) {
		List<String> values = new ArrayList<>();
		for (ApiKeyAdminColumn<T> column : type.getColumns()) {
			Object value = column.value(type.getType().cast(apiKey));
			values.add((value != null) ? value.toString() : "");
		}
		return values;
	}

	List<Specification<ApiKey>> search(String text) {
		List<Specification<ApiKey>> specifications = new ArrayList<>();
		for (ApiKeyAdminType<?> type : this.types.values()) {
			Specification<ApiKey> specification = type.search(text);
			if (specification != null) {
				specifications.add(specification);
			}
		}
		return specifications;
	}

}
