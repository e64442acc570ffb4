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

package io.github.apikeys.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.spring6.templateresolver.SpringResourceTemplateResolver;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;
import org.thymeleaf.templatemode.TemplateMode;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationContext;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.context.support.ResourceBundleMessageSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.util.Assert;
import org.springframework.util.DigestUtils;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.LocaleResolver;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.View;
import org.springframework.web.servlet.support.RequestContextUtils;
import org.springframework.web.servlet.view.RedirectView;

/**
 * Renders the pages with a template engine of its own, which is no bean: the
 * application's views, texts and templates stay as they are. A template of the same name
 * in the application's folder {@code templates/api-key-admin} takes the place of ours.
 */
final class AdminPages {

	static final String ASSETS = "classpath:/io/github/apikeys/admin/assets/";

	private static final String TEMPLATES = "classpath:/io/github/apikeys/admin/templates/";

	private static final String OWN_TEMPLATES = "classpath:/templates/api-key-admin/";

	private final ThymeleafViewResolver viewResolver = new ThymeleafViewResolver();

	private final ResourceBundleMessageSource messages = new ResourceBundleMessageSource();

	private final IsolatedText isolated = new IsolatedText();

	private final Map<String, String> assets = new LinkedHashMap<>();

	private final ObjectProvider<LocaleResolver> localeResolver;

	private final String path;

	private final Clock clock;

	/**
	 * Creates pages.
	 * @param path the path of the pages within the application's context
	 */
	AdminPages(ApplicationContext applicationContext, String path, Clock clock) {
		this.localeResolver = applicationContext.getBeanProvider(LocaleResolver.class);
		this.path = path;
		this.clock = clock;
		this.messages.setBasename("io.github.apikeys.admin.messages");
		this.messages.setBeanClassLoader(AdminPages.class.getClassLoader());
		this.messages.setDefaultEncoding(StandardCharsets.UTF_8.name());
		this.messages.setDefaultLocale(Locale.ENGLISH);
		this.messages.setAlwaysUseMessageFormat(true);
		SpringTemplateEngine engine = new SpringTemplateEngine();
		engine.addTemplateResolver(templateResolver(applicationContext, OWN_TEMPLATES, 1));
		engine.addTemplateResolver(templateResolver(applicationContext, TEMPLATES, 2));
		engine.setTemplateEngineMessageSource(this.messages);
		engine.setEnableSpringELCompiler(false);
		this.viewResolver.setTemplateEngine(engine);
		this.viewResolver.setCharacterEncoding(StandardCharsets.UTF_8.name());
		// nothing is sent before the page is complete: neither a session nor a cookie for
		// a
		// CSRF token, nor another status for a failure, could follow the first byte
		this.viewResolver.setProducePartialOutputWhileProcessing(false);
		this.viewResolver.setApplicationContext(applicationContext);
		for (String asset : new String[] { "admin.css", "admin.js" }) {
			this.assets.put(asset, path + "/assets/" + asset + "?v=" + digest(applicationContext, asset));
		}
	}

	private static SpringResourceTemplateResolver templateResolver(ApplicationContext applicationContext, String prefix,
			int order) {
		SpringResourceTemplateResolver resolver = new SpringResourceTemplateResolver();
		resolver.setApplicationContext(applicationContext);
		resolver.setPrefix(prefix);
		resolver.setSuffix(".html");
		resolver.setTemplateMode(TemplateMode.HTML);
		resolver.setCharacterEncoding(StandardCharsets.UTF_8.name());
		resolver.setCheckExistence(true);
		resolver.setOrder(order);
		return resolver;
	}

