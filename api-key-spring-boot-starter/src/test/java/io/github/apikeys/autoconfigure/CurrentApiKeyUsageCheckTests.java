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

import java.util.List;
import java.util.Optional;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.CurrentApiKey;
import jakarta.persistence.DiscriminatorValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Scope;
import org.springframework.context.event.EventListener;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.graphql.data.method.annotation.Argument;
import org.springframework.graphql.data.method.annotation.BatchMapping;
import org.springframework.graphql.data.method.annotation.QueryMapping;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.stereotype.Controller;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * {@link CurrentApiKey} is never filled with what a request says: where a key cannot fill
 * it, the application does not start.
 */
class CurrentApiKeyUsageCheckTests {

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withBean(CurrentApiKeyUsageCheck.class);

	@ParameterizedTest
	@ValueSource(classes = { OfText.class, OfNumber.class, OfList.class, OfOptionalText.class, OfNamelessType.class,
			OfInterface.class, OfType.class, WithParam.class, WithBody.class, WithArgument.class, OfMessages.class,
			OfEvents.class, OfBatches.class, OfBoundObject.class, OfPlainText.class })
	void startWhenAKeyCannotFillTheParameterThenAdvice(Class<?> handler) {
		this.runner.withUserConfiguration(handler).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure()).getAction())
				.isNotEmpty();
		});
	}

	@Test
	void startWhenAKeyFillsTheParameterThenItStarts() {
		this.runner.withUserConfiguration(Good.class).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void beanThatIsMadeLaterThenLookedAtByItsClass() {
		this.runner.withUserConfiguration(Prototype.class).run((context) -> assertThat(context).hasFailed());
		this.runner.run((context) -> {
			((GenericApplicationContext) context.getSourceApplicationContext()).registerBean(OfText.class);
			assertThatException().isThrownBy(() -> context.getBean(OfText.class))
				.havingRootCause()
				.withMessageContaining("@CurrentApiKey");
		});
	}

	@Test
	void handlerThatNobodyCouldSeeThenTheRequestFillsNothing() {
		HostRunner.withoutFlyway().run((context) -> {
			RequestMappingHandlerMapping mapping = context.getBean("requestMappingHandlerMapping",
					RequestMappingHandlerMapping.class);
			for (Object handler : List.of(new OfText(), new WithParam())) {
				mapping.registerMapping(RequestMappingInfo.paths("/late").build(), handler,
						handler.getClass().getDeclaredMethods()[0]);
				MockMvcTester mvc = HostRunner.mvc(context);
				assertThat(mvc.get().uri("/late?key=evil").header("X-API-Key", HostRunner.key(context))).hasFailed()
					.failure()
					.hasMessageContaining("@CurrentApiKey cannot fill");
				mapping.unregisterMapping(RequestMappingInfo.paths("/late").build());
			}
		});
	}

	static class NamelessKey extends ApiKey {

	}

	@DiscriminatorValue("partner")
	static class PartnerKey extends ApiKey {

	}

	@RestController
	static class OfText {

		@GetMapping("/text")
		String handle(@CurrentApiKey String key) {
			return key;
		}

	}

	@RestController
	@Scope("prototype")
	static class Prototype {

		@GetMapping("/text")
		String handle(@CurrentApiKey String key) {
			return key;
		}

	}

	@RestController
	static class OfNumber {

		@GetMapping("/number")
		long handle(@CurrentApiKey long key) {
			return key;
		}

	}

	@RestController
	static class OfList {

		@GetMapping("/list")
		int handle(@CurrentApiKey List<ApiKeyPrincipal> keys) {
			return keys.size();
		}

	}

	@RestController
	static class OfOptionalText {

		@GetMapping("/optional")
		String handle(@CurrentApiKey Optional<String> key) {
			return key.orElse("");
		}

	}

	@RestController
	static class OfNamelessType {

		@GetMapping("/nameless")
		String handle(@CurrentApiKey NamelessKey key) {
			return key.getName();
		}

	}

	interface Api {

		@GetMapping("/interface")
		String handle(@CurrentApiKey String key);

	}

	@RestController
	static class OfInterface implements Api {

		@Override
		public String handle(String key) {
			return key;
		}

	}

	interface TypedApi<T> {

		@GetMapping("/typed")
		String handle(@CurrentApiKey T key);

	}

	@RestController
	static class OfType implements TypedApi<String> {

		@Override
		public String handle(String key) {
			return key;
		}

	}

	@RestController
	static class WithParam {

		@GetMapping("/param")
		String handle(@CurrentApiKey @RequestParam("key") String key) {
			return key;
		}

	}

	@RestController
	static class WithBody {

		@GetMapping("/body")
		String handle(@CurrentApiKey @RequestBody ApiKey key) {
			return key.getName();
		}

	}

	@Controller
	static class WithArgument {

		@QueryMapping
		String handle(@CurrentApiKey @Argument ApiKeyPrincipal key) {
			return key.displayName();
		}

	}

	@Controller
	static class OfMessages {

		@MessageMapping("/message")
		void handle(@CurrentApiKey ApiKey key) {
		}

	}

	static class OfEvents {

		@EventListener
		void handle(@CurrentApiKey ApiKeyPrincipal key) {
		}

	}

	@Controller
	static class OfBatches {

		@BatchMapping
		List<String> names(@CurrentApiKey ApiKeyPrincipal key) {
			return List.of();
		}

	}

	record Form(@CurrentApiKey String key) {

	}

	@RestController
	static class OfBoundObject {

		@GetMapping("/form")
		String handle(Form form) {
			return form.key();
		}

	}

	static class OfPlainText {

		void handle(@CurrentApiKey String key) {
		}

	}

	@RestController
	static class Good implements TypedApi<PartnerKey> {

		@Override
		public String handle(PartnerKey key) {
			return key.getName();
		}

		@GetMapping("/good")
		String handle(@CurrentApiKey ApiKeyPrincipal principal, @CurrentApiKey ApiKey key,
				@CurrentApiKey @Nullable PartnerKey partner, @CurrentApiKey Optional<PartnerKey> optional) {
			return "good";
		}

		@QueryMapping
		String field(@CurrentApiKey Optional<ApiKeyPrincipal> key, @Argument String text) {
			return text;
		}

		@ExceptionHandler
		String failed(@CurrentApiKey Optional<ApiKeyPrincipal> key, IllegalStateException ex) {
			return "failed";
		}

		void helper(@CurrentApiKey ApiKeyPrincipal key) {
		}

	}

}
