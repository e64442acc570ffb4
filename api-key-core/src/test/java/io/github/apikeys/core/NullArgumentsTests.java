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

package io.github.apikeys.core;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.HmacSha256ApiKeyHasher;
import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.hash.PasswordEncoderApiKeyHasher;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.hash.StoredHash;
import io.github.apikeys.core.migration.ApiKeyTables;
import io.github.apikeys.core.support.BackgroundThreads;
import io.github.apikeys.core.support.Moment;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.ForeignTokenFormat;
import io.github.apikeys.core.token.OpaqueTokenFormat;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecretShape;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import io.github.apikeys.core.verification.ApiKeyVerifier;
import io.github.apikeys.core.verification.StoredApiKey;
import io.github.apikeys.core.verification.VerificationStatistics;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.boot.model.TypeContributor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;

/**
 * Whoever passes {@code null} where it is not permitted reads which argument it is, not
 * where the library stumbles over it later.
 */
class NullArgumentsTests {

	private static final Map<Class<?>, Supplier<?>> SAMPLES = samples();

	/** Called by the library, or by Hibernate, only. */
	private static final List<Class<?>> SERVICE_PROVIDER_INTERFACES = List.of(ApiKeyHasher.class,
			ForeignTokenFormat.class, StoredHash.class, TypeContributor.class);

	/** They need a database, and have tests of their own. */
	private static final List<Class<?>> SERVICES = List.of(ApiKeyService.class, ApiKeyReports.class,
			ApiKeyTokenVerifier.class, ApiKeyTables.class);

