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

import java.util.function.Consumer;

import graphql.GraphQL;
import graphql.schema.GraphQLCodeRegistry;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLUnionType;
import org.jspecify.annotations.Nullable;

import org.springframework.graphql.execution.GraphQlSource;

/**
 * What an engine of GraphQL calls: what fetches fields, tells types and converts values,
 * and what an engine was given besides its schema.
 */
final class GraphQlHandlers {

	private static final boolean SPRING_PRESENT = OptionalType.GRAPHQL_SOURCE.isPresent();

	private GraphQlHandlers() {
	}

	static void find(Object registry, Consumer<@Nullable Object> sink) {
		if (registry instanceof GraphQL engine) {
			findOfEngine(engine, sink);
		}
		else if (registry instanceof GraphQLSchema schema) {
			findOfSchema(schema, sink);
		}
		else if (SPRING_PRESENT) {
			OfSpring.find(registry, sink);
		}
	}

	private static void findOfEngine(GraphQL engine, Consumer<@Nullable Object> sink) {
		sink.accept(engine.getInstrumentation());
		sink.accept(engine.getQueryStrategy());
		sink.accept(engine.getMutationStrategy());
		sink.accept(engine.getSubscriptionStrategy());
		findOfSchema(engine.getGraphQLSchema(), sink);
	}

	private static void findOfSchema(GraphQLSchema schema, Consumer<@Nullable Object> sink) {
		GraphQLCodeRegistry code = schema.getCodeRegistry();
		for (GraphQLNamedType type : schema.getAllTypesAsList()) {
			if (type instanceof GraphQLObjectType object) {
				object.getFieldDefinitions().forEach((field) -> sink.accept(code.getDataFetcher(object, field)));
			}
			else if (type instanceof GraphQLInterfaceType several) {
				sink.accept(code.getTypeResolver(several));
			}
			else if (type instanceof GraphQLUnionType several) {
				sink.accept(code.getTypeResolver(several));
			}
			else if (type instanceof GraphQLScalarType scalar) {
				sink.accept(scalar.getCoercing());
			}
		}
	}

	private static final class OfSpring {

		static void find(Object registry, Consumer<@Nullable Object> sink) {
			if (registry instanceof GraphQlSource source) {
				findOfEngine(source.graphQl(), sink);
			}
		}

	}

}
