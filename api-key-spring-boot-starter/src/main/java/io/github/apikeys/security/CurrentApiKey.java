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
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Passes the key that was presented to a handler method. An
 * {@link io.github.apikeys.core.ApiKeyPrincipal} is what verification knows; an
 * {@link io.github.apikeys.core.ApiKey}, or the application's own type of it, is read
 * with one query, its associations as they are mapped.
 * <p>
 * If no key was presented, or one of another type, the caller is refused as by
 * {@link HasApiKey}, unless the parameter is {@code @Nullable} or nullable in Kotlin, and
 * then {@code null}, or an {@link java.util.Optional}, and then empty.
 * <p>
 * Where it cannot be filled, on a parameter of another type or of a method that handles
 * neither a request of Spring MVC nor a field of Spring for GraphQL, the application does
 * not start.
 *
 * @since 0.1.0
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface CurrentApiKey {

}
