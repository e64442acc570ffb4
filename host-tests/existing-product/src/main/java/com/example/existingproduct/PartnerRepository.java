package com.example.existingproduct;

import java.util.UUID;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

interface PartnerRepository extends JpaRepository<Partner, Long> {

	@Query("select key.partner.active from PartnerApiKey key where key.id = :keyId")
	boolean isActiveByKey(UUID keyId);

}
