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

import java.util.Base64;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.host.HostApplication;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;

import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;

/**
 * Starts somebody else's application with the starter on its class path.
 */
final class HostRunner {

	static final String BASIC = "Basic " + Base64.getEncoder().encodeToString("user:password".getBytes());

	private HostRunner() {
	}

	/**
	 * An application with Flyway, which creates its tables.
	 */
	static WebApplicationContextRunner application() {
		return bare().withUserConfiguration(HostApplication.class);
	}

	/**
	 * An application without Flyway, whose tables Hibernate creates.
	 */
	static WebApplicationContextRunner withoutFlyway() {
		return application().withPropertyValues("spring.flyway.enabled=false");
	}

	static WebApplicationContextRunner bare() {
		return new WebApplicationContextRunner().withPropertyValues("spring.datasource.url=" + database(),
				"spring.jpa.open-in-view=false", "spring.security.user.name=user",
				"spring.security.user.password=password");
	}

	static String database() {
		return "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
	}

	static MockMvcTester mvc(WebApplicationContext context) {
		return MockMvcTester.create(MockMvcBuilders.webAppContextSetup(context).apply(springSecurity()).build());
	}

	static String key(WebApplicationContext context, String... scopes) {
		return context.getBean(ApiKeyService.class).create(NewApiKey.named("client").scopes(scopes)).token();
	}

	/**
	 * Whether the default chain's HTTP Basic answered, and not a refused key.
	 */
	static boolean isBasicChallenge(MvcTestResult result) {
		return result.getResponse().getHeader("WWW-Authenticate").startsWith("Basic ");
	}

	static MvcTestResult get(MockMvcTester mvc, String path, String... headers) {
		MockMvcTester.MockMvcRequestBuilder request = mvc.get().uri(path);
		for (int i = 0; i < headers.length; i += 2) {
			request.header(headers[i], headers[i + 1]);
		}
		return request.exchange();
	}

}
