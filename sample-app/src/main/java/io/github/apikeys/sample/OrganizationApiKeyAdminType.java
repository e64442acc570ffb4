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

package io.github.apikeys.sample;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.apikeys.admin.ApiKeyAdminColumn;
import io.github.apikeys.admin.ApiKeyAdminField;
import io.github.apikeys.admin.ApiKeyAdminType;
import io.github.apikeys.core.ApiKey;

import org.springframework.data.jpa.domain.Specification;
import org.springframework.stereotype.Component;

/**
 * How people manage keys of organizations: they choose the organization, see it, and find
 * keys by its name.
 */
@Component
class OrganizationApiKeyAdminType implements ApiKeyAdminType<OrganizationApiKey> {

	private static final String ORGANIZATION = "organization";

	private final OrganizationRepository organizations;

	OrganizationApiKeyAdminType(OrganizationRepository organizations) {
		this.organizations = organizations;
	}

	@Override
	public Class<OrganizationApiKey> getType() {
		return OrganizationApiKey.class;
	}

	@Override
	public String getLabel(Locale locale) {
		return locale.getLanguage().equals("de") ? "Schlüssel einer Organisation" : "Organization key";
	}

	@Override
	public List<ApiKeyAdminColumn<OrganizationApiKey>> getColumns() {
		return List.of(ApiKeyAdminColumn.of(OrganizationApiKeyAdminType::label,
				(apiKey) -> apiKey.getOrganization().getName()));
	}

	@Override
	public List<ApiKeyAdminField> getFields() {
		return List.of(ApiKeyAdminField.choice(ORGANIZATION, OrganizationApiKeyAdminType::label, this::options));
	}

	private static String label(Locale locale) {
		return locale.getLanguage().equals("de") ? "Organisation" : "Organization";
	}

	private Map<String, String> options() {
		Map<String, String> options = new LinkedHashMap<>();
		for (Organization organization : this.organizations.findAllByOrderByName()) {
			options.put(String.valueOf(organization.getId()), organization.getName());
		}
		return options;
	}

	@Override
	public OrganizationApiKey create(Map<String, String> values) {
		return this.organizations.findAllByOrderByName()
			.stream()
			.filter((organization) -> String.valueOf(organization.getId()).equals(values.get(ORGANIZATION)))
			.findFirst()
			.map(OrganizationApiKey::new)
			.orElseThrow(() -> new InvalidFieldException(ORGANIZATION, "Choose an organization"));
	}

	@Override
	public Specification<ApiKey> search(String text) {
		return (key, query, builder) -> builder.like(
				builder.lower(builder.treat(key, OrganizationApiKey.class).get("organization").get("name")),
				builder.lower(builder.literal(text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%")),
				'!');
	}

}
