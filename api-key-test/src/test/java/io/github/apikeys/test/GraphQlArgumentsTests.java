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

import java.util.Optional;

import io.github.apikeys.autoconfigure.ApiKeyGraphQlAutoConfiguration;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.security.CurrentApiKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.graphql.autoconfigure.GraphQlAutoConfiguration;
import org.springframework.boot.graphql.autoconfigure.GraphQlSourceBuilderCustomizer;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.graphql.ExecutionGraphQlResponse;
import org.springframework.graphql.ExecutionGraphQlService;
import org.springframework.graphql.data.method.annotation.QueryMapping;
import org.springframework.graphql.support.DefaultExecutionGraphQlRequest;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * A described key has no entity. A field that wants it fails, and says what is missing.
 */
@ExtendWith(OutputCaptureExtension.class)
class GraphQlArgumentsTests {

	private static final String SCHEMA = "type Query { entity: String optional: String principal: String }";

	private final ApiKeyService apiKeys = mock(ApiKeyService.class);

	private final WebApplicationContextRunner application = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(GraphQlAutoConfiguration.class, ApiKeyGraphQlAutoConfiguration.class,
				CurrentApiKeyCheckAutoConfiguration.class))
		.withBean(ApiKeyService.class, () -> this.apiKeys)
		.withBean(Fields.class)
		.withBean(GraphQlSourceBuilderCustomizer.class,
				() -> (builder) -> builder.schemaResources(new ByteArrayResource(SCHEMA.getBytes())));

	@AfterEach
	void clearContext() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void fieldWhenItWantsTheEntityOfADescribedKeyThenTheLogSaysWhatIsMissing(CapturedOutput output) {
		this.application.run((context) -> {
			for (String field : new String[] { "entity", "optional" }) {
				int before = output.length();
				ExecutionGraphQlResponse response = query(context, field);
				assertThat(response.getErrors()).singleElement()
					.satisfies((error) -> assertThat(error.getErrorType()).hasToString("INTERNAL_ERROR"));
				assertThat(output.toString().substring(before)).contains("@CurrentApiKey ApiKey",
						"apiKey(created.apiKey())");
			}
		});
	}

	@Test
	void fieldWhenThereIsTheEntityOrOnlyThePrincipalIsWantedThenFilled() {
		ApiKey entity = mock(ApiKey.class);
		given(entity.getName()).willReturn("stored");
		given(this.apiKeys.find(any(), any())).willReturn(Optional.of(entity));
		this.application.run((context) -> {
			assertThat(query(context, "entity").<Object>getData()).hasToString("{entity=stored}");
			assertThat(query(context, "principal").<Object>getData()).hasToString("{principal=described}");
		});
	}

	private static ExecutionGraphQlResponse query(ApplicationContext context, String field) {
		MockApiKey key = new MockApiKey();
		key.setDisplayName("described");
		SecurityContextHolder.getContext().setAuthentication(key.authenticate(context));
		ExecutionGraphQlResponse response = context.getBean(ExecutionGraphQlService.class)
			.execute(new DefaultExecutionGraphQlRequest("{ " + field + " }", null, null, null, "id", null))
			.block();
		assertThat(response).isNotNull();
		return response;
	}

	@Controller
	static class Fields {

		@QueryMapping
		String entity(@CurrentApiKey ApiKey key) {
			return key.getName();
		}

		@QueryMapping
		String optional(@CurrentApiKey Optional<ApiKey> key) {
			return key.isPresent() ? "present" : "absent";
		}

		@QueryMapping
		String principal(@CurrentApiKey ApiKeyPrincipal key) {
			return key.displayName();
		}

	}

}
