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

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.EnumSet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.web.MockServletContext;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.util.ClassUtils;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.filter.ForwardedHeaderFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is said about forwarding headers at the start is what the server then does,
 * whatever switched it on. The tests run on Tomcat and on Jetty.
 */
@ExtendWith(OutputCaptureExtension.class)
class ForwardedHeadersTests {

	private static final String WRITTEN_BY_CLIENT = "203.0.113.1";

	private static final String SEEN_BY_PROXY = "198.51.100.2";

	private static final String CONNECTION = "127.0.0.1";

	static final String WARNING = "which a client can write";

	private static final boolean JETTY = System.getProperty("test.server", "Tomcat").equals("Jetty");

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(AutoConfigurations.of(servers()))
		.withPropertyValues("server.port=0", "server.address=" + CONNECTION)
		.withUserConfiguration(Application.class);

	private static Class<?>[] servers() {
		String server = JETTY
				? "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration"
				: "org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration";
		return new Class<?>[] { ClassUtils.resolveClassName(server, null), WebMvcAutoConfiguration.class };
	}

	@ParameterizedTest
	@CsvSource(delimiter = ';', value = {
	// @formatter:off
			"server.servlet.context-path=/                                   ; 127.0.0.1    ; 127.0.0.1",
			"server.forward-headers-strategy=none                            ; 127.0.0.1    ; 127.0.0.1",
			"server.forward-headers-strategy=native                          ; 198.51.100.2 ; 203.0.113.1",
			"server.forward-headers-strategy=framework                       ; 203.0.113.1  ; 203.0.113.1",
			"spring.main.cloud-platform=heroku                               ; 198.51.100.2 ; 203.0.113.1",
			"server.tomcat.remoteip.remote-ip-header=X-Forwarded-For         ; 198.51.100.2 ; 127.0.0.1",
			"server.tomcat.remoteip.protocol-header=X-Forwarded-Proto        ; 198.51.100.2 ; 127.0.0.1",
			"server.forward-headers-strategy=native "
				+ "server.tomcat.remoteip.internal-proxies=.*                ; 203.0.113.1  ; 203.0.113.1",
			"server.forward-headers-strategy=native "
				+ "server.tomcat.remoteip.internal-proxies=0.0.0.0/1,128.0.0.0/1 ; 203.0.113.1 ; 203.0.113.1",
			"server.forward-headers-strategy=native "
				+ "server.tomcat.remoteip.trusted-proxies=.*                 ; 203.0.113.1  ; 203.0.113.1"
			// @formatter:on
	})
	void startThenItSaysWhatTheServerDoes(String properties, String onTomcat, String onJetty, CapturedOutput output) {
		assertAgreement(this.runner.withPropertyValues(properties.split(" ")), JETTY ? onJetty : onTomcat, output);
	}

	@ParameterizedTest
	@ValueSource(
			classes = { FilterBean.class, FilterOfAnotherClassBean.class, RegisteredFilter.class, AddedFilter.class })
	void startWhenAFilterBelievesClientsThenAWarning(Class<?> filter, CapturedOutput output) {
		assertAgreement(this.runner.withUserConfiguration(filter), WRITTEN_BY_CLIENT, output);
	}

	@Test
	void startWhenTheFilterIsSwitchedOffThenNoWarning(CapturedOutput output) {
		assertAgreement(this.runner.withUserConfiguration(FilterThatIsSwitchedOff.class), CONNECTION, output);
	}

	@Test
	void startWhenTheContainerIsTheHostsThenAWarningThatTheStrategyDoesNothing(CapturedOutput output) {
		for (String strategy : new String[] { "none", "native" }) {
			assertThat(output).doesNotContain("has no effect");
			new WebApplicationContextRunner(() -> {
				AnnotationConfigServletWebServerApplicationContext context = new AnnotationConfigServletWebServerApplicationContext();
				context.setServletContext(new MockServletContext());
				return context;
			}).withBean(ForwardedHeaders.class)
				.withPropertyValues("server.forward-headers-strategy=" + strategy)
				.run((context) -> assertThat(context).hasNotFailed());
		}
		assertThat(output).containsOnlyOnce("'server.forward-headers-strategy' has no effect");
	}

