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

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/**
 * An order, and which client placed it.
 */
@Entity(name = "PurchaseOrder")
@Table(name = "purchase_order")
class Order {

	@Id
	@GeneratedValue(strategy = GenerationType.IDENTITY)
	private @Nullable Long id;

	@Column(nullable = false, length = 100)
	private String article;

	@Column(nullable = false)
	private int quantity;

	@Column(nullable = false, length = 100)
	private String placedBy;

	@Column(nullable = false)
	private Instant placedAt;

	@SuppressWarnings("NullAway.Init")
	protected Order() {
	}

	Order(String article, int quantity, String placedBy, Instant placedAt) {
		this.article = article;
		this.quantity = quantity;
		this.placedBy = placedBy;
		this.placedAt = placedAt;
	}

	public @Nullable Long getId() {
		return this.id;
	}

	public String getArticle() {
		return this.article;
	}

	public int getQuantity() {
		return this.quantity;
	}

	public String getPlacedBy() {
		return this.placedBy;
	}

	public Instant getPlacedAt() {
		return this.placedAt;
	}

}
