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
package io.github.apikeys.core.verification;

import java.time.Instant;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Something that changed a short time ago: a key, or a fact about an owner.
 *
 * @since 0.1.0
 */
public final class RecentChange {

	private final String subject;

	private final @Nullable Long version;

	private final Instant at;

	private RecentChange(String subject, @Nullable Long version, Instant at) {
		this.subject = subject;
		this.version = version;
		this.at = at;
	}

	/**
	 * Tells of a key.
	 * @param keyId the public id
	 * @param version the version of the key since the change
	 * @param at the time of the change, by the clock that stamps changes
	 * @return the change
	 */
	public static RecentChange ofKey(String keyId, long version, Instant at) {
		Assert.notNull(keyId, "keyId cannot be null");
		Assert.notNull(at, "at cannot be null");
		return new RecentChange(keyId, version, at);
	}

	/**
	 * Tells of all keys of an owner.
	 * @param owner the owner
	 * @param at the time of the change, by the clock that stamps changes
	 * @return the change
	 */
	public static RecentChange ofOwner(String owner, Instant at) {
		Assert.notNull(owner, "owner cannot be null");
		Assert.notNull(at, "at cannot be null");
		return new RecentChange(owner, null, at);
	}

	/**
	 * Returns what changed.
	 * @return the key id or the owner
	 */
	public String subject() {
		return this.subject;
	}

	/**
	 * Returns the version of the key since the change.
	 * @return the version, or {@code null} for an owner
	 */
	public @Nullable Long version() {
		return this.version;
	}

	/**
	 * Returns when it changed.
	 * @return the time of the change, by the clock that stamps changes
	 */
	public Instant at() {
		return this.at;
	}

	boolean isOfOwner() {
		return this.version == null;
	}

	/**
	 * Whether the key has another version since.
	 */
	boolean isOfOther(long version) {
		return this.version == null || this.version != version;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof RecentChange that && this.subject.equals(that.subject)
				&& Objects.equals(this.version, that.version) && this.at.equals(that.at);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.subject, this.version, this.at);
	}

	@Override
	public String toString() {
		return "RecentChange [subject=" + this.subject + ", version=" + this.version + ", at=" + this.at + "]";
	}

}
