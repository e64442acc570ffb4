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

package io.github.apikeys.core.jpa;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyEvent;
import jakarta.persistence.Access;
import jakarta.persistence.AccessType;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.ExcludeDefaultListeners;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application sets for all entities of its persistence unit is kept from each
 * attribute of ours, those that are added later included.
 */
class EntityMappingTests {

	static Stream<Class<?>> entities() {
		return new ClassFileImporter().withImportOption(new DoNotIncludeTests())
			.importPackages("io.github.apikeys.core")
			.stream()
			.filter((type) -> List.of("io.github.apikeys.core", "io.github.apikeys.core.jpa")
				.contains(type.getPackageName()) && type.isAnnotatedWith(Entity.class))
			.map(JavaClass::reflect);
	}

	static Stream<Field> attributes() {
		return entities().flatMap((type) -> Arrays.stream(type.getDeclaredFields()))
			.filter((field) -> !Modifier.isStatic(field.getModifiers()) && !field.isAnnotationPresent(Transient.class));
	}

	@Test
	void everyEntityIsThere() {
		assertThat(entities()).contains(ApiKey.class, ApiKeyEvent.class, KeyOwner.class, DailyUsage.class,
				DailyTotal.class);
	}

	@ParameterizedTest
	@MethodSource("entities")
	void entityHasNoDefaultsOfOthers(Class<?> type) {
		assertThat(type.getAnnotation(Access.class).value()).isEqualTo(AccessType.FIELD);
		assertThat(type).hasAnnotations(ExcludeDefaultListeners.class, Table.class);
	}

	@ParameterizedTest
	@MethodSource("attributes")
	void attributeIsNeverConvertedAndNamesItsColumn(Field attribute) {
		assertThat(attribute.getAnnotation(Column.class).name()).isNotEmpty();
		if (!attribute.isAnnotationPresent(ElementCollection.class)) {
			assertThat(attribute.getAnnotation(Convert.class).disableConversion()).isTrue();
			return;
		}
		// no converter is found by a type that the attribute does not say
		for (ResolvableType type : ResolvableType.forField(attribute).getGenerics()) {
			assertThat(type.resolve()).isEqualTo(CharSequence.class);
		}
	}

}
