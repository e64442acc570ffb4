package com.example.existingproduct;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.apikeys.admin.ApiKeyAdminColumn;
import io.github.apikeys.admin.ApiKeyAdminField;
import io.github.apikeys.admin.ApiKeyAdminType;

import org.springframework.stereotype.Component;

@Component
class PartnerApiKeyAdminType implements ApiKeyAdminType<PartnerApiKey> {

	private final PartnerRepository partners;

	PartnerApiKeyAdminType(PartnerRepository partners) {
		this.partners = partners;
	}

	@Override
	public Class<PartnerApiKey> getType() {
		return PartnerApiKey.class;
	}

	@Override
	public String getLabel(Locale locale) {
		return "Key of a partner";
	}

	@Override
	public List<ApiKeyAdminColumn<PartnerApiKey>> getColumns() {
		return List.of(ApiKeyAdminColumn.of((locale) -> "Partner", (key) -> key.getPartner().getName()));
	}

	@Override
	public List<ApiKeyAdminField> getFields() {
		return List.of(ApiKeyAdminField.choice("partner", (locale) -> "Partner", this::options));
	}

	@Override
	public PartnerApiKey create(Map<String, String> values) {
		try {
			return new PartnerApiKey(
					this.partners.findById(Long.valueOf(values.getOrDefault("partner", ""))).orElseThrow());
		}
		catch (RuntimeException ex) {
			throw new InvalidFieldException("partner", "Choose a partner");
		}
	}

	private Map<String, String> options() {
		return this.partners.findAll()
			.stream()
			.collect(Collectors.toMap((partner) -> partner.getId().toString(), Partner::getName));
	}

}
