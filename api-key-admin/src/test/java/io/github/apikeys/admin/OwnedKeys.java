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

import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Types of keys whose owners the form does not say.
 */
@Configuration(proxyBeanMethods = false)
class OwnedKeys {

	@Bean
	ApiKeyAdminType<PartnerApiKey> partnerKeys() {
		return new PartnerType();
	}

	@Bean
	ApiKeyAdminType<CourierApiKey> courierKeys() {
		return new CourierType();
	}

	/**
	 * The entity says whom it belongs to.
	 */
	@Entity
	@Table(name = "partner_api_key")
	@DiscriminatorValue("partner")
	static class PartnerApiKey extends ApiKey {

		private String partner;

		protected PartnerApiKey() {
		}

		PartnerApiKey(String partner) {
			this.partner = partner;
		}

		@Override
		protected @Nullable String ownerOfNewKey() {
			return this.partner;
		}

	}

	/**
	 * Only the pages say whom it belongs to.
	 */
	@Entity
	@Table(name = "courier_api_key")
	@DiscriminatorValue("courier")
	static class CourierApiKey extends ApiKey {

	}

	static class PartnerType implements ApiKeyAdminType<PartnerApiKey> {

		@Override
		public Class<PartnerApiKey> getType() {
			return PartnerApiKey.class;
		}

		@Override
		public String getLabel(Locale locale) {
			return "Partner key";
		}

		@Override
		public List<ApiKeyAdminColumn<PartnerApiKey>> getColumns() {
			return List.of(ApiKeyAdminColumn.of((locale) -> "Partner", (key) -> key.partner));
		}

		@Override
		public List<ApiKeyAdminField> getFields() {
			return List.of(ApiKeyAdminField.text("partner", (locale) -> "Partner"));
		}

		@Override
		public PartnerApiKey create(Map<String, String> values) {
			return new PartnerApiKey(values.get("partner"));
		}

	}

	static class CourierType implements ApiKeyAdminType<CourierApiKey> {

		@Override
		public Class<CourierApiKey> getType() {
			return CourierApiKey.class;
		}

		@Override
		public String getLabel(Locale locale) {
			return "Courier key";
		}

		@Override
		public CourierApiKey create(Map<String, String> values) {
			return new CourierApiKey();
		}

		@Override
		public @Nullable String getOwner(CourierApiKey apiKey) {
			return "couriers";
		}

	}

}
