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

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Who has MockMvc only can use what is for MockMvc.
 */
class ReducedClassPathTests {

	@Test
	void apiKeyWithoutWebTestClientStillWorks() throws Exception {
		try (URLClassLoader classLoader = new URLClassLoader(classPathWithout("spring-webflux", "reactor-"),
				ClassLoader.getPlatformClassLoader())) {
			assertThatExceptionOfType(ClassNotFoundException.class)
				.isThrownBy(() -> classLoader.loadClass("reactor.core.publisher.Mono"));
			Class<?> request = classLoader.loadClass("org.springframework.mock.web.MockHttpServletRequest");
			Object processor = classLoader.loadClass(ApiKeyRequestPostProcessors.class.getName())
				.getMethod("apiKey")
				.invoke(null);
			Object processed = classLoader
				.loadClass("org.springframework.test.web.servlet.request.RequestPostProcessor")
				.getMethod("postProcessRequest", request)
				.invoke(processor, request.getConstructor().newInstance());
			assertThat(processed).isInstanceOf(request);
		}
	}

	private static URL[] classPathWithout(String... prefixes) throws Exception {
		List<URL> remaining = new ArrayList<>();
		for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
			Path path = Path.of(entry);
			if (List.of(prefixes).stream().noneMatch(path.getFileName().toString()::startsWith)) {
				remaining.add(path.toUri().toURL());
			}
		}
		return remaining.toArray(URL[]::new);
	}

}
