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

package io.github.apikeys.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.assertions.PlaywrightAssertions;

/**
 * A real browser: the one that {@code CHROMIUM} names, or one that is installed, or else
 * one that Playwright downloads.
 */
final class Chromium implements AutoCloseable {

	private static final List<String> INSTALLED = List.of("/usr/bin/chromium", "/usr/bin/chromium-browser",
			"/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
			"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe");

	private static final List<String> ARGUMENTS = List.of("--no-sandbox", "--disable-gpu", "--disable-quic",
			"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync");

	private final Playwright playwright;

	private final Browser browser;

	private Chromium(Playwright playwright, Browser browser) {
		this.playwright = playwright;
		this.browser = browser;
	}

	static Chromium launch() {
		Path executable = Stream.concat(Stream.ofNullable(System.getenv("CHROMIUM")), INSTALLED.stream())
			.map(Path::of)
			.filter(Files::isExecutable)
			.findFirst()
			.orElse(null);
		Playwright playwright = null;
		try {
			LaunchOptions options = new LaunchOptions().setHeadless(true).setArgs(ARGUMENTS);
			if (executable != null) {
				playwright = Playwright
					.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
				options.setExecutablePath(executable);
			}
			else {
				playwright = Playwright.create();
			}
			// everything is logged meanwhile, and a busy machine takes its time
			PlaywrightAssertions.setDefaultAssertionTimeout(120_000);
			return new Chromium(playwright, playwright.chromium().launch(options));
		}
		catch (PlaywrightException ex) {
			if (playwright != null) {
				playwright.close();
			}
			throw new IllegalStateException("The pages are tested in Chromium, and there is none: neither "
					+ "the environment variable CHROMIUM nor " + INSTALLED + " lead to one, and Playwright could not "
					+ "download it. Install Chromium ('apt-get install chromium' on Debian and Ubuntu), or run the "
					+ "other tests with 'mvn verify -DexcludedGroups=browser'.", ex);
		}
	}

	Browser browser() {
		return this.browser;
	}

	@Override
	public void close() {
		this.browser.close();
		this.playwright.close();
	}

}