	private static Map<Class<?>, Supplier<?>> samples() {
		ApiKeyTokenFormat issued = new ApiKeyTokenFormat("ak", List.of());
		SecretShape shape = SecretShape.of(32, SecretShape.ALPHANUMERIC);
		Map<Class<?>, Supplier<?>> samples = new LinkedHashMap<>();
		samples.put(String.class, () -> "text");
		samples.put(UUID.class, UUID::randomUUID);
		samples.put(Instant.class, () -> Instant.EPOCH);
		samples.put(Duration.class, () -> Duration.ZERO);
		samples.put(Set.class, Set::of);
		samples.put(Collection.class, List::of);
		samples.put(Map.class, Map::of);
		samples.put(Class.class, () -> ApiKey.class);
		samples.put(Object.class, Object::new);
		samples.put(ApiKey.class, ApiKey::new);
		samples.put(ApiKeyActor.class, () -> ApiKeyActor.APPLICATION);
		samples.put(ApiKeyChange.class, () -> ApiKeyChange.CREATED);
		samples.put(ApiKeyEvent.class,
				() -> ApiKeyEvent.of(UUID.randomUUID(), "id", ApiKeyChange.CREATED, Instant.EPOCH));
		samples.put(ApiKeyHeader.class, () -> new ApiKeyHeader("X-API-Key", null));
		samples.put(ApiKeyImport.class, () -> new ApiKeyImport(new ApiKey(), true, List.of()));
		samples.put(ApiKeyPrincipal.class,
				() -> new ApiKeyPrincipal(UUID.randomUUID(), "id", "name", null, Set.of(), "api_key"));
		samples.put(ApiKeyHeader.class, () -> new ApiKeyHeader("X-API-Key", null));
		samples.put(ApiKeyQuery.class, ApiKeyQuery::all);
		samples.put(ApiKeyRefusal.class, () -> ApiKeyRefusal.UNKNOWN);
		samples.put(ApiKeyRotation.class, () -> ApiKeyRotation.withGrace(Duration.ZERO));
		samples.put(ApiKeyRow.class, () -> ApiKeyRow.ofNew(MadeKey.of(NewApiKey.named("name"), "owner",
				PresentedToken.of(issued.generate(new SecureRandomApiKeyGenerator())), TokenHash.NONE, Instant.EPOCH)));
		samples.put(ApiKeyState.class, () -> ApiKeyState.ACTIVE);
		samples.put(ApiKeyUpdate.class, ApiKeyUpdate::new);
		samples.put(ApiKeyValidity.class, () -> new ApiKeyValidity(null, null, null, null));
		samples.put(ApiKeyTypes.class, () -> {
			EntityManagerFactory unit = mock(EntityManagerFactory.class, RETURNS_DEEP_STUBS);
			return ApiKeyTypes.of(unit);
		});
		samples.put(AllowedAddresses.class, () -> AllowedAddresses.NOWHERE);
		samples.put(TokenHash.class, () -> TokenHash.NONE);
		samples.put(Moment.class, Moment::now);
		samples.put(BackgroundThreads.class, () -> new BackgroundThreads("test", 1));
		samples.put(StoredApiKey.class,
				() -> new StoredApiKey(new ApiKeyPrincipal(UUID.randomUUID(), "id", "name", null, Set.of(), "api_key"),
						0, TokenHash.NONE, new ApiKeyValidity(null, null, null, null), AllowedAddresses.NOWHERE));
		samples.put(NewApiKey.class, () -> NewApiKey.named("name"));
		samples.put(ImportedApiKey.class, () -> ImportedApiKey.ofToken("token"));
		samples.put(FirstApiKey.class, () -> new FirstApiKey(mock(), mock()));
		samples.put(RateLimits.class, () -> RateLimits.parse("1/1s"));
		samples.put(VerificationStatistics.class,
				() -> new ApiKeyVerifier(new ApiKeyTokenFormats(issued), mock(), mock(), mock()).getStatistics());
		samples.put(ApiKeyHashers.class, () -> new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
		samples.put(ImportedHash.class, () -> ImportedHash.sha256("00".repeat(32)));
		samples.put(HmacSha256ApiKeyHasher.class, () -> new HmacSha256ApiKeyHasher("pepper", new byte[32]));
		samples.put(PasswordEncoderApiKeyHasher.class,
				() -> new PasswordEncoderApiKeyHasher("bcrypt", new BCryptPasswordEncoder(4)));
		samples.put(ApiKeyTokenFormat.class, () -> issued);
		samples.put(ApiKeyTokenFormats.class, () -> new ApiKeyTokenFormats(issued));
		samples.put(ApiKeyToken.class, () -> issued.generate(new SecureRandomApiKeyGenerator()));
		samples.put(ApiKeyGenerator.class, SecureRandomApiKeyGenerator::new);
		samples.put(SecretShape.class, () -> shape);
		samples.put(DelimitedTokenFormat.class, DelimitedTokenFormat::django);
		samples.put(OpaqueTokenFormat.class, () -> new OpaqueTokenFormat("opaque", "sk_", shape, new byte[32]));
		return samples;
	}

	static Stream<Arguments> arguments() {
		return new ClassFileImporter().withImportOption(new DoNotIncludeTests())
			.importPackages("io.github.apikeys.core")
			.stream()
			.sorted(Comparator.comparing(JavaClass::getName))
			.map(JavaClass::reflect)
			.filter((type) -> Modifier.isPublic(type.getModifiers()) && !type.isInterface() && !type.isEnum()
					&& !Throwable.class.isAssignableFrom(type)
					&& SERVICES.stream().noneMatch((service) -> service.isAssignableFrom(type)))
			.flatMap(NullArgumentsTests::executables)
			.flatMap(NullArgumentsTests::arguments);
	}

	private static Stream<Executable> executables(Class<?> type) {
		List<Executable> executables = new ArrayList<>(List.of(type.getDeclaredConstructors()));
		Stream.of(type.getDeclaredMethods())
			.sorted(Comparator.comparing(Method::toGenericString))
			.forEach(executables::add);
		return executables.stream()
			.filter((executable) -> Modifier.isPublic(executable.getModifiers()) && !executable.isSynthetic()
					&& !Modifier.isAbstract(executable.getModifiers()) && !executable.getName().equals("main")
					&& !executable.getName().equals("equals") && !isOfServiceProviderInterface(executable));
	}

	private static boolean isOfServiceProviderInterface(Executable executable) {
		return executable instanceof Method method && SERVICE_PROVIDER_INTERFACES.stream()
			.filter((type) -> type.isAssignableFrom(method.getDeclaringClass()))
			.flatMap((type) -> Stream.of(type.getMethods()))
			.anyMatch((candidate) -> candidate.getName().equals(method.getName())
					&& candidate.getParameterCount() == method.getParameterCount());
	}

	private static Stream<Arguments> arguments(Executable executable) {
		AnnotatedType[] types = executable.getAnnotatedParameterTypes();
		List<Arguments> arguments = new ArrayList<>();
		for (int i = 0; i < types.length; i++) {
			if (!executable.getParameterTypes()[i].isPrimitive() && !types[i].isAnnotationPresent(Nullable.class)) {
				arguments.add(Arguments.of(Named.of(executable.toGenericString(), executable), i));
			}
		}
		return arguments.stream();
	}

	@ParameterizedTest
	@MethodSource("arguments")
	void callWhenAnArgumentIsNullThenTheMessageNamesIt(Executable executable, int index) {
		Object[] arguments = Stream.of(executable.getParameterTypes())
			.map(NullArgumentsTests::sample)
			.toArray(Object[]::new);
		arguments[index] = null;
		assertThatExceptionOfType(InvocationTargetException.class).as(executable.toGenericString())
			.isThrownBy(() -> call(executable, arguments))
			.satisfies((ex) -> assertThat(ex.getTargetException()).isInstanceOf(IllegalArgumentException.class)
				.message()
				.matches("(?s).*\\b(null|blank|empty)\\b.*"));
	}

	private static Object call(Executable executable, Object[] arguments) throws Exception {
		if (executable instanceof Constructor<?> constructor) {
			return constructor.newInstance(arguments);
		}
		boolean isStatic = Modifier.isStatic(executable.getModifiers());
		return ((Method) executable).invoke(isStatic ? null : sample(executable.getDeclaringClass()), arguments);
	}

	private static Object sample(Class<?> type) {
		if (type.isArray()) {
			return Array.newInstance(type.getComponentType(), (type == byte[].class) ? 32 : 0);
		}
		if (type.isPrimitive()) {
			return Array.get(Array.newInstance(type, 1), 0);
		}
		Supplier<?> sample = SAMPLES.get(type);
		return (sample != null) ? sample.get() : mock(type);
	}

}
