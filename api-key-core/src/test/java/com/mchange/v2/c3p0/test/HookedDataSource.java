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

package com.mchange.v2.c3p0.test;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A data source of a package that is known, with a setting as deep inside as pools have
 * theirs.
 */
public class HookedDataSource extends DelegatingDataSource {

	private final Settings settings;

	private @Nullable Object label;

	public HookedDataSource(DataSource target, Object hook) {
		super(target);
		this.settings = new Settings(new Settings.Hooks(hook));
	}

	public void setLabel(Object label) {
		this.label = label;
	}

	/**
	 * A hook that is given something of which only the pool knows what it is.
	 */
	public interface LabelingCallback {

		boolean configure(Object connection);

	}

	/**
	 * A hook that is given no connection.
	 */
	public interface Hook {

		void borrowed(int connections);

	}

	private static final class Settings {

		private final Hooks hooks;

		Settings(Hooks hooks) {
			this.hooks = hooks;
		}

		private static final class Hooks {

			private final Object hook;

			Hooks(Object hook) {
				this.hook = hook;
			}

		}

	}

}
