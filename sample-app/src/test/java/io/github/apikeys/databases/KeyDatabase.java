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

package io.github.apikeys.databases;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.apikeys.autoconfigure.ApiKeyEntityManagerFactory;
import jakarta.persistence.EntityManagerFactory;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jpa.EntityManagerFactoryBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

@Configuration(proxyBeanMethods = false)
class KeyDatabase {

	@Bean(defaultCandidate = false)
	@Qualifier("keys")
	HikariDataSource keyDataSource(@Value("${keys.datasource.url}") String url) {
		return DataSourceBuilder.create().type(HikariDataSource.class).url(url).build();
	}

	@Bean(defaultCandidate = false)
	@ApiKeyEntityManagerFactory
	LocalContainerEntityManagerFactoryBean keyEntityManagerFactory(EntityManagerFactoryBuilder builder,
			@Qualifier("keys") DataSource dataSource) {
		return builder.dataSource(dataSource).packages("io.github.apikeys.core").persistenceUnit("keys").build();
	}

	@Bean(defaultCandidate = false)
	@Qualifier("keys")
	JpaTransactionManager keyTransactionManager(@ApiKeyEntityManagerFactory EntityManagerFactory keys) {
		return new JpaTransactionManager(keys);
	}

}