	/**
	 * So that browsers may keep an asset until there is another one.
	 */
	private static String digest(ApplicationContext applicationContext, String asset) {
		try (InputStream input = applicationContext.getResource(ASSETS + asset).getInputStream()) {
			return DigestUtils.md5DigestAsHex(input);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	MessageSource messages() {
		return this.messages;
	}

	String message(String code) {
		return this.messages.getMessage(code, null, LocaleContextHolder.getLocale());
	}

	Clock clock() {
		return this.clock;
	}

	ModelAndView page(HttpServletRequest request, HttpStatus status, String template, Map<String, ?> model) {
		Map<String, @Nullable Object> all = shared(request);
		all.put("user", String.valueOf(request.getRemoteUser()));
		all.put(FormToken.NAME, FormToken.of(request));
		all.putAll(model);
		ModelAndView page = new ModelAndView(view(template, RequestContextUtils.getLocale(request)), all);
		page.setStatus(status);
		return page;
	}

	private Map<String, @Nullable Object> shared(HttpServletRequest request) {
		ListView list = ListView.before(request);
		Map<String, @Nullable Object> model = new LinkedHashMap<>();
		model.put("toList", list.link());
		model.put("carried", list.carried());
		model.put("isolated", this.isolated);
		model.put("base", this.path);
		model.put("assets", this.assets);
		model.put("times", times(request));
		return model;
	}

	/**
	 * Writes the page that explains a refusal, in the language of the other pages, though
	 * Spring MVC has not seen the request. It needs and begins no session.
	 * @param why the word of the reason
	 * @param form the path of the form to go back to, below that of the pages
	 */
	void refuse(String why, String form, HttpServletRequest request, HttpServletResponse response) throws IOException {
		if (request.getAttribute(DispatcherServlet.LOCALE_RESOLVER_ATTRIBUTE) == null) {
			request.setAttribute(DispatcherServlet.LOCALE_RESOLVER_ATTRIBUTE, this.localeResolver.getIfUnique());
		}
		Map<String, @Nullable Object> model = shared(request);
		model.put("why", why);
		if (!why.equals("form-too-old")) {
			// they are refused, too
			model.put("assets", Map.of());
		}
		model.put("form", form);
		try {
			view("refused", RequestContextUtils.getLocale(request)).render(model, request, response);
		}
		catch (IOException | RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException("Failed to write the page of a refusal", ex);
		}
	}

	private Times times(HttpServletRequest request) {
		TimeZone known = RequestContextUtils.getTimeZone(request);
		TimeZone zone = (known != null) ? known : TimeZone.getTimeZone("UTC");
		return new Times(this.messages, RequestContextUtils.getLocale(request), zone.toZoneId(), this.clock.instant());
	}

	private View view(String template, Locale locale) {
		try {
			View view = this.viewResolver.resolveViewName(template, locale);
			Assert.state(view != null, () -> "There is no template '" + template + "'");
			return view;
		}
		catch (Exception ex) {
			throw new IllegalStateException("Failed to resolve template '" + template + "'", ex);
		}
	}

	/**
	 * The answer to a GET where only forms are sent to.
	 */
	ModelAndView notByGet(HttpServletRequest request, HttpServletResponse response) {
		response.setHeader(HttpHeaders.ALLOW, "POST");
		return page(request, HttpStatus.METHOD_NOT_ALLOWED, "problem", Map.of("problem", "not-by-get"));
	}

	/**
	 * Sends the browser to a page that shows a notice once.
	 * @param pathAndQuery what comes after the path of the pages, encoded
	 */
	ModelAndView redirect(HttpServletRequest request, String pathAndQuery, String notice, int count) {
		return redirect(request, pathAndQuery, new AdminNotice(notice, count, 0, 0));
	}

	/**
	 * Sends the browser to a page that shows a notice once.
	 * @param pathAndQuery what comes after the path of the pages, encoded
	 */
	ModelAndView redirect(HttpServletRequest request, String pathAndQuery, AdminNotice notice) {
		notice.leave(request);
		return redirect(pathAndQuery);
	}

	/**
	 * Sends the browser to a page, so that a reload does nothing again.
	 * @param pathAndQuery what comes after the path of the pages, encoded
	 */
	ModelAndView redirect(@Nullable String pathAndQuery) {
		RedirectView view = new RedirectView(this.path + ((pathAndQuery != null) ? pathAndQuery : ""), true, true,
				false);
		view.setStatusCode(HttpStatus.SEE_OTHER);
		// the path holds no variables, but what people search for may look like one
		view.setExpandUriTemplateVariables(false);
		return new ModelAndView(view);
	}

}
