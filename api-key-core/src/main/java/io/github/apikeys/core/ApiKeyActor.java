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

import org.jspecify.annotations.Nullable;

/**
 * The author of a change of a key, and the remote address.
 *
 * @since 0.1.0
 */
public final class ApiKeyActor {

	/**
	 * Nobody in particular: the application itself.
	 */
	public static final ApiKeyActor APPLICATION = new ApiKeyActor(null, null);

	private static final int MAX_NAME_LENGTH = 255;

	private static final int MAX_ADDRESS_LENGTH = 45;

	private final @Nullable String name;

	private final @Nullable String address;

	private ApiKeyActor(@Nullable String name, @Nullable String address) {
		this.name = name;
		this.address = address;
	}

	/**
	 * Names somebody.
	 * @param name the name, cut after 255 characters, or {@code null} if it is not known
	 * @param address the IP address, without its port and cut after 45 characters, or
	 * {@code null} if it is not known
	 * @return the actor
	 */
	public static ApiKeyActor of(@Nullable String name, @Nullable String address) {
		return new ApiKeyActor(ApiKeyAttributes.storable(name, MAX_NAME_LENGTH), cutAddress(address));
	}

	/**
	 * Returns the part of a remote address that is stored.
	 * @param address the address, or {@code null} if it is not known
	 * @return the address without its port, cut after 45 characters, or {@code null}
	 */
	public static @Nullable String cutAddress(@Nullable String address) {
		return (address != null) ? ApiKeyAttributes.storable(RemoteAddress.withoutPort(address), MAX_ADDRESS_LENGTH)
				: null;
	}

	/**
	 * Returns who it is.
	 * @return the name, or {@code null} if it is not known
	 */
	public @Nullable String getName() {
		return this.name;
	}

	/**
	 * Returns from where the change comes.
	 * @return an IP address, or {@code null} if it is not known
	 */
	public @Nullable String getAddress() {
		return this.address;
	}

	@Override
	public String toString() {
		return "ApiKeyActor [name=" + this.name + ", address=" + this.address + "]";
	}

}
