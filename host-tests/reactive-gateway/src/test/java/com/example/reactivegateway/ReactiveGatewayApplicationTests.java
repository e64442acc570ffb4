package com.example.reactivegateway;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

@ExtendWith(OutputCaptureExtension.class)
class ReactiveGatewayApplicationTests {

	/** What api-key-admin brings. */
	private static final List<String> PAGES = List.of("api-key-admin", "spring-webmvc", "spring-boot-webmvc",
			"spring-boot-starter-webmvc", "spring-boot-tomcat", "spring-boot-servlet", "tomcat-embed-core",
			"tomcat-embed-websocket");

	@Test
	void startWithThePagesThenTheFailureSaysWhatBringsSpringMvc(CapturedOutput output) {
		assertThatException().isThrownBy(() -> Start.main(new String[0]));
		assertThat(output)
			.contains("api-key-admin brings Spring MVC", "Remove api-key-admin", "an application of their own")
			.doesNotContain("spring-boot-starter-web ", "\tat ");
	}

	/**
	 * In a virtual machine of its own, in whose class path Hibernate finds its services.
	 */
	@Test
	void startWhenTheAdviceIsFollowedThenAWarning() throws Exception {
		String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> PAGES.stream().noneMatch(entry::contains))
			.collect(Collectors.joining(File.pathSeparator));
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				classPath, ReactiveGatewayApplicationTests.class.getName() + "$Start")
			.redirectErrorStream(true)
			.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as(output).isZero();
		assertThat(output).contains("Netty started on port").containsOnlyOnce("This is a reactive web application");
	}

	/**
	 * Starts the application and stops it.
	 */
	static final class Start {

		public static void main(String[] args) {
			SpringApplication.run(ReactiveGatewayApplication.class, "--server.port=0").close();
		}

	}

}
