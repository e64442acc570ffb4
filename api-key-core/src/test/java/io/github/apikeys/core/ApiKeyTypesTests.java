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

import jakarta.persistence.DiscriminatorValue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
