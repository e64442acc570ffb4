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

package io.github.apikeys.test.host;

import java.util.Optional;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
public class ShopController {

	@GetMapping("/me")
	public String me(Authentication authentication, HttpServletRequest request) {
		request.setAttribute("caller", authentication);
		return authentication.getName();
	}

	@HasApiKey("orders:read")
	@GetMapping("/orders")
	public String orders(@CurrentApiKey ApiKeyPrincipal apiKey) {
		return apiKey.displayName() + " of " + apiKey.owner();
	}

	@HasApiKey("orders:write")
	@PostMapping("/orders")
	public String order() {
		return "ordered";
	}

	@PreAuthorize("hasPermission('orders', 'read')")
	@GetMapping("/permitted")
	public String permitted() {
		return "permitted";
	}

	@GetMapping("/reports")
	public String reports() {
		return "reports";
	}

	@GetMapping("/invoices")
	public String invoices() {
		return "invoices";
	}

	@HasApiKey(type = TenantApiKey.class)
	@GetMapping("/tenant")
	public String tenant(@CurrentApiKey TenantApiKey apiKey) {
		return apiKey.getTenant();
	}

	@GetMapping("/tenant-or-nobody")
	public String tenantOrNobody(@CurrentApiKey Optional<TenantApiKey> apiKey) {
		return apiKey.map(TenantApiKey::getTenant).orElse("nobody");
	}

	@HasApiKey(type = TenantApiKey.class)
	@GetMapping("/of-a-tenant")
	public String ofATenant() {
		return "tenant";
	}

}
