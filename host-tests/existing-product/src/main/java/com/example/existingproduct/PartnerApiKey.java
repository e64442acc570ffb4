package com.example.existingproduct;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;

@Entity
@Table(name = "partner_api_key")
@DiscriminatorValue("partner")
public class PartnerApiKey extends ApiKey {

	@ManyToOne(optional = false)
	@JoinColumn(name = "partner_id")
	private Partner partner;

	protected PartnerApiKey() {
	}

	public PartnerApiKey(Partner partner) {
		this.partner = partner;
	}

	@Override
	protected String ownerOfNewKey() {
		return this.partner.getOwner();
	}

	public Partner getPartner() {
		return this.partner;
	}

}
