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

package io.github.apikeys.host;

import io.github.apikeys.security.HasApiKey;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * An application as somebody else would write it, with entities and repositories of its
 * own.
 */
@SpringBootApplication
public class HostApplication {

	/**
	 * Its endpoints.
	 */
	@RestController
	public static class Endpoints {

		@GetMapping("/internal")
		public String internal() {
			return "internal";
		}

		@PostMapping("/internal")
		public String change() {
			return "changed";
		}

		@HasApiKey("orders:read")
		@GetMapping("/orders")
		public String orders() {
			return "orders";
		}

	}

}
