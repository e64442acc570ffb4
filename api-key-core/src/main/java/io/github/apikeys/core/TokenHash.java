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

import org.hibernate.annotations.Immutable;
import org.hibernate.type.descriptor.WrapperOptions;
import org.hibernate.type.descriptor.java.AbstractClassJavaType;
import org.hibernate.type.descriptor.java.ImmutableMutabilityPlan;
import org.hibernate.type.descriptor.java.StringJavaType;
import org.hibernate.type.descriptor.jdbc.JdbcType;
import org.hibernate.type.descriptor.jdbc.JdbcTypeIndicators;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * The hash of a token on its way between the table and verification. It is a type of its
 * own because Hibernate prints the attributes of entities when its debug log is on, and
 * the values of statements when its trace log is on, and because libraries that write the
 * fields of an entity leave out what is transient, which a column cannot be.
 *
 * @since 0.1.0
 */
@Immutable
public final class TokenHash {

	/**
	 * Stands for the hash of a key that there is not.
	 */
	public static final TokenHash NONE = new TokenHash("");

	private static final String PROTECTED = "[PROTECTED]";

	private final transient String value;

	/**
	 * Creates a hash.
	 * @param value <code>{scheme}hash</code>
	 */
	public TokenHash(String value) {
		Assert.notNull(value, "value cannot be null");
		this.value = value;
	}

	/**
	 * Returns the hash as it is stored.
	 * @return <code>{scheme}hash</code>
	 */
	public String value() {
		return this.value;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof TokenHash hash && this.value.equals(hash.value);
	}

	@Override
	public int hashCode() {
		return this.value.hashCode();
	}

	@Override
	public String toString() {
		return PROTECTED;
	}

	/**
	 * Stores the hash as text. A converter would not do: Hibernate prints what it
	 * returns.
	 */
	static final class TextType extends AbstractClassJavaType<TokenHash> {

		private static final long serialVersionUID = 1L;

		TextType() {
			super(TokenHash.class, ImmutableMutabilityPlan.instance());
		}

		@Override
		public JdbcType getRecommendedJdbcType(JdbcTypeIndicators context) {
			return StringJavaType.INSTANCE.getRecommendedJdbcType(context);
		}

		@Override
		public <X> @Nullable X unwrap(@Nullable TokenHash hash, Class<X> type, WrapperOptions options) {
			return StringJavaType.INSTANCE.unwrap((hash != null) ? hash.value() : null, type, options);
		}

		@Override
		public <X> @Nullable TokenHash wrap(@Nullable X value, WrapperOptions options) {
			String text = StringJavaType.INSTANCE.wrap(value, options);
			return (text != null) ? new TokenHash(text) : null;
		}

		@Override
		public String extractLoggableRepresentation(@Nullable TokenHash hash) {
			return PROTECTED;
		}

	}

}
