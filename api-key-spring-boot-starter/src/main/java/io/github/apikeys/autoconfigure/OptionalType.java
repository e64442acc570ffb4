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

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.util.ClassUtils;

/**
 * A type that need not be on the class path.
 */
enum OptionalType {

	SERVLET("jakarta.servlet.Servlet"),

	SERVLET_LISTENER_REGISTRATION("org.springframework.boot.web.servlet.ServletListenerRegistrationBean"),

	WEB_SERVER_CONTEXT("org.springframework.boot.web.server.context.WebServerApplicationContext"),

	TOMCAT("org.springframework.boot.tomcat.TomcatWebServer"),

	REMOTE_IP_FILTER("org.apache.catalina.filters.RemoteIpFilter"),

	SECURITY_FILTER_CHAIN("org.springframework.security.web.SecurityFilterChain"),

	HANDLER_METHOD("org.springframework.web.method.HandlerMethod"),

	MVC_MAPPING("org.springframework.web.servlet.HandlerMapping"),

	REACTIVE_MAPPING("org.springframework.web.reactive.HandlerMapping"),

	REACTIVE_ADAPTER("org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerAdapter"),

	REACTIVE_FUNCTION("org.springframework.web.reactive.function.server.RouterFunction"),

	REACTIVE_FILTER("org.springframework.web.server.WebFilter"),

	REACTIVE_EXCEPTION_HANDLER("org.springframework.web.server.WebExceptionHandler"),

	REACTIVE_CHAIN("org.springframework.security.web.server.SecurityWebFilterChain"),

	MESSAGE_HANDLER("org.springframework.messaging.handler.invocation.AbstractMethodMessageHandler"),

	GRAPHQL_SCHEMA("graphql.schema.GraphQLSchema"),

	GRAPHQL_SOURCE("org.springframework.graphql.execution.GraphQlSource"),

	REST_APPLICATION("jakarta.ws.rs.core.Application"),

	WEBSOCKET_ENDPOINT("jakarta.websocket.server.ServerEndpointConfig"),

	WEBSOCKET_EXPORTER("org.springframework.web.socket.server.standard.ServerEndpointExporter"),

	WEBSOCKET_HANDLERS("org.springframework.web.socket.handler.BeanCreatingHandlerProvider"),

	HTTP_EXCHANGES("org.springframework.boot.actuate.web.exchanges.HttpExchangeRepository"),

	FLYWAY("org.flywaydb.core.Flyway"),

	FLYWAY_OF_SPRING_BOOT("org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration"),

	LIQUIBASE("liquibase.integration.spring.SpringLiquibase"),

	LIQUIBASE_OF_SPRING_BOOT("org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration"),

	LETTUCE("io.lettuce.core.RedisClient"),

	BUCKET4J_OF_LETTUCE("io.github.bucket4j.redis.lettuce.Bucket4jLettuce"),

	JOOQ("org.jooq.DSLContext"),

	MYBATIS("org.apache.ibatis.session.SqlSessionFactory"),

	SPRING_DATA_JDBC("org.springframework.data.jdbc.core.JdbcAggregateOperations"),

	MOCKITO("org.mockito.Mockito"),

	MOCKING_DETAILS("org.mockito.MockingDetails");

	private final String className;

	OptionalType(String className) {
		this.className = className;
	}

	/**
	 * Returns the type, or {@code null} if it is not there, or lacks what it needs.
	 */
	@Nullable Class<?> find() {
		return find(this.className);
	}

	/**
	 * Finds a type by its name.
	 */
	static @Nullable Class<?> find(String className) {
		return find(className, OptionalType.class.getClassLoader());
	}

	/**
	 * Finds a type for a class loader that may know more, or less, than that of the
	 * library.
	 */
	static @Nullable Class<?> find(@Nullable String className, @Nullable ClassLoader classLoader) {
		try {
			return (className != null) ? ClassUtils.forName(className, classLoader) : null;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return null;
		}
	}

	@Nullable Class<?> find(@Nullable ClassLoader classLoader) {
		return find(this.className, classLoader);
	}

	boolean isPresent() {
		return find() != null;
	}

	boolean isPresent(@Nullable ClassLoader classLoader) {
		return find(classLoader) != null;
	}

	/**
	 * A native image finds no other types by their names than those that were announced.
	 */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			for (OptionalType type : values()) {
				hints.reflection().registerTypeIfPresent(classLoader, type.className);
			}
		}

	}

}
