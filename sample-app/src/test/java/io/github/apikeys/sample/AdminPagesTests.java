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

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.data.domain.Pageable;
import org.springframework.jdbc.core.JdbcTemplate;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The pages that manage keys, as people see them in a browser.
 */
@Tag("browser")
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "api-key.usage.flush-interval=100ms", "spring.datasource.url=jdbc:h2:mem:pages" })
class AdminPagesTests {

	private static final Path SCREENSHOTS = Path.of("target", "screenshots");

	private static Chromium chromium;

	private final List<BrowserContext> contexts = new ArrayList<>();

	private final List<String> complaints = new ArrayList<>();

	@Autowired
	private JpaApiKeyService apiKeys;

	@Autowired
	private ApiKeyTokenVerifier verifier;

	@Autowired
	private JdbcTemplate jdbc;

	@LocalServerPort
	private int port;

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
	void removeKeys() {
		for (String table : List.of("api_key_event", "api_key_usage", "api_key_usage_total", "organization_api_key",
				"api_key")) {
			this.jdbc.update("delete from " + table);
		}
	}

	/**
	 * Whatever a test did: the browser had nothing to complain about, among it the policy
	 * of the pages.
	 */
	@AfterEach
	void closeContexts() {
		this.contexts.forEach(BrowserContext::close);
		assertThat(this.complaints).isEmpty();
	}

	@Test
	void lifeOfAKey() throws Exception {
		BrowserContext context = context(
				(options) -> options.setPermissions(List.of("clipboard-read", "clipboard-write")));
		Page page = signIn(context);
		assertThat(page.getByRole(AriaRole.HEADING, new GetByRoleOptions().setName("No keys yet"))).isVisible();

		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("New key")).click();
		page.getByLabel("Name").fill("billing-service");
		page.getByLabel("Owner").fill("org-42");
		page.getByLabel("orders:read").check();
		page.getByLabel("30 days").check();
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")).click();

