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

import java.lang.reflect.Method;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.security.autoconfigure.SecurityProperties;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.core.log.LogMessage;
import org.springframework.security.access.hierarchicalroles.NullRoleHierarchy;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;

/**
 * Warns if the user of Spring Boot is the only one that the application knows, and must
 * not use the pages. It has no role by default.
 */
final class AdminUserCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(AdminUserCheck.class);

	private static final String ROLE_PREFIX = "ROLE_";

	private final ConfigurableListableBeanFactory beanFactory;

	private final String authority;

	/**
	 * Creates a check.
	 * @param authority the authority that a user of the pages needs
	 */
	AdminUserCheck(ConfigurableListableBeanFactory beanFactory, String authority) {
		this.beanFactory = beanFactory;
		this.authority = authority;
	}

	@Override
	public void afterSingletonsInstantiated() {
		for (String name : this.beanFactory.getBeanNamesForType(UserDetailsService.class, true, false)) {
			if (isDefinedBySpringBoot(name)) {
				UserDetails user = find(this.beanFactory.getBean(name, UserDetailsService.class));
				if (user != null) {
					check(user);
				}
			}
		}
	}

	/**
	 * The application may have replaced the user.
	 */
	private @Nullable UserDetails find(UserDetailsService users) {
		try {
			return users.loadUserByUsername(this.beanFactory.getBean(SecurityProperties.class).getUser().getName());
		}
		catch (UsernameNotFoundException ex) {
			return null;
		}
	}

	private boolean isDefinedBySpringBoot(String name) {
		Method factory = (this.beanFactory.containsBeanDefinition(name)
				&& this.beanFactory.getMergedBeanDefinition(name) instanceof RootBeanDefinition definition)
						? definition.getResolvedFactoryMethod() : null;
		return factory != null && factory.getDeclaringClass() == UserDetailsServiceAutoConfiguration.class;
	}

	private void check(UserDetails user) {
		boolean permitted = this.beanFactory.getBeanProvider(RoleHierarchy.class)
			.getIfUnique(NullRoleHierarchy::new)
			.getReachableGrantedAuthorities(user.getAuthorities())
			.stream()
			.anyMatch((granted) -> this.authority.equals(granted.getAuthority()));
		if (!permitted) {
			logger.warn(LogMessage
				.format("The user of Spring Boot, '%s', must not use the admin pages of API keys, which require the "
						+ "authority '%s' (api-key.admin.authority). If nobody else signs in, set "
						+ "spring.security.user.roles=%s%s, or publish a UserDetailsService with a user that has the "
						+ "authority.", user.getUsername(), this.authority, role(),
						isRole() ? "" : " and api-key.admin.authority=ROLE_ADMIN"));
		}
	}

	private boolean isRole() {
		return this.authority.startsWith(ROLE_PREFIX);
	}

	private String role() {
		return isRole() ? this.authority.substring(ROLE_PREFIX.length()) : "ADMIN";
	}

}
