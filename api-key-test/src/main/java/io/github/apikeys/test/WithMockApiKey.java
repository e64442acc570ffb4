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

package io.github.apikeys.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.github.apikeys.core.ApiKey;

import org.springframework.security.test.context.support.WithSecurityContext;

/**
 * Runs a test, or each test of a class, as someone who presented a usable key. There need
 * be no HTTP: methods with {@link io.github.apikeys.security.HasApiKey} can be called
 * directly. Unlike {@link ApiKeyRequestPostProcessors#apiKey()} it says nothing of the
 * request, so that one that needs a CSRF token needs it still.
 *
 * @since 0.1.0
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@WithSecurityContext(factory = WithMockApiKeySecurityContextFactory.class)
public @interface WithMockApiKey {

	/**
	 * The scopes of the key.
	 * @return scopes and wildcards, none by default
	 */
	String[] scopes() default {};

	/**
	 * The owner of the key.
	 * @return the owner, empty, as by default, for a key without an owner
	 */
	String owner() default "";

	/**
	 * The display name of the key.
	 * @return 1 to 100 characters
	 */
	String displayName() default "mock";

	/**
	 * The metadata of the key.
	 * @return {@code name=value} each, with names that {@code api-key.principal.metadata}
	 * lists; none by default
	 */
	String[] metadata() default {};

	/**
	 * The type of the key.
	 * @return the class of its entity, with a discriminator value
	 */
	Class<? extends ApiKey> type() default ApiKey.class;

}
