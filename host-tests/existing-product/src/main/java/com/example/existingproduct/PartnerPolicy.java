package com.example.existingproduct;

import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyPrincipal;

import org.springframework.stereotype.Component;

@Component
class PartnerPolicy implements ApiKeyPolicy {

	private final PartnerRepository partners;

	PartnerPolicy(PartnerRepository partners) {
		this.partners = partners;
	}

	@Override
	public boolean permits(ApiKeyPrincipal apiKey) {
		return !apiKey.isOfType(PartnerApiKey.class) || this.partners.isActiveByKey(apiKey.id());
	}

}
