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

package io.github.apikeys.autoconfigure;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * A request of which nothing is known but method and path. Everything else throws an
 * {@link UnsupportedOperationException}.
 */
final class SampleRequest implements InvocationHandler {

	private final Map<String, @Nullable Object> known = new HashMap<>();

	private final Map<Object, @Nullable Object> attributes = new HashMap<>();

	private final SamplePath path;

	private SampleRequest(String method, SamplePath path, @Nullable ServletContext servletContext) {
		this.path = path;
		this.known.put("getMethod", method);
		this.known.put("getContextPath", path.contextPath().value());
		this.known.put("getPathInfo", null);
		this.known.put("getServletContext", servletContext);
		this.known.put("getDispatcherType", DispatcherType.REQUEST);
		this.attributes.put(ServletRequestPathUtils.PATH_ATTRIBUTE, path);
	}

	/**
	 * Creates a request.
	 * @param method the HTTP method
	 * @param path the path, with that of the context
	 */
	static HttpServletRequest of(String method, SamplePath path, @Nullable ServletContext servletContext) {
		return (HttpServletRequest) Proxy.newProxyInstance(HttpServletRequest.class.getClassLoader(),
				new Class<?>[] { HttpServletRequest.class }, new SampleRequest(method, path, servletContext));
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) {
		String name = method.getName();
		if (arguments == null && this.known.containsKey(name)) {
			return this.known.get(name);
		}
		if (name.equals("getRequestURI")) {
			return this.path.ask();
		}
		if (name.equals("getServletPath")) {
			return this.path.ask().substring(this.path.contextPath().value().length());
		}
		if (arguments != null) {
			switch (name) {
				case "getAttribute":
					return this.attributes.get(arguments[0]);
				case "setAttribute":
					this.attributes.put(arguments[0], arguments[1]);
					return null;
				case "removeAttribute":
					this.attributes.remove(arguments[0]);
					return null;
				default:
			}
		}
		throw new UnsupportedOperationException(name);
	}

	/**
	 * A native image has no other proxies than those that were announced.
	 */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.proxies().registerJdkProxy(HttpServletRequest.class);
		}

	}

}
