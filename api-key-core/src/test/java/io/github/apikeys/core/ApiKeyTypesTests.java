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

package io.github.apikeys.core;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.metamodel.EntityType;
import jakarta.persistence.metamodel.Metamodel;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willReturn;
import static org.mockito.Mockito.mock;

class ApiKeyTypesTests {

	@Test
	void nameOfThenTheDiscriminatorValueOfTheClassItself() {
		assertThat(ApiKeyTypes.nameOf(ApiKey.class)).isEqualTo("api_key");
		assertThat(ApiKeyTypes.nameOf(PartnerKey.class)).isEqualTo("partner");
		assertThatIllegalArgumentException().isThrownBy(() -> ApiKeyTypes.nameOf(NamelessKey.class))
			.withMessageContaining("NamelessKey")
			.withMessageContaining("@DiscriminatorValue");
	}

	@Test
	void lineageThenAllNamesOnTheWayUp() {
		assertThat(ApiKeyTypes.lineage(GoldPartnerKey.class)).containsExactly("api_key", "gold", "partner");
		assertThat(ApiKeyTypes.lineage(PartnerKey.class)).containsExactly("api_key", "partner");
	}

	@Test
	void ofWhenTwoClassesHaveTheSameNameThenRefused() {
		for (Class<?> other : List.of(OtherPartnerKey.class, PartnerKeyOfTheSameName.class,
				AbstractPartnerKeys.class)) {
			assertThatIllegalArgumentException().isThrownBy(() -> types(ApiKey.class, PartnerKey.class, other))
				.withMessageContaining("have the same @DiscriminatorValue(\"partner\")")
				.withMessageContaining("PartnerKey");
		}
		assertThat(types(ApiKey.class, PartnerKey.class, GoldPartnerKey.class).names()).containsExactly("api_key",
				"gold", "partner");
	}

	private static ApiKeyTypes types(Class<?>... classes) {
		EntityManagerFactory entityManagerFactory = mock();
		Metamodel metamodel = mock();
		Set<EntityType<?>> entities = new LinkedHashSet<>();
		for (Class<?> type : classes) {
			EntityType<?> entity = mock();
			willReturn(type).given(entity).getJavaType();
			entities.add(entity);
		}
		given(entityManagerFactory.getMetamodel()).willReturn(metamodel);
		given(metamodel.getEntities()).willReturn(entities);
		return ApiKeyTypes.of(entityManagerFactory);
	}

	@DiscriminatorValue("partner")
	static class OtherPartnerKey extends ApiKey {

	}

	@DiscriminatorValue("partner")
	static class PartnerKeyOfTheSameName extends PartnerKey {

	}

	@DiscriminatorValue("partner")
	abstract static class AbstractPartners extends ApiKey {

	}

	@DiscriminatorValue("of_partners")
	static class AbstractPartnerKeys extends AbstractPartners {

	}

	abstract static class CommonKey extends ApiKey {

	}

	@DiscriminatorValue("partner")
	static class PartnerKey extends CommonKey {

	}

	@DiscriminatorValue("gold")
	static class GoldPartnerKey extends PartnerKey {

	}

	static class NamelessKey extends PartnerKey {

	}

}
