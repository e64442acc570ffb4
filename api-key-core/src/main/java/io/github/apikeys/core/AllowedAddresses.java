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

package io.github.apikeys.core;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * From where a key may be used: anywhere, unless there are ranges.
 *
 * @since 0.1.0
 */
public final class AllowedAddresses {

	/** Those that cannot be read. */
	public static final AllowedAddresses NOWHERE = new AllowedAddresses(null);

	private static final int MAX_LENGTH = 1000;

	// none if it may be used from nowhere
	private final @Nullable List<AddressRange> ranges;

	private AllowedAddresses(@Nullable List<AddressRange> ranges) {
		this.ranges = ranges;
	}

	/**
	 * Checks ranges and puts them into the form in which they are stored.
	 * @return the ranges with spaces between them, or {@code null} if there are none
	 */
	static @Nullable String toColumn(Collection<String> ranges) {
		Set<String> distinct = new TreeSet<>();
		for (String range : ApiKeyAttributes.present("allowedAddresses", ranges)) {
			AddressRange.parse(ApiKeyAttributes.present("allowedAddresses", range).strip());
			distinct.add(range.strip());
		}
		String column = String.join(" ", distinct);
		if (column.length() > MAX_LENGTH) {
			throw new InvalidApiKeyAttributeException("allowedAddresses",
					"The allowed addresses must have at most " + MAX_LENGTH + " characters together");
		}
		return column.isEmpty() ? null : column;
	}

	static Set<String> fromColumn(@Nullable String column) {
		return (column != null) ? new TreeSet<>(Arrays.asList(column.split(" "))) : new TreeSet<>();
	}

	/**
	 * Reads the ranges of a key.
	 * @param column the ranges as they are stored, with spaces between them, or
	 * {@code null} if there are none
	 * @return the ranges
	 * @throws InvalidApiKeyAttributeException if one cannot be read
	 */
	public static AllowedAddresses of(@Nullable String column) {
		return new AllowedAddresses(fromColumn(column).stream().map(AddressRange::parse).toList());
	}

	/**
	 * Returns whether a caller may use the key.
	 * @param remoteAddress what the connection tells, or {@code null} if it is not known
	 * @return whether the address is in one of the ranges, or there are none
	 */
	public boolean permit(@Nullable String remoteAddress) {
		if (this.ranges == null || this.ranges.isEmpty()) {
			return this.ranges != null;
		}
		InetAddress address = (remoteAddress != null) ? RemoteAddress.parse(remoteAddress) : null;
		return address != null && this.ranges.stream().anyMatch((range) -> range.contains(address));
	}

	@Override
	public String toString() {
		return (this.ranges != null) ? this.ranges.toString() : "nowhere";
	}

}
