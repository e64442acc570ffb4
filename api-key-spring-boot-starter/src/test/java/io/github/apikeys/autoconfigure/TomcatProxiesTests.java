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

import java.util.EnumSet;

import jakarta.servlet.DispatcherType;
import org.apache.catalina.filters.RemoteIpFilter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tomcat's filter believes proxies as its valve does, and so is what is said about it.
 */
@ExtendWith(OutputCaptureExtension.class)
class TomcatProxiesTests {

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(
				AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class, WebMvcAutoConfiguration.class))
		.withPropertyValues("server.port=0", "server.address=127.0.0.1")
		.withUserConfiguration(ForwardedHeadersTests.Application.class);

	@ParameterizedTest
	@ValueSource(classes = { RemoteIpFilterBean.class, RegisteredRemoteIpFilter.class })
	void startWhenTheFilterTrustsProxiesThenNoWarning(Class<?> filter, CapturedOutput output) {
		ForwardedHeadersTests.assertAgreement(this.runner.withUserConfiguration(filter), "198.51.100.2", output);
	}

	@ParameterizedTest
	@ValueSource(classes = { RemoteIpFilterThatTrustsEverybody.class, RemoteIpFilterThatTrustsAllNetworks.class,
			RemoteIpFilterWithParameters.class })
	void startWhenTheFilterTrustsEverybodyThenAWarning(Class<?> filter, CapturedOutput output) {
		ForwardedHeadersTests.assertAgreement(this.runner.withUserConfiguration(filter), "203.0.113.1", output);
	}

	@Test
	void startWhenTheFilterIsSwitchedOffThenNoWarning(CapturedOutput output) {
		ForwardedHeadersTests.assertAgreement(this.runner.withUserConfiguration(RemoteIpFilterThatIsSwitchedOff.class),
				"127.0.0.1", output);
	}

	@Test
	void startWhenTheFilterIsAddedThenAWarningThatItsProxiesAreNotKnown(CapturedOutput output) {
		this.runner.withUserConfiguration(RemoteIpFilterBean.class, AddedRemoteIpFilter.class)
			.run((context) -> assertThat(context.getBean(ForwardedHeaders.class).areProcessed()).isTrue());
		assertThat(output).containsOnlyOnce("not known which proxies it trusts");
	}

	@Test
	void startWhenAChainHasTheFilterThenProcessed(CapturedOutput output) {
		new WebApplicationContextRunner().withBean(ForwardedHeaders.class)
			.withBean(SecurityFilterChain.class,
					() -> new DefaultSecurityFilterChain(AnyRequestMatcher.INSTANCE, new RemoteIpFilter()))
			.run((context) -> assertThat(context.getBean(ForwardedHeaders.class).areProcessed()).isTrue());
		assertThat(output).doesNotContain(ForwardedHeadersTests.WARNING);
	}

	@Configuration(proxyBeanMethods = false)
	static class RemoteIpFilterBean {

		@Bean
		RemoteIpFilter remoteIp() {
			return new RemoteIpFilter();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RegisteredRemoteIpFilter {

		@Bean
		FilterRegistrationBean<RemoteIpFilter> remoteIp() {
			return new FilterRegistrationBean<>(new RemoteIpFilter());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RemoteIpFilterThatTrustsEverybody {

		@Bean
		FilterRegistrationBean<RemoteIpFilter> remoteIp() {
			RemoteIpFilter filter = new RemoteIpFilter();
			filter.setTrustedProxies(".*");
			return new FilterRegistrationBean<>(filter);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RemoteIpFilterThatTrustsAllNetworks {

		@Bean
		RemoteIpFilter remoteIp() {
			RemoteIpFilter filter = new RemoteIpFilter();
			filter.setInternalProxies("0.0.0.0/1,128.0.0.0/1");
			return filter;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RemoteIpFilterWithParameters {

		@Bean
		FilterRegistrationBean<RemoteIpFilter> remoteIp() {
			FilterRegistrationBean<RemoteIpFilter> registration = new FilterRegistrationBean<>(new RemoteIpFilter());
			registration.addInitParameter("internalProxies", ".*");
			return registration;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RemoteIpFilterThatIsSwitchedOff {

		@Bean
		FilterRegistrationBean<RemoteIpFilter> remoteIp() {
			FilterRegistrationBean<RemoteIpFilter> registration = new FilterRegistrationBean<>(new RemoteIpFilter());
			registration.setEnabled(false);
			return registration;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AddedRemoteIpFilter {

		@Bean
		ServletContextInitializer added() {
			return (servletContext) -> servletContext.addFilter("added", RemoteIpFilter.class)
				.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/*");
		}

	}

}
