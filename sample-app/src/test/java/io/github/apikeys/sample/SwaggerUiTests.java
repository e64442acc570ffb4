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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.jayway.jsonpath.JsonPath;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.options.AriaRole;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Swagger UI as people who are signed in use it, with a key that they were given.
 */
@Tag("browser")
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = "spring.datasource.url=jdbc:h2:mem:swagger-ui")
class SwaggerUiTests {

	private static Chromium chromium;

	private final List<String> complaints = new ArrayList<>();

	@Autowired
	private ApiKeyService apiKeys;

	@LocalServerPort
	private int port;

	private BrowserContext context;

	private Page page;

	@BeforeAll
	static void launch() {
		chromium = Chromium.launch();
	}

	@AfterAll
	static void close() {
		if (chromium != null) {
			chromium.close();
		}
	}

	@BeforeEach
	void signIn() {
		this.context = chromium.browser().newContext(new NewContextOptions().setLocale("en-GB"));
		this.context.setDefaultTimeout(120_000);
		this.page = this.context.newPage();
		this.page.onPageError(this.complaints::add);
		this.page.navigate(url("/swagger-ui.html"));
		assertThat(this.page).hasURL(url("/login"));
		this.page.locator("input[name=username]").fill("user");
		this.page.locator("input[name=password]").fill("password");
		this.page.locator("button[type=submit]").click();
		assertThat(this.page.getByRole(AriaRole.HEADING, new GetByRoleOptions().setName("order-controller")))
			.isVisible();
	}

	@AfterEach
	void closeContext() {
		this.context.close();
		assertThat(this.complaints).isEmpty();
	}

	@Test
	void authorizeWhenKeyHasScopeThenOperationsWork() {
		authorize("orders:read", "orders:write");
		assertThat(status(execute("list"))).hasText("200");
		Locator place = execute("place");
		assertThat(status(place)).hasText("201");
		assertThat(place.locator(".live-responses-table")).containsText("\"placedBy\": \"explorer\"");
	}

	@Test
	void authorizeWhenKeyLacksScopeThenOperationIsRefused() {
		authorize("orders:read");
		assertThat(status(execute("list"))).hasText("200");
		assertThat(status(execute("place"))).hasText("403");
	}

	@Test
	void noKeyThenOperationSaysWhatItTakes() {
		Locator list = execute("list");
		assertThat(status(list)).hasText("403");
		assertThat(list.locator(".responses-table:not(.live-responses-table)"))
			.containsText("It takes an API key with orders:read.");
	}

	@Test
	void descriptionIsOfTheApplicationAndNotOfTheAdminPages() {
		String docs = this.page.request().get(url("/v3/api-docs")).text();
		assertThat(JsonPath.<Map<String, ?>>read(docs, "$.paths")).containsOnlyKeys("/", "/api/public", "/api/hello",
				"/api/shared", "/api/orders", "/api/organization");
	}

	private void authorize(String... scopes) {
		this.page.locator(".scheme-container .authorize").click();
		Locator dialog = this.page.locator(".modal-ux");
		assertThat(dialog).containsText("X-API-Key");
		dialog.locator("input").fill(this.apiKeys.create(NewApiKey.named("explorer").scopes(scopes)).token());
		dialog.locator("button.authorize").click();
		dialog.locator("button.btn-done").click();
	}

	private Locator execute(String operation) {
		Locator block = this.page.locator("#operations-order-controller-" + operation);
		block.locator(".opblock-summary-control").click();
		block.locator(".try-out__btn").click();
		block.locator(".execute").click();
		return block;
	}

	private static Locator status(Locator operation) {
		return operation.locator(".live-responses-table .response .response-col_status");
	}

	private String url(String path) {
		return "http://localhost:" + this.port + path;
	}

}