		assertThat(page.getByText("It cannot be shown again.")).isVisible();
		String token = page.locator("#token").textContent();
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Copy")).first().click();
		assertThat(page.locator("#copied")).hasText("Copied");
		assertThat(page.evaluate("navigator.clipboard.readText()")).isEqualTo(token);
		assertThat(page.locator("#curl").textContent()).contains("X-API-Key: " + token,
				"http://localhost:" + this.port);
		assertThat(call("/api/orders", token)).isEqualTo(200);
		assertThat(call("/api/orders", token + "x")).isEqualTo(401);

		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Details of the key")).click();
		String details = page.url();
		Awaitility.await().untilAsserted(() -> {
			page.reload();
			assertThat(page.locator("main").textContent()).contains("1 verified, 0 not verified", "from 127.0.0.1");
		});
		assertThat(page.getByText("billing-service").first()).isVisible();
		assertThat(page.locator("#history ~ div tbody tr")).hasCount(1);
		assertThat(page.locator("#history ~ div tbody tr").first()).containsText("admin");

		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Rotate")).click();
		page.getByLabel("After a day").check();
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create the new key")).click();
		String successor = page.locator("#token").textContent();
		assertThat(successor).isNotEqualTo(token);
		assertThat(call("/api/orders", token)).isEqualTo(200);
		assertThat(call("/api/orders", successor)).isEqualTo(200);
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Details of the key")).click();
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("billing-service (")).click();
		assertThat(page).hasURL(details);
		assertThat(page.getByText("(in 1 day)")).isVisible();

		endGrace(UUID.fromString(details.substring(details.lastIndexOf('/') + 1)));
		Awaitility.await().untilAsserted(() -> assertThat(call("/api/orders", token)).isEqualTo(401));
		page.reload();
		assertThat(page.locator("h1")).containsText("Expired");
		assertThat(call("/api/orders", successor)).isEqualTo(200);

		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("billing-service (")).click();
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Revoke")).click();
		page.getByLabel("Reason").fill("Found in a repository");
		page.getByLabel("To confirm").fill("billing");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Revoke for ever")).click();
		assertThat(page.getByText("Enter the name exactly")).isVisible();
		assertThat(page.getByLabel("Reason")).hasValue("Found in a repository");
		assertThat(call("/api/orders", successor)).isEqualTo(200);
		page.getByLabel("To confirm").fill("billing-service");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Revoke for ever")).click();
		assertThat(page.getByRole(AriaRole.STATUS)).hasText("The key is revoked for ever.");
		assertThat(page.getByText("reason: Found in a repository")).isVisible();
		assertThat(call("/api/orders", successor)).isEqualTo(401);
		assertThat(page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Edit"))).hasCount(0);

		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Delete")).click();
		page.getByLabel("To confirm").fill("billing-service");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Delete")).click();
		assertThat(page.getByRole(AriaRole.STATUS)).containsText("a later purge deletes its row");
		assertThat(page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Delete"))).hasCount(0);
	}

	private void endGrace(UUID id) {
		Instant now = Instant.now();
		this.apiKeys.setClock(Clock.fixed(now.minus(Duration.ofMinutes(2)), ZoneOffset.UTC));
		try {
			this.apiKeys.update(id, (update) -> update.expiresAt(now.minus(Duration.ofMinutes(1))));
		}
		finally {
			this.apiKeys.setClock(Clock.systemUTC());
		}
	}

	@Test
	void newKeyWhenReloadedOrGoneBackToThenNotShownAndNotCreatedAgain() {
		Page page = signIn(context());
		page.navigate(url("/admin/api-keys/new"));
		page.getByLabel("Name").fill("once");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")).click();
		String token = page.locator("#token").textContent();
		assertThat(token).startsWith("shop_");

		page.reload();
		assertThat(page.content()).doesNotContain(token);
		assertThat(page.locator("h1")).containsText("once");
		assertThat(keys()).hasSize(1);

		page.navigate(url("/admin/api-keys/new"));
		page.getByLabel("Name").fill("twice");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")).click();
		String second = page.locator("#token").textContent();
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("All keys")).click();
		page.goBack();
		assertThat(page.locator("h1")).containsText("twice");
		assertThat(page.content()).doesNotContain(second);

		Page tab = page.context().newPage();
		for (String path : List.of("/admin/api-keys", "/admin/api-keys/new",
				"/admin/api-keys/" + keys().get(0).getId())) {
			tab.navigate(url(path));
			assertThat(tab.content()).doesNotContain(token, second);
		}
		assertThat(keys()).hasSize(2);
	}

	@Test
	void searchForAWholeKeyThenItsPageAndNoSecretAnywhere() {
		CreatedApiKey created = this.apiKeys.create(NewApiKey.named("pasted"));
		Page page = signIn(context());
		List<String> urls = new ArrayList<>();
		page.onRequest((request) -> urls.add(request.url()));
		search(page, created.token());
		assertThat(page).hasURL(url("/admin/api-keys/" + created.apiKey().getId()));
		assertThat(page.content()).doesNotContain(created.token());
		page.navigate(url("/admin/api-keys"));
		String damaged = "shop_unknownIdXyz" + created.token().substring(17, 40);
		search(page, damaged);
		assertThat(page.getByRole(AriaRole.STATUS)).containsText("There is no key with the id unknownIdXyz");
		assertThat(page.content()).doesNotContain(damaged);
		assertThat(urls).noneMatch((url) -> url.contains(damaged) || url.contains(created.token()));
	}

	@Test
	void listWhenFilteredSortedAndPagedThenTheUrlHoldsIt() {
		for (int i = 0; i < 60; i++) {
			this.apiKeys.create(NewApiKey.named("key-%02d".formatted(i)).owner((i % 2 == 0) ? "even" : "odd"));
		}
		this.apiKeys.create(NewApiKey.named("other"));
		Page page = signIn(context());
		assertThat(page.locator("#rows tr")).hasCount(50);
		search(page, "KEY");
		assertThat(page).hasURL(Pattern.compile(".*\\?q=KEY.*"));
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Name")).click();
		assertThat(page.locator("#rows tr").first()).containsText("key-00");
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Next")).click();
		assertThat(page.locator("#rows tr")).hasCount(10);
		Page bookmark = page.context().newPage();
		bookmark.navigate(page.url());
		assertThat(bookmark.locator("#rows tr").first()).containsText("key-50");
		bookmark.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Previous")).click();
		assertThat(bookmark.locator("#rows tr").first()).containsText("key-00");
		bookmark.getByText("Filters").click();
		bookmark.getByLabel("Owner").fill("odd");
		bookmark.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Apply")).click();
		assertThat(bookmark.locator("#rows tr")).hasCount(30);
		// what is typed changes nothing before it is searched for
		bookmark.getByLabel("Search").fill("key-31");
		assertThat(bookmark.locator("#rows tr:visible")).hasCount(30);
		bookmark.locator("a.chip").click();
		assertThat(bookmark.locator("#rows tr")).hasCount(50);
	}

	@Test
	void severalKeysWhenRevokedThenAfterOneConfirmation() {
		for (int i = 0; i < 3; i++) {
			this.apiKeys.create(NewApiKey.named("key-" + i));
		}
		Page page = signIn(context());
		page.getByLabel("key-0").check();
		page.getByLabel("key-2").check();
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Revoke")).click();
		assertThat(page.locator("h1")).hasText("Revoke 2 keys");
		assertThat(keys()).allMatch((key) -> key.getRevokedAt() == null);
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Revoke for ever")).click();
		assertThat(page.getByRole(AriaRole.STATUS)).hasText("2 keys are revoked now.");
		assertThat(keys()).filteredOn((key) -> key.getRevokedAt() != null)
			.extracting(ApiKey::getName)
			.containsExactlyInAnyOrder("key-0", "key-2");
		page.getByLabel("Select all").check();
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Disable")).click();
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Disable")).click();
		assertThat(page.getByRole(AriaRole.STATUS)).hasText("One key is disabled now. 2 keys were not changed: "
				+ "they were so already, are revoked, or are gone.");
	}

	@Test
	void editInTwoTabsThenTheSecondSeesWhatHappened() {
		UUID id = this.apiKeys.create(NewApiKey.named("shared")).apiKey().getId();
		Page first = signIn(context());
		first.navigate(url("/admin/api-keys/" + id + "/edit"));
		Page second = first.context().newPage();
		second.navigate(url("/admin/api-keys/" + id + "/edit"));
		first.getByLabel("Name").fill("from the first tab");
		first.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Save")).click();
		assertThat(first.getByRole(AriaRole.STATUS)).hasText("Saved.");
		second.getByLabel("Name").fill("from the second tab");
		second.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Save")).click();
		assertThat(second.getByRole(AriaRole.ALERT)).containsText("somebody else changed the key");
		assertThat(second.getByLabel("Name")).hasValue("from the second tab");
		assertThat(this.apiKeys.find(id).orElseThrow().getName()).isEqualTo("from the first tab");
		this.apiKeys.revoke(id);
		second.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Save")).click();
		assertThat(second.getByRole(AriaRole.ALERT)).containsText("the key is revoked");
		assertThat(this.apiKeys.find(id).orElseThrow().getName()).isEqualTo("from the first tab");
	}

	@Test
	void keyOfAnOrganizationThenItsOwnFieldColumnAndSearch() {
		this.apiKeys.create(NewApiKey.named("plain"));
		Page page = signIn(context());
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("New key")).click();
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Organization key")).click();
		page.getByLabel("Name").fill("tea");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")).click();
		assertThat(page.getByText("Choose an organization")).isVisible();
		assertThat(page.getByLabel("Name")).hasValue("tea");
		assertThat(page.getByLabel("Owner")).hasCount(0);
		page.getByLabel("Organization").selectOption("Harbour Tea House");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")).click();
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Details of the key")).click();
		assertThat(page.locator("dl")).containsText("Harbour Tea House");
		page.navigate(url("/admin/api-keys"));
		search(page, "harbour");
		assertThat(page.locator("#rows tr")).hasCount(1);
		page.navigate(url("/admin/api-keys?type=organization"));
		assertThat(page.locator("thead")).containsText("Organization");
		assertThat(page.locator("#rows tr")).containsText(new String[] { "Harbour Tea House" });
		assertThat(page.locator("#rows tr")).containsText(new String[] { "org-1" });
	}

	@Test
	void everythingWithoutScript() {
		Page page = signIn(context((options) -> options.setJavaScriptEnabled(false)));
		page.navigate(url("/admin/api-keys/new"));
		page.getByLabel("Name").fill("plain html");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")).click();
		assertThat(page.locator("#token").textContent()).startsWith("shop_");
		assertThat(page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Copy"))).hasCount(0);
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Details of the key")).click();
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Disable")).click();
		assertThat(page.getByRole(AriaRole.STATUS)).containsText("The key is disabled");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Enable")).click();
		assertThat(page.getByRole(AriaRole.STATUS)).containsText("The key is enabled");
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Revoke")).click();
		page.getByLabel("To confirm").fill("plain html");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Revoke for ever")).click();
		assertThat(keys().get(0).getState(Instant.now())).isEqualTo(ApiKeyState.REVOKED);
	}

	@Test
	void createWithTheKeyboardAlone() {
		Page page = signIn(context());
		page.keyboard().press("Tab");
		assertThat(page.getByText("Skip to content")).isFocused();
		page.keyboard().press("Enter");
		tabTo(page, page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("New key")));
		page.keyboard().press("Enter");
		page.waitForURL("**/new");
		tabTo(page, page.getByLabel("Name"));
		page.keyboard().type("typed");
		tabTo(page, page.getByLabel("orders:write"));
		page.keyboard().press("Space");
		tabTo(page, page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")));
		page.keyboard().press("Enter");
		assertThat(page.locator("h1")).hasText("Your new key");
		assertThat(keys().get(0).getScopes()).containsExactly("orders:write");
	}

	@Test
	void disableThenAsksFirst() {
		UUID id = this.apiKeys.create(NewApiKey.named("asked")).apiKey().getId();
		Page page = signIn(context());
		page.navigate(url("/admin/api-keys/" + id));
		page.onceDialog((dialog) -> dialog.dismiss());
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Disable")).click();
		assertThat(this.apiKeys.find(id).orElseThrow().getDisabledAt()).isNull();
		page.onceDialog((dialog) -> dialog.accept());
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Disable")).click();
		assertThat(page.getByRole(AriaRole.STATUS)).containsText("The key is disabled");
	}

	@Test
	void germanReaderInTokyoThenInTheirLanguageAndTime() {
		UUID id = this.apiKeys.create(NewApiKey.named("key").expiresAt(Instant.parse("2999-12-31T20:00:00Z")))
			.apiKey()
			.getId();
		Page page = signIn(context((options) -> options.setLocale("de-DE").setTimezoneId("Asia/Tokyo")));
		assertThat(page.locator("h1")).hasText("API-Schl\u00fcssel");
		assertThat(page.locator("html")).hasAttribute("lang", "de");
		page.navigate(url("/admin/api-keys/" + id));
		assertThat(page.locator("dl")).containsText("01.01.3000, 05:00");
		assertThat(page.locator("footer")).containsText("Asia/Tokyo");
		page.navigate(url("/admin/api-keys/new"));
		page.getByLabel("Name").fill("ends");
		page.getByLabel("An einem Tag").check();
		page.getByLabel("Letzter Tag").fill("2998-06-30");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Schl\u00fcssel erstellen")).click();
		assertThat(keys()).extracting(ApiKey::getExpiresAt).contains(Instant.parse("2998-06-30T15:00:00Z"));
	}

	@ParameterizedTest
	@EnumSource(names = { "LIGHT", "DARK" })
	void everyPageIsAccessible(ColorScheme scheme) {
		UUID id = seed();
		Page page = signIn(context((options) -> options.setColorScheme(scheme).setViewportSize(1280, 900)));
		visitEveryPage(page, id, (name) -> {
			page.screenshot(new ScreenshotOptions()
				.setPath(SCREENSHOTS.resolve(name + "-" + scheme.name().toLowerCase() + ".png"))
				.setFullPage(true));
			List<Rule> violations = new AxeBuilder(page)
				.withTags(List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"))
				.analyze()
				.getViolations();
			assertThat(violations).as("%s in %s", name, scheme)
				.extracting((rule) -> rule.getId() + ": " + rule.getNodes().get(0).getHtml() + " "
						+ rule.getNodes().get(0).getFailureSummary())
				.isEmpty();
		});
	}

	/**
	 * 640 pixels are what is left of 1280 at 200 % zoom.
	 */
	@ParameterizedTest
	@ValueSource(ints = { 360, 640 })
	void everyPageFitsANarrowScreen(int width) {
		UUID id = seed();
		Page page = signIn(context((options) -> options.setViewportSize(width, 740)));
		visitEveryPage(page, id, (name) -> {
			page.screenshot(new ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + "-" + width + ".png"))
				.setFullPage(true));
			assertThat((int) page.evaluate("document.documentElement.scrollWidth")).as(name).isLessThanOrEqualTo(width);
		});
	}

	@ParameterizedTest
	@ValueSource(ints = { 1280, 360 })
	void listWhenAWordIsLongThenEveryColumnStaysInSight(int width) {
		this.apiKeys.create(NewApiKey.named("W".repeat(100)).owner("o".repeat(255)).scopes("orders:read"));
		this.apiKeys.create(NewApiKey.named("short").owner("org-42").scopes("orders:read"));
		Page page = signIn(context((options) -> options.setViewportSize(width, 740)));
		assertThat((int) page.evaluate("document.documentElement.scrollWidth")).isLessThanOrEqualTo(width);
		assertThat((int) page.evaluate("document.querySelector('.scroll').scrollWidth")).isLessThanOrEqualTo(width);
		for (Locator row : page.locator("#rows tr").all()) {
			assertThat(row.locator("a.name").boundingBox().height).isLessThan(56);
			assertThat(row.locator("th, td:not(.check)").all()).isNotEmpty().allSatisfy((cell) -> {
				assertThat(cell.boundingBox().width).isGreaterThan(80);
				assertThat(cell.boundingBox().height).isLessThan(110);
			});
		}
	}

	@Test
	void formWhenTheSessionEndsThenWhatWasTypedIsRestoredAfterwards() {
		BrowserContext context = context();
		Page page = signIn(context);
		page.navigate(url("/admin/api-keys/new"));
		page.getByLabel("Name").fill("nightly import");
		page.getByLabel("Owner").fill("org-42");
		page.getByLabel("orders:write").check();
		context.clearCookies();
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")).click();
		assertThat(page.locator("h1")).hasText("You may have been signed out");
		page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("Open it again")).click();
		page.locator("input[name=username]").fill("admin");
		page.locator("input[name=password]").fill("password");
		page.locator("button[type=submit]").click();
		assertThat(page.getByLabel("Name")).hasValue("");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Restore it")).click();
		assertThat(page.getByLabel("Name")).hasValue("nightly import");
		assertThat(page.getByLabel("orders:write")).isChecked();
		assertThat(page.getByLabel("Owner")).hasValue("");
		assertThat(String.valueOf(page.evaluate("JSON.stringify(sessionStorage)"))).contains("nightly import")
			.doesNotContain("org-42");
		page.evaluate("sessionStorage.setItem('api-key-draft admin /admin/api-keys/other/edit', '[]')");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")).click();
		assertThat(page.locator("h1")).hasText("Your new key");
		assertThat(page.evaluate("Object.keys(sessionStorage).join()"))
			.isEqualTo("api-key-draft admin /admin/api-keys/other/edit");
		assertThat(keys()).singleElement().extracting(ApiKey::getName).isEqualTo("nightly import");
	}

	@Test
	void draftWhenAnotherUserSignsInThenGone() {
		Page page = signIn(context());
		page.evaluate("sessionStorage.setItem('api-key-draft somebody /admin/api-keys/new', '[]')");
		page.navigate(url("/admin/api-keys/new"));
		assertThat(page.locator("[data-restore]")).isHidden();
		assertThat(page.evaluate("sessionStorage.length")).isEqualTo(0);
	}

	@Test
	void pageThenAtMostThreeRequests() {
		Page page = signIn(context());
		List<String> urls = new ArrayList<>();
		page.onRequest((request) -> urls.add(request.url()));
		page.navigate(url("/admin/api-keys/new"));
		page.waitForLoadState();
		assertThat(urls.stream().filter((url) -> !url.endsWith("/favicon.ico"))).hasSizeBetween(1, 3)
			.allMatch((url) -> url.startsWith(url("/admin/api-keys/")));
	}

	private void visitEveryPage(Page page, UUID id, Consumer<String> visit) {
		Consumer<String> visitor = (name) -> {
			assertThat(page.locator("main h1")).isVisible();
			visit.accept(name);
		};
		page.navigate(url("/admin/api-keys"));
		visitor.accept("list");
		page.getByText("Filters").click();
		visitor.accept("list-filters");
		page.navigate(url("/admin/api-keys?q=nothing-like-that"));
		visitor.accept("list-empty");
		page.navigate(url("/admin/api-keys/new"));
		visitor.accept("new");
		page.getByLabel("Name").fill(" ");
		page.getByText("More", new Page.GetByTextOptions().setExact(true)).click();
		page.getByLabel("Metadata").fill("no equals sign");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")).click();
		visitor.accept("new-errors");
		page.getByLabel("Name").fill("screenshot");
		page.getByLabel("Metadata").fill("team=billing");
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Create key")).click();
		visitor.accept("issued");
		page.navigate(url("/admin/api-keys/" + id));
		visitor.accept("key");
		for (String name : List.of("edit", "rotate", "revoke", "delete")) {
			page.navigate(url("/admin/api-keys/" + id + "/" + name));
			visitor.accept(name);
		}
		page.navigate(url("/admin/api-keys"));
		page.locator("input[name=ids]").first().check();
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Revoke")).click();
		visitor.accept("bulk");
		page.navigate(url("/admin/api-keys/" + UUID.randomUUID()));
		visitor.accept("not-found");
	}

	/**
	 * Keys of every kind, and what happened to them.
	 */
	private UUID seed() {
		CreatedApiKey main = this.apiKeys.create(NewApiKey.named("billing-service")
			.owner("org-42")
			.description("Sends the invoices of the month.")
			.scopes("orders:read", "orders:write")
			.metadata("team", "finance")
			.expiresIn(Duration.ofDays(90)));
		UUID id = main.apiKey().getId();
		this.apiKeys.create(NewApiKey.named("warehouse-scanner").owner("org-42").scopes("orders:read"));
		this.apiKeys.create(NewApiKey.named("partner-portal").owner("org-7").expiresIn(Duration.ofDays(12)));
		this.apiKeys.create(NewApiKey.named("black-friday").notBefore(Instant.now().plus(Duration.ofDays(3))));
		this.apiKeys.disable(this.apiKeys.create(NewApiKey.named("old-exporter").owner("org-9")).apiKey().getId());
		this.apiKeys.revoke(
				this.apiKeys.create(NewApiKey.named("leaked-in-a-repository").owner("org-9")).apiKey().getId(),
				"Found by a scanner");
		this.apiKeys.update(id, (update) -> update.scopes("orders:read"));
		this.apiKeys.rotate(this.apiKeys.create(NewApiKey.named("reporting").owner("org-42")).apiKey().getId(),
				Duration.ofDays(1));
		this.verifier.verify(main.token(), "192.0.2.17");
		// it writes the rows of today
		Awaitility.await().until(() -> this.apiKeys.find(id).orElseThrow().getLastUsedAt() != null);
		for (int day = 0; day < 30; day++) {
			for (String values : List.of(
					"api_key_usage (usage_day, requests, refusals, api_key_id) values (%s, '" + id + "')",
					"api_key_usage_total (usage_day, requests, refusals) values (%s)")) {
				this.jdbc.update("merge into " + values.formatted("dateadd('day', -" + day + ", current_date), "
						+ (400 + 37 * (day * 7 % 11)) + ", " + ((day % 6 == 2) ? 45 : 2)));
			}
		}
		return id;
	}

	private static void tabTo(Page page, Locator target) {
		for (int i = 0; i < 80; i++) {
			if ((boolean) target.evaluate("element => element === document.activeElement")) {
				return;
			}
			page.keyboard().press("Tab");
		}
		throw new AssertionError("Not reached with the keyboard: " + target);
	}

	private void search(Page page, String text) {
		page.getByLabel("Search", new Page.GetByLabelOptions().setExact(true)).fill(text);
		page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Search")).click();
		page.waitForLoadState();
	}

	private Page signIn(BrowserContext context) {
		Page page = context.newPage();
		page.onConsoleMessage((message) -> {
			if (message.type().equals("error") && !message.text().contains("the server responded with a status of")) {
				this.complaints.add(message.text());
			}
		});
		page.onPageError(this.complaints::add);
		page.navigate(url("/admin/api-keys"));
		assertThat(page).hasURL(url("/login"));
		page.locator("input[name=username]").fill("admin");
		page.locator("input[name=password]").fill("password");
		Response response = page.waitForNavigation(() -> page.locator("button[type=submit]").click());
		assertThat(response.headerValue("cache-control")).isEqualTo("no-store");
		return page;
	}

	private BrowserContext context() {
		return context((options) -> {
		});
	}

	private BrowserContext context(Consumer<NewContextOptions> customizer) {
		NewContextOptions options = new NewContextOptions().setLocale("en-GB");
		customizer.accept(options);
		BrowserContext context = chromium.browser().newContext(options);
		context.setDefaultTimeout(120_000);
		this.contexts.add(context);
		return context;
	}

	private String url(String path) {
		return "http://localhost:" + this.port + path;
	}

	private List<ApiKey> keys() {
		return this.apiKeys.list(ApiKeyQuery.all(), Pageable.unpaged()).getContent();
	}

	private int call(String path, String token) throws IOException, InterruptedException {
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create(url(path))).header("X-API-Key", token).build(),
					BodyHandlers.discarding())
			.statusCode();
	}

}
