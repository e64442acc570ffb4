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

import java.lang.reflect.Method;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

/**
 * Started by {@link ReducedClassPathTests} in a class loader of its own, so it must not
 * name a type of what may be absent.
 */
@EnableAutoConfiguration
public class ReducedApplication {

	private static final String TOMCAT_URLS = "org.apache.catalina.webresources.TomcatURLStreamHandlerFactory";

	/**
	 * Starts the application, and stops it again.
	 * @return what it could do
	 * @throws Exception if it could not start
	 */
	public static String start() throws Exception {
		disableUrlsOfTomcat();
		SpringApplication application = new SpringApplication(ReducedApplication.class);
		application.setRegisterShutdownHook(false);
		String url = "jdbc:h2:mem:" + UUID.randomUUID();
		try (ConfigurableApplicationContext context = application.run("--server.port=0",
				"--spring.datasource.url=" + url)) {
			String port = context.getEnvironment().getProperty("local.server.port");
			ApiKeyService service = context.getBeanProvider(ApiKeyService.class).getIfAvailable();
			if (service == null || port == null) {
				return ((service != null) ? "service" : "no service") + ", " + ((port != null) ? "server" : "no server")
						+ ", " + tables(url) + " tables";
			}
			String token = service.create(NewApiKey.named("client")).token();
			return "service, " + status(port, token) + " with key, " + status(port, "wrong") + " with a wrong one";
		}
	}

	/**
	 * There can be one handler of them in each virtual machine, and other tests have it.
	 */
	static void disableUrlsOfTomcat() throws Exception {
		if (ClassUtils.isPresent(TOMCAT_URLS, null)) {
			Method disable = ClassUtils.forName(TOMCAT_URLS, null).getMethod("disable");
			disable.invoke(null);
		}
	}

	private static int tables(String url) throws Exception {
		try (Connection connection = DriverManager.getConnection(url, "sa", "");
				ResultSet tables = connection.getMetaData().getTables(null, "PUBLIC", "API_KEY%", null)) {
			int count = 0;
			while (tables.next()) {
				count++;
			}
			return count;
		}
	}

	private static int status(String port, String key) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port))
			.header("X-API-Key", key)
			.build();
		return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
	}

}
