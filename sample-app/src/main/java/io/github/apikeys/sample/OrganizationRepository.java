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

import java.util.List;
import java.util.UUID;

import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/**
 * Organizations in the database.
 */
interface OrganizationRepository extends Repository<Organization, Long> {

	List<Organization> findAllByOrderByName();

	@Query("select k.organization.active from OrganizationApiKey k where k.id = :keyId")
	boolean isActiveByKey(UUID keyId);

	@Modifying
	@Query("update Organization o set o.active = :active where o.id = :id")
	void setActive(Long id, boolean active);

}
