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

package io.github.apikeys.core.jpa;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.Expression;
import jakarta.persistence.criteria.Order;
import jakarta.persistence.criteria.Path;
import jakarta.persistence.criteria.Predicate;
import jakarta.persistence.criteria.Root;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Sort;

/**
 * A total order of keys by one attribute and then their id, keys without a value last. It
 * is read in segments, with value and without, since no index range covers both.
 */
final class KeysetOrder {

	private static final List<String> SORTABLE = List.of("name", "createdAt", "expiresAt", "lastUsedAt");

	private final String attribute;

	private final boolean nullable;

	private final boolean ascending;

	private final boolean forward;

	/**
	 * Creates an order.
	 * @param order what people see
	 * @param forward whether it is read in that direction
	 */
	KeysetOrder(Sort.Order order, boolean forward) {
		this.attribute = switch (order.getProperty()) {
			case "name" -> "searchName";
			case "createdAt", "expiresAt", "lastUsedAt" -> order.getProperty();
			default -> throw InvalidApiKeyAttributeException.unsortable(order.getProperty(), SORTABLE);
		};
		this.nullable = this.attribute.equals("expiresAt") || this.attribute.equals("lastUsedAt");
		this.ascending = order.isAscending();
		this.forward = forward;
	}

	String attribute() {
		return this.attribute;
	}

	/**
	 * The segments that come after a key, in the direction of reading.
	 */
	List<Segment> segmentsAfter(@Nullable Boundary boundary) {
		List<Segment> segments = new ArrayList<>();
		segments.add(new Segment(true, boundary));
		if (this.nullable) {
			segments.add(this.forward ? 1 : 0, new Segment(false, boundary));
		}
		if (boundary != null && segments.size() > 1 && segments.get(0).withValue() != (boundary.value() != null)) {
			segments.remove(0);
		}
		return segments;
	}

	private boolean isUpward() {
		return this.ascending == this.forward;
	}

	/**
	 * Where reading starts.
	 *
	 * @param id the id of a key
	 * @param value its value of the attribute
	 */
	record Boundary(UUID id, @Nullable Object value) {

	}

	/**
	 * A part of the order that one range of an index covers.
	 */
	final class Segment {

		private final boolean withValue;

		private final @Nullable Boundary boundary;

		private Segment(boolean withValue, @Nullable Boundary boundary) {
			this.withValue = withValue;
			this.boundary = (boundary != null && withValue == (boundary.value() != null)) ? boundary : null;
		}

		boolean withValue() {
			return this.withValue;
		}

		@SuppressWarnings({ "unchecked", "rawtypes" })
		Predicate toPredicate(Root<ApiKey> key, CriteriaBuilder builder) {
			Path<Comparable> value = key.get(KeysetOrder.this.attribute);
			List<Predicate> predicates = new ArrayList<>();
			if (KeysetOrder.this.nullable) {
				predicates.add(this.withValue ? builder.isNotNull(value) : builder.isNull(value));
			}
			if (this.boundary != null) {
				Predicate beyondId = isUpward() ? builder.greaterThan(key.get("id"), this.boundary.id())
						: builder.lessThan(key.get("id"), this.boundary.id());
				Comparable start = (Comparable) this.boundary.value();
				if (start == null) {
					predicates.add(beyondId);
				}
				else if (isUpward()) {
					// the first is implied, but it is what an index can start from
					predicates.add(builder.greaterThanOrEqualTo(value, start));
					predicates.add(builder.or(builder.greaterThan(value, start), beyondId));
				}
				else {
					predicates.add(builder.lessThanOrEqualTo(value, start));
					predicates.add(builder.or(builder.lessThan(value, start), beyondId));
				}
			}
			return builder.and(predicates.toArray(Predicate[]::new));
		}

		String attribute() {
			return KeysetOrder.this.attribute;
		}

		List<Order> toOrders(Expression<?> value, Expression<?> id, CriteriaBuilder builder) {
			List<Order> orders = new ArrayList<>();
			if (this.withValue) {
				orders.add(order(value, builder));
			}
			orders.add(order(id, builder));
			return orders;
		}

		private Order order(Expression<?> expression, CriteriaBuilder builder) {
			return isUpward() ? builder.asc(expression) : builder.desc(expression);
		}

	}

}
