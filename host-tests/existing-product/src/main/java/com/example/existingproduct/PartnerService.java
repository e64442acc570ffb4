package com.example.existingproduct;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
public class PartnerService {

	private final PartnerRepository partners;

	private final ApiKeyService apiKeys;

	PartnerService(PartnerRepository partners, ApiKeyService apiKeys) {
		this.partners = partners;
		this.apiKeys = apiKeys;
	}

	@Transactional
	public CreatedApiKey createKey(Partner partner, NewApiKey key) {
		return this.apiKeys.create(new PartnerApiKey(partner), key);
	}

	@Transactional
	public void setActive(Long id, boolean active) {
		Partner partner = this.partners.findById(id).orElseThrow();
		partner.setActive(active);
		this.apiKeys.invalidateOwner(partner.getOwner());
	}

}
