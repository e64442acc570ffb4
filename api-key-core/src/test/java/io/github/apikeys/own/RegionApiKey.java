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

package io.github.apikeys.own;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;

/**
 * A type of keys with collections of its own.
 */
@Entity
@DiscriminatorValue("region")
public class RegionApiKey extends ApiKey {

	@ElementCollection(fetch = FetchType.EAGER)
	private Set<String> regions = new HashSet<>();

	@ElementCollection(fetch = FetchType.EAGER)
	private Map<String, String> labels = new HashMap<>();

	@Embedded
	private Contact contact = new Contact();

	public Set<String> getRegions() {
		return this.regions;
	}

	public Map<String, String> getLabels() {
		return this.labels;
	}

	public List<String> getAddresses() {
		return this.contact.addresses;
	}

	/**
	 * Whom to tell.
	 */
	@Embeddable
	public static class Contact {

		@ElementCollection(fetch = FetchType.EAGER)
		private List<String> addresses = new ArrayList<>();

	}

}
