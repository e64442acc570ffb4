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

package io.github.apikeys.security;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.github.apikeys.core.ApiKey;

/**
 * Requires that the caller presented a usable API key, on a method or on all methods of a
 * type, inherited ones included. An annotation on the method replaces the one on its
 * type, and on what that type extends or implements. If the type of an object says
 * something else than an interface or a superclass says on a method that the object
 * inherits, the application does not start: override the method with an annotation of its
 * own, or drop one of the two. Other security annotations on the same method decide as
 * well, and all of them must agree.
 * <p>
 * Without a key, the application's own way to log in is started. A user who is signed in
 * otherwise, and a key without the scopes, gets 403.
 *
 * @since 0.1.0
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface HasApiKey {

	/**
	 * The scopes that the key must have, all of them. None by default: any usable key
	 * will do.
	 * @return scopes, no wildcards
	 */
	String[] value() default {};

	/**
	 * The scopes of which the key must have at least one, in addition to
	 * {@link #value()}.
	 * @return scopes, no wildcards
	 */
	String[] anyScope() default {};

	/**
	 * The type that the key must have. By default any will do.
	 * @return a class of keys, with a discriminator value of its own; a key of a class
	 * that extends it will do, too
	 */
	Class<? extends ApiKey> type() default ApiKey.class;

}
