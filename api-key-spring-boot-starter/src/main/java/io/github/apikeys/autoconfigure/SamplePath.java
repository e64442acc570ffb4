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

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import org.springframework.http.server.PathContainer;
import org.springframework.http.server.RequestPath;
import org.springframework.util.MultiValueMap;

/**
 * The path of a request of which some segments may have any value. It notes whether
 * anybody asks for such a value: what follows from it holds for that value only.
 */
final class SamplePath implements RequestPath {

	private static final Pattern ANY = Pattern.compile("[^/]*[{*?][^/]*");

	private static final Pattern REST = Pattern.compile("/(?:\\*\\*|\\{\\*[^/]*})");

	private static final String VALUE = "any-value";

	private final RequestPath parsed;

	private final List<Element> elements = new ArrayList<>();

	private boolean asked;

	private SamplePath(String contextPath, String pattern) {
		String path = ANY.matcher(pattern).replaceAll(VALUE);
		this.parsed = RequestPath.parse(contextPath + (path.startsWith("/") ? path : "/" + path), contextPath);
		for (Element element : this.parsed.elements()) {
			this.elements.add((element instanceof PathSegment segment && segment.value().equals(VALUE))
					? new AnySegment(segment) : element);
		}
	}

	/**
	 * Returns paths that a pattern matches, with and without a rest.
	 * @param contextPath the path of the context
	 * @param pattern the pattern, below the path of the context
	 * @return no path if there is no telling how many segments it has
	 */
	static List<SamplePath> of(String contextPath, String pattern) {
		String withoutRest = REST.matcher(pattern).replaceAll("");
		if (withoutRest.equals(pattern)) {
			return List.of(new SamplePath(contextPath, pattern));
		}
		return pattern.startsWith(withoutRest)
				? List.of(new SamplePath(contextPath, pattern), new SamplePath(contextPath, withoutRest)) : List.of();
	}

	boolean hasAny() {
		return this.elements.stream().anyMatch(AnySegment.class::isInstance);
	}

	boolean isAsked() {
		return this.asked;
	}

	/**
	 * Somebody asks for the path as a text.
	 */
	String ask() {
		this.asked |= hasAny();
		return value();
	}

	@Override
	public String value() {
		return this.parsed.value();
	}

	@Override
	public List<Element> elements() {
		return this.elements;
	}

	@Override
	public PathContainer contextPath() {
		return this.parsed.contextPath();
	}

	@Override
	public PathContainer pathWithinApplication() {
		return subPath(contextPath().elements().size());
	}

	@Override
	public RequestPath modifyContextPath(String contextPath) {
		throw new UnsupportedOperationException();
	}

	private final class AnySegment implements PathSegment {

		private final PathSegment segment;

		AnySegment(PathSegment segment) {
			this.segment = segment;
		}

		@Override
		public String value() {
			return this.segment.value();
		}

		@Override
		public String valueToMatch() {
			SamplePath.this.asked = true;
			return this.segment.valueToMatch();
		}

		@Override
		public char[] valueToMatchAsChars() {
			SamplePath.this.asked = true;
			return this.segment.valueToMatchAsChars();
		}

		@Override
		public MultiValueMap<String, String> parameters() {
			return this.segment.parameters();
		}

	}

}
