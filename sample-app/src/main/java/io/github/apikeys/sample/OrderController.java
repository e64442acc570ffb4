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

import java.time.Instant;
import java.util.List;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.HasApiKey;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;

import org.springframework.data.domain.Sort;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Orders, for machines with the right scope.
 */
@RestController
@RequestMapping("/api/orders")
class OrderController {

	private final OrderRepository orders;

	OrderController(OrderRepository orders) {
		this.orders = orders;
	}

	@HasApiKey("orders:read")
	@GetMapping
	List<Order> list() {
		return this.orders.findAll(Sort.by("id"));
	}

	@HasApiKey("orders:write")
	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	Order place(@Valid @RequestBody NewOrder newOrder, @AuthenticationPrincipal ApiKeyPrincipal key) {
		return this.orders.save(new Order(newOrder.article(), newOrder.quantity(), key.displayName(), Instant.now()));
	}

	record NewOrder(@NotBlank @Size(max = 100) String article, @Positive int quantity) {

	}

}
