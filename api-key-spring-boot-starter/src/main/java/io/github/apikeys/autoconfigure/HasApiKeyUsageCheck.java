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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.github.apikeys.core.support.Answers;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.HasApiKeyInspector;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.autoproxy.AbstractAutoProxyCreator;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.HierarchicalBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.SmartInstantiationAwareBeanPostProcessor;
import org.springframework.beans.factory.support.AbstractBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.util.Assert;

/**
 * Makes sure that {@link HasApiKey} protects what it stands on, or stops the start.
 * Singletons and registered handlers are inspected when all singletons are there, and
 * once more when a context is complete; other beans when they are created, after the
 * start with what they register. The check creates none.
 */
final class HasApiKeyUsageCheck implements BeanFactoryPostProcessor, SmartInstantiationAwareBeanPostProcessor,
		SmartInitializingSingleton, ApplicationListener<ContextRefreshedEvent>, DisposableBean {

	private static final Log logger = LogFactory.getLog(HasApiKeyUsageCheck.class);

	private static final String LISTENER_DETECTOR = "org.springframework.context.support.ApplicationListenerDetector";

	private final HasApiKeyInspector inspector = new HasApiKeyInspector();

	private final HandlerParts handlerParts = new HandlerParts(this::decidesFor);

	private final Map<String, Object> earlyReferences = new ConcurrentHashMap<>();

	private final BeanReplacements replacements = new BeanReplacements(this.inspector, this.handlerParts);

	private final HasApiKeyWarnings warnings = new HasApiKeyWarnings();

	private final NamedInspection inspection = new NamedInspection(this.inspector, this.warnings);

	private final HandlerInspection handlers = new HandlerInspection(this.inspector, this.inspection,
			this.handlerParts);

	/** In contexts that go on without this one. */
	private final Collection<InOtherContext> above = new ConcurrentLinkedQueue<>();

	private @Nullable ConfigurableListableBeanFactory beanFactory;

	private volatile @Nullable Last last;

	private volatile boolean started;

	/**
	 * Takes part at once, for beans that are created before anything makes proxies: as a
	 * post-processor that is a bean, this one comes behind those that do.
	 */
	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
		this.warnings.begin();
		if (beanFactory instanceof AbstractBeanFactory factory) {
			// an initializer may have added others, which wrap beans
			factory.getBeanPostProcessors().add(0, new BeforeProxies());
		}
	}

	/**
	 * A post-processor after this one could put advice in front of the decision unseen.
	 * Before a bean is initialized, all of them are there.
	 */
	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (beanFactory() instanceof AbstractBeanFactory factory) {
			comeLast(factory.getBeanPostProcessors());
		}
		return bean;
	}

	/**
	 * At no moment is there none: other threads create beans, too.
	 */
	private synchronized void comeLast(List<BeanPostProcessor> postProcessors) {
		Last former = this.last;
		int position = (former != null) ? postProcessors.indexOf(former) : postProcessors.indexOf(this);
		if (position >= 0 && postProcessors.stream()
			.skip(position + 1L)
			.anyMatch((other) -> !other.getClass().getName().equals(LISTENER_DETECTOR))) {
			this.last = new Last();
			postProcessors.add(this.last);
			if (former != null) {
				postProcessors.remove(former);
			}
		}
	}

	/**
	 * A bean in a circle gets its proxy now, and not at the end of its creation, when
	 * others see what is behind it.
	 */
	@Override
	public Object getEarlyBeanReference(Object bean, String beanName) {
		this.earlyReferences.put(beanName, RegisteredHandlers.target(bean));
		this.handlerParts.addBean(bean);
		this.replacements.share(bean, beanName);
		if (this.started) {
			this.inspection.inspect(bean, beanName);
		}
		return bean;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (this.last == null) {
			this.replacements.end(bean, beanName);
			inspectCreated(bean, beanName);
		}
		return bean;
	}

	private void inspectCreated(Object bean, String beanName) {
		this.handlerParts.addBean(bean);
		if (this.earlyReferences.get(beanName) != bean && !isInspectedLater(beanName)) {
			inspectBean(bean, beanName);
		}
		if (this.started) {
			this.handlers.inspectKnownBy(bean, beanName, beanFactory());
		}
	}

	private void inspectBean(Object bean, String beanName) {
		if (this.inspector.isUsedBy(bean)) {
			this.inspection.inspect(bean, beanName);
		}
		this.replacements.proxiesBehind(bean, beanName).forEach((proxy) -> this.inspection.inspect(proxy, beanName));
	}

	private boolean isInspectedLater(String beanName) {
		ConfigurableListableBeanFactory beanFactory = beanFactory();
		if (this.started) {
			return false;
		}
		// if the name belongs to a singleton already, this is what a factory bean makes
		return beanFactory.containsBeanDefinition(beanName)
				&& beanFactory.getMergedBeanDefinition(beanName).isSingleton()
				&& !beanFactory.containsSingleton(beanName);
	}

	@Override
	public void afterSingletonsInstantiated() {
		ConfigurableListableBeanFactory beanFactory = beanFactory();
		for (String name : beanFactory.getSingletonNames()) {
			Object singleton = ExistingBeans.singleton(beanFactory, name);
			if (singleton != null) {
				endCreation(singleton, name, beanFactory);
			}
		}
		contextsAbove(beanFactory).forEach((context) -> this.above.add(check(context)));
		inspectAll(beanFactory);
		this.started = true;
		this.warnings.start(beanFactory);
	}

	/**
	 * Contexts above were there before this, up to the first that has a check of its own.
	 */
	private static List<ConfigurableListableBeanFactory> contextsAbove(BeanFactory beanFactory) {
		List<ConfigurableListableBeanFactory> contexts = new ArrayList<>();
		BeanFactory context = parent(beanFactory);
		while (context instanceof ConfigurableListableBeanFactory above
				&& above.getBeanNamesForType(HasApiKeyUsageCheck.class, true, false).length == 0) {
			contexts.add(above);
			context = parent(above);
		}
		return contexts;
	}

	private static @Nullable BeanFactory parent(BeanFactory beanFactory) {
		return (beanFactory instanceof HierarchicalBeanFactory context) ? context.getParentBeanFactory() : null;
	}

	/**
	 * Ends what began before this was a post-processor. The name of a factory is that of
	 * its product, too.
	 */
	private void endCreation(Object singleton, String name, ConfigurableListableBeanFactory beanFactory) {
		if (!(singleton instanceof FactoryBean<?> factory) || this.inspector.isUsedBy(factory)) {
			this.replacements.end(singleton, name);
		}
		else if (this.replacements.isOpen(name)) {
			if (Answers.of(factory, name, "its product, to inspect it for @HasApiKey", factory::isSingleton, false)) {
				Object product = beanFactory.getBean(name);
				this.replacements.end(product, name);
				inspectCreated(product, name);
			}
			else {
				this.replacements.abandon(name);
			}
		}
	}

	/**
	 * By now listeners may have registered more, and a context below this one may have no
	 * check of its own.
	 */
	@Override
	public void onApplicationEvent(ContextRefreshedEvent event) {
		if (event.getApplicationContext() instanceof ConfigurableApplicationContext context) {
			RefreshedContext.check(context, () -> check(context.getBeanFactory()));
		}
	}

	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	/**
	 * Inspects a context as it is, and what it creates from now on.
	 */
	private InOtherContext check(ConfigurableListableBeanFactory context) {
		InOtherContext created = new InOtherContext(context);
		if (context != this.beanFactory) {
			context.addBeanPostProcessor(created);
		}
		inspectAll(context);
		checkDefinitions(context);
		return created;
	}

	/**
	 * Post-processors do not get to see synthetic beans, nor those of a context that has
	 * none: nothing makes proxies for them, and nobody inspects them.
	 */
	private void checkDefinitions(ConfigurableListableBeanFactory beanFactory) {
		boolean proxied = makesProxies(beanFactory);
		for (String name : beanFactory.getBeanDefinitionNames()) {
			BeanDefinition definition = beanFactory.getMergedBeanDefinition(name);
			boolean seen = proxied && !(definition instanceof RootBeanDefinition root && root.isSynthetic());
			if (!seen && !definition.isAbstract() && !beanFactory.containsSingleton(name)) {
				Class<?> type = beanFactory.getType(name, false);
				if (type != null && this.inspector.isUsedOn(type)) {
					throw new ApiKeyConfigurationException(
							"Bean '" + name + "': @HasApiKey would protect nothing in " + type.getName()
									+ ", since nothing makes a proxy for the bean.",
							"Do not make the definition of the bean synthetic, or move it to a context with "
									+ "auto-configuration or @EnableAspectJAutoProxy.");
				}
			}
		}
	}

	private static boolean makesProxies(ConfigurableListableBeanFactory beanFactory) {
		return beanFactory instanceof AbstractBeanFactory factory
				&& factory.getBeanPostProcessors().stream().anyMatch(AbstractAutoProxyCreator.class::isInstance);
	}

	/**
	 * A proxy does not decide on what others make of the classes that an object names.
	 */
	private boolean decidesFor(Object bean, Object within) {
		return !RegisteredClasses.isRegistry(within) && this.inspector.decidesFor(bean, within);
	}

	private void inspectAll(ConfigurableListableBeanFactory beanFactory) {
		addBeans(beanFactory);
		this.handlerParts.forgetSearched();
		ExistingBeans.forEach(beanFactory, (bean, name) -> {
			inspectBean(bean, name);
			this.handlers.inspectKnownBy(bean, name, beanFactory);
		});
		this.handlers.inspectEndpoints(beanFactory);
	}

	private void addBeans(@Nullable BeanFactory beanFactory) {
		if (beanFactory instanceof ConfigurableListableBeanFactory listable) {
			ExistingBeans.forEach(listable, (bean, name) -> this.handlerParts.addBean(bean));
			addBeans(listable.getParentBeanFactory());
		}
	}

	/**
	 * Inspects what a request is dispatched to, before it runs.
	 */
	void inspectDispatched(Object handler) {
		try {
			this.handlers.inspectDispatched(handler, beanFactory());
		}
		catch (ApiKeyConfigurationException ex) {
			logger.error("A request is refused, and each further one for this handler: " + ex.getMessage() + " "
					+ ex.getAction());
			throw ex;
		}
	}

	/**
	 * A start that fails does not get any further.
	 */
	@Override
	public void destroy() {
		this.warnings.end();
		this.above.forEach(InOtherContext::leave);
	}

	private ConfigurableListableBeanFactory beanFactory() {
		Assert.state(this.beanFactory != null, "postProcessBeanFactory was not called");
		return this.beanFactory;
	}

	/**
	 * Inspects what another context creates after its start.
	 */
	private final class InOtherContext implements BeanPostProcessor {

		private final ConfigurableListableBeanFactory other;

		InOtherContext(ConfigurableListableBeanFactory other) {
			this.other = other;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			HasApiKeyUsageCheck.this.handlerParts.addBean(bean);
			inspectBean(bean, beanName);
			HasApiKeyUsageCheck.this.handlers.inspectKnownBy(bean, beanName, this.other);
			return bean;
		}

		void leave() {
			if (this.other instanceof AbstractBeanFactory factory) {
				factory.getBeanPostProcessors().remove(this);
			}
		}

	}

	/**
	 * Inspects what all others have made of a bean.
	 */
	private final class Last implements SmartInstantiationAwareBeanPostProcessor {

		@Override
		public Object getEarlyBeanReference(Object bean, String beanName) {
			HasApiKeyUsageCheck.this.replacements.share(bean, beanName);
			return bean;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			HasApiKeyUsageCheck.this.replacements.end(bean, beanName);
			inspectCreated(bean, beanName);
			return bean;
		}

	}

	/**
	 * Notes what beans are before anything wraps them, and inspects until something makes
	 * proxies.
	 */
	private final class BeforeProxies implements SmartInstantiationAwareBeanPostProcessor {

		private boolean over;

		@Override
		public @Nullable Object postProcessBeforeInstantiation(Class<?> beanClass, String beanName) {
			HasApiKeyUsageCheck.this.replacements.announce(beanClass, beanName);
			return null;
		}

		@Override
		public Object getEarlyBeanReference(Object bean, String beanName) {
			HasApiKeyUsageCheck.this.replacements.begin(bean, beanName);
			return bean;
		}

		@Override
		public Object postProcessBeforeInitialization(Object bean, String beanName) {
			HasApiKeyUsageCheck.this.replacements.begin(bean, beanName);
			return bean;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			HasApiKeyUsageCheck.this.replacements.beginUnlessBegun(bean, beanName);
			if (!this.over) {
				this.over = makesProxies(beanFactory());
			}
			if (!this.over) {
				inspectCreated(bean, beanName);
			}
			return bean;
		}

	}

}
