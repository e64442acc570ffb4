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

package io.github.apikeys.admin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.Test;

import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The pages stay light: what a browser loads besides the page itself.
 */
class AssetsTests {

	private static final int MAX_BYTES = 30 * 1024;

	@Test
	void assetsThenTogetherSmallAndFromNowhereElse() throws IOException {
		int bytes = 0;
		for (Resource asset : new PathMatchingResourcePatternResolver().getResources(AdminPages.ASSETS + "*")) {
			String text = asset.getContentAsString(StandardCharsets.UTF_8);
			assertThat(text.replace("https://www.apache.org/licenses/", "")).as(asset.getFilename())
				.doesNotContain("http:", "https:", "url(", "@import", "eval(", "innerHTML");
			bytes += zipped(text);
		}
		assertThat(bytes).isBetween(1, MAX_BYTES);
	}

	private static int zipped(String text) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
			zip.write(text.getBytes(StandardCharsets.UTF_8));
		}
		return bytes.size();
	}

}
