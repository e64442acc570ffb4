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

/**
 * What a value may be in code that one object is followed through: of two, the later
 * counts.
 */
enum FlowValue {

	/** Another object, whatever its type is. */
	OTHER,

	/** What its type says, which a cast may change. */
	ANY,

	/** The object. */
	OBJECT;

	static FlowValue of(boolean object) {
		return object ? OBJECT : ANY;
	}

	/**
	 * Returns what a value is that is one of two.
	 */
	FlowValue or(FlowValue other) {
		return (compareTo(other) >= 0) ? this : other;
	}

	/**
	 * Returns what the words of a stack are that is one of two.
	 */
	static List<FlowValue> either(List<FlowValue> one, List<FlowValue> other) {
		List<FlowValue> merged = new ArrayList<>();
		for (int i = 0; i < one.size(); i++) {
			merged.add(one.get(i).or(other.get(i)));
		}
		return merged;
	}

}