	@ParameterizedTest
	@CsvSource({ "server.forward-headers-strategy=none,false", "server.forward-headers-strategy=native,true",
			"spring.main.cloud-platform=heroku,true", "spring.main.cloud-platform=none,false",
			"server.tomcat.remoteip.remote-ip-header=X-Real-IP,true",
			"server.tomcat.remoteip.protocol-header=X-Forwarded-Proto,true" })
	void startWhenThereIsNoServerAsInATestThenTheSettingsCount(String property, boolean processed,
			CapturedOutput output) {
		new WebApplicationContextRunner().withBean(ForwardedHeaders.class)
			.withPropertyValues(property)
			.run((context) -> assertThat(context.getBean(ForwardedHeaders.class).areProcessed()).isEqualTo(processed));
		assertThat(output).doesNotContain(WARNING).doesNotContain("has no effect");
	}

	@Test
	void startWhenThereIsNoServerAndAFilterIsABeanThenAWarning(CapturedOutput output) {
		new WebApplicationContextRunner().withBean(ForwardedHeaders.class)
			.withBean(ForwardedHeaderFilter.class)
			.run((context) -> assertThat(context.getBean(ForwardedHeaders.class).areProcessed()).isTrue());
		assertThat(output).containsOnlyOnce(WARNING);
	}

	@Test
	void startWhenAChainHasTheFilterThenAWarning(CapturedOutput output) {
		new WebApplicationContextRunner().withBean(ForwardedHeaders.class)
			.withBean(SecurityFilterChain.class,
					() -> new DefaultSecurityFilterChain(AnyRequestMatcher.INSTANCE, new ForwardedHeaderFilter()))
			.run((context) -> assertThat(context.getBean(ForwardedHeaders.class).areProcessed()).isTrue());
		assertThat(output).containsOnlyOnce(WARNING);
	}

	static void assertAgreement(WebApplicationContextRunner runner, String address, CapturedOutput output) {
		runner.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(remoteAddress(context.getSourceApplicationContext(ServletWebServerApplicationContext.class)))
				.isEqualTo(address);
			assertThat(context.getBean(ForwardedHeaders.class).areProcessed()).isEqualTo(!address.equals(CONNECTION));
		});
		if (address.equals(WRITTEN_BY_CLIENT)) {
			assertThat(output).containsOnlyOnce(WARNING);
		}
		else {
			assertThat(output).doesNotContain(WARNING);
		}
	}

	private static String remoteAddress(WebServerApplicationContext context) throws Exception {
		URI uri = URI.create("http://" + CONNECTION + ":" + context.getWebServer().getPort() + "/address");
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(uri)
				.header("X-Forwarded-For", WRITTEN_BY_CLIENT + ", " + SEEN_BY_PROXY)
				.build(), BodyHandlers.ofString())
			.body();
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		ForwardedHeaders forwardedHeaders(WebApplicationContext context) {
			return new ForwardedHeaders(context);
		}

		@Bean
		ServletRegistrationBean<HttpServlet> addressServlet() {
			return new ServletRegistrationBean<>(new AddressServlet(), "/address");
		}

	}

	static class AddressServlet extends HttpServlet {

		@Override
		protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
			response.getWriter().write(request.getRemoteAddr());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FilterBean {

		@Bean
		ForwardedHeaderFilter someFilter() {
			return new ForwardedHeaderFilter();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FilterOfAnotherClassBean {

		@Bean
		ForwardedHeaderFilter someFilter() {
			return new ForwardedHeaderFilter() {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RegisteredFilter {

		@Bean
		FilterRegistrationBean<ForwardedHeaderFilter> someFilter() {
			return new FilterRegistrationBean<>(new ForwardedHeaderFilter());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AddedFilter {

		@Bean
		ServletContextInitializer someFilter() {
			return (servletContext) -> servletContext.addFilter("some", ForwardedHeaderFilter.class)
				.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/*");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FilterThatIsSwitchedOff {

		@Bean
		ForwardedHeaderFilter someFilter() {
			return new ForwardedHeaderFilter();
		}

		@Bean
		FilterRegistrationBean<ForwardedHeaderFilter> noRegistration(ForwardedHeaderFilter someFilter) {
			FilterRegistrationBean<ForwardedHeaderFilter> registration = new FilterRegistrationBean<>(someFilter);
			registration.setEnabled(false);
			return registration;
		}

	}

}
