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

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.apikeys.autoconfigure.OrderPages.BasePage;
import io.github.apikeys.autoconfigure.OrderPages.SuppliedPage;
import io.github.apikeys.autoconfigure.OrderPages.Template;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.StubApiKeyService;
import jakarta.inject.Provider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.AopContext;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import static io.github.apikeys.autoconfigure.HostRunner.get;
import static io.github.apikeys.autoconfigure.HostRunner.mvc;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A bean that gives a handler the object behind its proxy does so for what is open in it,
 * or the application does not start.
 */
class CapturedCallsTests {

	private final WebApplicationContextRunner runner = HostRunner.bare()
		.withUserConfiguration(Application.class)
		.withBean(StubApiKeyService.class, () -> new StubApiKeyService().accept("key"));

	/**
	 * Whatever way the object takes.
	 */
	@ParameterizedTest
	@ValueSource(classes = { InAnotherInnerClass.class, InAnotherInnerClassOfAField.class, AsArgument.class,
			AsArgumentOfAnyType.class, InHelperThatTakesIt.class, InPublicHelper.class, InMethodOfItsSuperclass.class,
			BySupplier.class, ByMethodOfSupplier.class, InContainer.class, InArray.class, InStream.class, InField.class,
			InStaticField.class, ByVariable.class, ByChoice.class, ByCatch.class, InNestedLambda.class,
			BySubclassOfAnother.class, ByConstructorReference.class, ByCallOfItsField.class, ByCast.class,
			ByOwnInterface.class, InLoop.class, InInheritedField.class, InOpenField.class,
			InOpenFieldOfTheHandler.class, BySupertype.class, BySubclassOfSupertype.class, ByConstructedSupertype.class,
			InFieldThatALambdaReads.class, InFieldThatAnotherClassReads.class, InFieldThatADeeperClassReads.class,
			InFieldThatHasAValueLater.class, InValueOfAnExpression.class, InArgumentOfItsOwnFactoryMethod.class,
			InArgumentOfAnExpression.class, InVariableOfAReference.class, ByOwnLookUp.class, ByFactoryOfObjects.class })
	void handlerWhenItMayCallWhatIsGuardedThenNoStart(Class<? extends Host> type) {
		this.runner.withBean(type).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would protect nothing");
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { OpenInInnerClass.class, OpenWithLocals.class, OpenWithOthers.class, OpenWithItself.class,
			OpenBySupertype.class, OpenByItsProxy.class, OpenByItsLazyProxy.class, OpenByAnotherBean.class,
			OpenWithGenericField.class, OpenWithFieldOfAnyType.class, OpenWithLambdaOfItsType.class,
			OpenBesideReferenceToItsProxy.class, OpenBesideReferenceToAField.class, OpenByProvider.class,
			OpenByContext.class, OpenByStandardProvider.class, OpenByCurrentProxy.class })
	void handlerWhenItCallsWhatIsOpenThenStarts(Class<? extends Host> type) {
		this.runner.withBean(type).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(get(mvc(context), "/by-hand")).hasStatus(401);
			assertThat(get(mvc(context), "/by-hand", "X-API-Key", "key")).hasStatus(200);
		});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Application {

	}

	static class Listing {

		@HasApiKey
		public ServerResponse list(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	abstract static class Host extends Listing {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", handler()).build();
		}

		abstract HandlerFunction<ServerResponse> handler();

	}

	static class InAnotherInnerClass extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return new HandlerFunction<>() {

				@Override
				public ServerResponse handle(ServerRequest request) {
					return new Page().render(request);
				}

			};
		}

		private final class Page {

			ServerResponse render(ServerRequest request) {
				return list(request);
			}

		}

	}

	static class InAnotherInnerClassOfAField extends Host {

		private final Page page = new Page();

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> this.page.render(request);
		}

		private final class Page {

			ServerResponse render(ServerRequest request) {
				return list(request);
			}

		}

	}

	static class AsArgument extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> OrderPages.render(this, request);
		}

	}

	static class AsArgumentOfAnyType extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> OrderPages.renderAny(this, request);
		}

	}

	static class InHelperThatTakesIt extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> render(this, request);
		}

		static ServerResponse render(Object orders, ServerRequest request) {
			return OrderPages.renderAny(orders, request);
		}

	}

	static class InPublicHelper extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> help(request);
		}

		ServerResponse help(ServerRequest request) {
			return list(request);
		}

	}

	static class InMethodOfItsSuperclass extends Template {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", (request) -> page(request)).build();
		}

		@Override
		@HasApiKey
		public ServerResponse list(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	static class BySupplier extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return new SuppliedPage(() -> this);
		}

	}

	static class ByMethodOfSupplier extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return new SuppliedPage(this::self);
		}

		Listing self() {
			return this;
		}

	}

	static class InContainer extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				Map<String, Object> model = new HashMap<>();
				model.put("orders", this);
				return OrderPages.renderAny(model.get("orders"), request);
			};
		}

	}

	static class InArray extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				Object[] arguments = { this };
				return OrderPages.renderAny(arguments[0], request);
			};
		}

	}

	static class InStream extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> Stream.of(this)
				.map((orders) -> OrderPages.renderAny(orders, request))
				.findFirst()
				.orElseThrow();
		}

	}

	static class InField extends Host {

		private final OrderPages.Page page = new OrderPages.Page();

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				this.page.orders = this;
				return this.page.render(request);
			};
		}

	}

	static class InStaticField extends Host {

		private static Object orders;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				orders = this;
				return OrderPages.renderAny(orders, request);
			};
		}

	}

	static class ByVariable extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				long now = System.nanoTime();
				Object orders = this;
				return OrderPages.renderAny(orders, (now != 0) ? request : null);
			};
		}

	}

	static class ByChoice extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> OrderPages.renderAny(request.headers().header("X-Any").isEmpty() ? this : "none",
					request);
		}

	}

	static class ByCatch extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				Object orders = "none";
				try {
					orders = this;
					request.headers().header("X-Any").get(0);
				}
				catch (IndexOutOfBoundsException ex) {
					return OrderPages.renderAny(orders, request);
				}
				return ServerResponse.noContent().build();
			};
		}

	}

	static class InLoop extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				Object orders = null;
				while (true) {
					if (orders != null) {
						return OrderPages.renderAny(orders, request);
					}
					orders = this;
				}
			};
		}

	}

	static class InNestedLambda extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> Optional.of(request).map((each) -> OrderPages.renderAny(this, each)).orElseThrow();
		}

	}

	static class BySubclassOfAnother extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return new BasePage() {

				@Override
				protected Listing orders() {
					return BySubclassOfAnother.this;
				}

			};
		}

	}

	static class ByConstructorReference extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> Optional.of(request).map(Page::new).orElseThrow().response;
		}

		private final class Page {

			private final ServerResponse response;

			Page(ServerRequest request) {
				this.response = list(request);
			}

		}

	}

	static class ByCallOfItsField extends Host {

		private final Function<ServerRequest, ServerResponse> page = this::list;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> this.page.apply(request);
		}

	}

	static class ByCast extends Host {

		private final List<Object> all = new ArrayList<>(List.of(this));

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> OrderPages.render((Listing) this.all.get(0), request);
		}

	}

	static class InInheritedField extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> new Page().render(request);
		}

		private final class Page extends OrderPages.Page {

			Page() {
				this.orders = InInheritedField.this;
			}

		}

	}

	static class InOpenField extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> OrderPages.renderOpen(new Page(), request);
		}

		final class Page {

			final Listing orders = InOpenField.this;

		}

	}

	static class InOpenFieldOfTheHandler extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return new Page();
		}

		final class Page implements HandlerFunction<ServerResponse> {

			final Listing orders = InOpenFieldOfTheHandler.this;

			@Override
			public ServerResponse handle(ServerRequest request) {
				return OrderPages.renderOpen(this, request);
			}

		}

	}

	abstract static class ChainedHost extends ChainedPage {

		ChainedHost() {
			super(null);
		}

		@Override
		@HasApiKey
		public ServerResponse list(ServerRequest request) {
			return ServerResponse.ok().build();
		}

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", handler()).build();
		}

		abstract HandlerFunction<ServerResponse> handler();

	}

	static class BySupertype extends ChainedHost {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return new ChainedPage(this);
		}

	}

	static class BySubclassOfSupertype extends ChainedHost {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return new ChainedPage(this) {

			};
		}

	}

	static class ByConstructedSupertype extends ChainedHost {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> OrderPages.handle(new ChainedPage(this), request);
		}

	}

	static class InFieldThatALambdaReads extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			Part part = new Part(this);
			return (request) -> part.orders.list(request);
		}

		private static final class Part {

			private final Listing orders;

			Part(Listing orders) {
				this.orders = orders;
			}

		}

	}

	static class InFieldThatAnotherClassReads extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return new Page(new Part(this));
		}

		private static final class Part {

			private final Listing orders;

			Part(Listing orders) {
				this.orders = orders;
			}

		}

		private static final class Page implements HandlerFunction<ServerResponse> {

			private final Part part;

			Page(Part part) {
				this.part = part;
			}

			@Override
			public ServerResponse handle(ServerRequest request) {
				return this.part.orders.list(request);
			}

		}

	}

	static class InFieldThatADeeperClassReads extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return new Part().new Page();
		}

		private final class Part {

			private final class Page implements HandlerFunction<ServerResponse> {

				@Override
				public ServerResponse handle(ServerRequest request) {
					return list(request);
				}

			}

		}

	}

	static class InFieldThatHasAValueLater extends Host {

		private Listing orders;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> this.orders.list(request);
		}

		void start() {
			this.orders = this;
		}

	}

	interface Renderer {

		ServerResponse render(Object orders, ServerRequest request);

	}

	static class ByOwnInterface extends Host {

		private final Renderer renderer = OrderPages::renderAny;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> this.renderer.render(this, request);
		}

	}

	/**
	 * Its route is open for callers with a key, by the chain.
	 */
	static class OpenInInnerClass extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return new HandlerFunction<>() {

				private final String status = "open";

				@Override
				public ServerResponse handle(ServerRequest request) {
					return new Page(this.status).render(request);
				}

			};
		}

		ServerResponse open(ServerRequest request) {
			return ServerResponse.ok().build();
		}

		private final class Page {

			private final Object status;

			Page(String status) {
				this.status = status;
			}

			ServerResponse render(ServerRequest request) {
				return this.status.toString().isEmpty() ? null : open(request);
			}

		}

	}

	static class OpenWithLocals extends Host {

		private long sum;

		private double share = 0.5;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				Host self = this;
				synchronized (self) {
					for (int i = 0; i < 3; i++) {
						this.sum += i * 2L;
						this.share = (this.sum > 2) ? this.share / 2 : Math.max(this.share, i);
					}
				}
				long[] sums = { this.sum++, ++this.sum };
				Object[][] texts = new Object[2][2];
				texts[0][1] = "sum " + sums[0] + this.share;
				try {
					request.attributes().putAll(Map.of("texts", texts, "class", self.getClass(), "same", self == this));
				}
				finally {
					this.sum = 0;
				}
				return switch (request.method().name()) {
					case "GET", "HEAD" -> open(Optional.of(request).map((each) -> each).orElse(request));
					default -> ServerResponse.badRequest().build();
				};
			};
		}

		private ServerResponse open(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	static class OpenWithOthers extends Host {

		private final Map<String, Object> model = new HashMap<>();

		private final OrderPages.Page page = new OrderPages.Page();

		private final Function<Object, Object> same = (value) -> value;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				this.model.put("path", this.model.get("path"));
				this.model.put("page", this.page);
				Supplier<ServerResponse> open = this::open;
				return (this.same.apply(request) != null) ? open.get() : null;
			};
		}

		ServerResponse open() {
			return ServerResponse.ok().build();
		}

	}

	/**
	 * What an open method does is its own business as long as it calls nothing guarded.
	 */
	static class OpenWithItself extends Host {

		private final OpenWithItself self = this;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> Optional.of(request).map(this.self::open).orElseThrow();
		}

		ServerResponse open(ServerRequest request) {
			return (equals(null) || hashCode() == 0) ? null : ServerResponse.ok().build();
		}

	}

	static class OpenBySupertype extends ChainedPage.Open {

		OpenBySupertype() {
			super(null);
		}

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", new ChainedPage.Open(this)).build();
		}

		@Override
		@HasApiKey
		public ServerResponse list(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	static class OpenByItsProxy extends Listing {

		private Listing self;

		@Bean
		RouterFunction<ServerResponse> byHand(OpenByItsProxy self) {
			this.self = self;
			return RouterFunctions.route().GET("/by-hand", this::ping).build();
		}

		ServerResponse ping(ServerRequest request) {
			return this.self.list(request);
		}

	}

	/**
	 * What it has is no bean.
	 */
	static class InValueOfAnExpression extends Host {

		@Lazy
		@Value("#{new io.github.apikeys.autoconfigure.CapturedCallsTests$Listing()}")
		private Listing delegate;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> this.delegate.list(request);
		}

	}

	static class OpenByItsLazyProxy extends Listing {

		@Lazy
		@Autowired
		private OpenByItsLazyProxy self;

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", (request) -> this.self.list(request)).build();
		}

	}

	static class OpenByAnotherBean extends Host {

		private final Listing delegate;

		OpenByAnotherBean(Orders delegate) {
			this.delegate = delegate;
		}

		@Bean
		static Orders orders() {
			return new Orders();
		}

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> this.delegate.list(request);
		}

		static class Orders extends Listing {

		}

	}

	abstract static class Generic<R> extends Host {

		final R repository;

		Generic(R repository) {
			this.repository = repository;
		}

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> (Objects.hashCode(this.repository) != 0) ? ServerResponse.ok().build() : null;
		}

	}

	static class OpenWithGenericField extends Generic<List<String>> {

		OpenWithGenericField() {
			super(List.of("order"));
		}

	}

	static class OpenWithFieldOfAnyType extends Host {

		private final Object body = "open";

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> ServerResponse.ok().body(this.body);
		}

	}

	static class OpenWithLambdaOfItsType extends Host implements Runnable {

		private final Executor executor = Runnable::run;

		private int runs;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				this.executor.execute(() -> this.runs++);
				return ServerResponse.ok().build();
			};
		}

		@Override
		public void run() {
			this.runs++;
		}

	}

	static class OpenBesideReferenceToItsProxy extends Listing {

		@Bean
		RouterFunction<ServerResponse> byHand(OpenBesideReferenceToItsProxy self) {
			return RouterFunctions.route()
				.GET("/by-hand", this::ping)
				.GET("/list", self::list)
				.GET("/lambda", (request) -> self.list(request))
				.build();
		}

		ServerResponse ping(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	static class OpenBesideReferenceToAField extends Host {

		private Host self;

		@Autowired
		void setSelf(@Lazy Host self) {
			this.self = self;
		}

		@Override
		HandlerFunction<ServerResponse> handler() {
			HandlerFunction<ServerResponse> list = this.self::list;
			HandlerFunction<ServerResponse> ping = this::ping;
			return (request) -> request.param("list").isPresent() ? list.handle(request) : ping.handle(request);
		}

		ServerResponse ping(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	static class OpenByProvider extends Host {

		private final ObjectProvider<OpenByProvider> self;

		OpenByProvider(ObjectProvider<OpenByProvider> self) {
			this.self = self;
		}

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> {
				OpenByProvider orders = this.self.getObject();
				return orders.list(request);
			};
		}

	}

	static class OpenByContext extends Host {

		private final ApplicationContext context;

		OpenByContext(ApplicationContext context) {
			this.context = context;
		}

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> this.context.getBean(OpenByContext.class).list(request);
		}

	}

	static class OpenByStandardProvider extends Host {

		@Autowired
		private Provider<OpenByStandardProvider> self;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> this.self.get().list(request);
		}

	}

	/**
	 * There is none here, so that only what is open runs.
	 */
	static class OpenByCurrentProxy extends Host {

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> request.param("list").isPresent()
					? ((OpenByCurrentProxy) AopContext.currentProxy()).list(request) : ping(request);
		}

		ServerResponse ping(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	/**
	 * The container is not the only one that calls the method.
	 */
	static class InArgumentOfItsOwnFactoryMethod extends Listing {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return routes(this);
		}

		@Bean
		RouterFunction<ServerResponse> routes(InArgumentOfItsOwnFactoryMethod self) {
			return RouterFunctions.route().GET("/list", self::list).GET("/ping", this::ping).build();
		}

		ServerResponse ping(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	/**
	 * The value of an expression may be anything.
	 */
	static class InArgumentOfAnExpression extends Listing {

		@Bean
		RouterFunction<ServerResponse> byHand(@Value("#{null}") InArgumentOfAnExpression self) {
			return RouterFunctions.route()
				.GET("/list", (self != null) ? self::list : this::ping)
				.GET("/ping", this::ping)
				.build();
		}

		ServerResponse ping(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	static class InVariableOfAReference extends Listing {

		@Bean
		RouterFunction<ServerResponse> byHand(InVariableOfAReference self) {
			RouterFunctions.Builder routes = RouterFunctions.route().GET("/ping", this::ping);
			for (int i = 0; i < 2; i++) {
				routes.GET("/list" + i, self::list);
				self = this;
			}
			return routes.build();
		}

		ServerResponse ping(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	static class ByOwnLookUp extends Host {

		private final ObjectFactory<Host> self = () -> this;

		@Override
		HandlerFunction<ServerResponse> handler() {
			return (request) -> this.self.getObject().list(request);
		}

	}

	/**
	 * A factory that is asked itself makes what has no proxy.
	 */
	static class ByFactoryOfObjects extends Host {

		private final FactoryBean<Host> self = new FactoryBean<>() {

			@Override
			public Host getObject() {
				return ByFactoryOfObjects.this;
			}

			@Override
			public Class<?> getObjectType() {
				return Host.class;
			}

		};

		@Override
		HandlerFunction<ServerResponse> handler() {
			FactoryBean<Host> factory = this.self;
			return (request) -> {
				try {
					return factory.getObject().list(request);
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
			};
		}

	}

}
