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

package io.github.apikeys.guide;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.HasApiKey;

import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class OrderController {

	private final Orders orders;

	OrderController(Orders orders) {
		this.orders = orders;
	}

	@HasApiKey
	@GetMapping("/api/hello")
	String hello(@AuthenticationPrincipal ApiKeyPrincipal key) {
		return "Hello, " + key.displayName();
	}

	@HasApiKey("orders:read")
	@GetMapping("/api/orders")
	List<String> list() {
		return List.of("Teapot");
	}

	@HasApiKey(anyScope = { "orders:write", "orders:admin" })
	@GetMapping("/api/drafts")
	List<Order> drafts() {
		return this.orders.findAll();
	}

	@ReadsOrders
	@GetMapping("/api/archive")
	List<Order> archive() {
		return this.orders.findAll();
	}

	@PreAuthorize("hasPermission('orders', 'read')")
	@GetMapping("/api/permitted")
	List<Order> permitted() {
		return this.orders.findAll();
	}

	@GetMapping("/api/reports/today")
	String report() {
		return "1 order";
	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@HasApiKey("orders:read")
	@interface ReadsOrders {

	}

}
