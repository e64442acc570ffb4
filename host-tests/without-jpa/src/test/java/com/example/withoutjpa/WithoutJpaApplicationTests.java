package com.example.withoutjpa;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class WithoutJpaApplicationTests {

	@Test
	void keysOfABeanOfTheApplicationThenGuardedWithoutAWarning(CapturedOutput output) throws Exception {
		try (ConfigurableApplicationContext application = SpringApplication.run(WithoutJpaApplication.class,
				"--server.port=0", "--server.address=127.0.0.1", "--spring.security.user.password=password")) {
			assertThat(get(application, "/api/orders", "token-of-orders").body()).isEqualTo("Orders of org-42");
			assertThat(get(application, "/api/orders", "token-of-reports").statusCode()).isEqualTo(403);
			assertThat(get(application, "/api/orders", "wrong").statusCode()).isEqualTo(401);
			assertThat(get(application, "/api/reports", "token-of-reports").body()).isEqualTo("Reports");
			assertThat(get(application, "/api/reports", "token-of-orders").statusCode()).isEqualTo(403);
			assertThat(get(application, "/api/reports", "wrong").statusCode()).isEqualTo(401);
		}
		assertThat(output).contains("Tomcat started").doesNotContain(" WARN ", " ERROR ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jakarta.persistence.Entity", "org.hibernate.Hibernate", "org.flywaydb.core.Flyway",
			"org.springframework.data.domain.Page", "org.springframework.jdbc.core.JdbcTemplate",
			"org.springframework.transaction.PlatformTransactionManager" })
	void classPathThenNothingThatStoresKeys(String type) {
		assertThat(ClassUtils.isPresent(type, null)).isFalse();
	}

	private static HttpResponse<String> get(ConfigurableApplicationContext application, String path, String token)
			throws Exception {
		String port = application.getEnvironment().getProperty("local.server.port");
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
				.header("X-API-Key", token)
				.build(), BodyHandlers.ofString());
	}

}
