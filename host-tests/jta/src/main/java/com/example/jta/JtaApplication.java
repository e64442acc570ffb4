package com.example.jta;

import java.sql.SQLException;

import com.arjuna.ats.internal.jta.transaction.arjunacore.TransactionSynchronizationRegistryImple;
import com.arjuna.ats.jta.TransactionManager;
import com.arjuna.ats.jta.UserTransaction;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.transaction.TransactionIntegration;
import io.agroal.narayana.NarayanaTransactionIntegration;
import io.github.apikeys.security.HasApiKey;
import org.h2.jdbcx.JdbcDataSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.jta.JtaTransactionManager;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
public class JtaApplication {

	public static void main(String[] args) {
		SpringApplication.run(JtaApplication.class, args);
	}

	@Bean
	JtaTransactionManager transactionManager() {
		return new JtaTransactionManager(UserTransaction.userTransaction(), TransactionManager.transactionManager());
	}

	@Bean
	AgroalDataSource dataSource() throws SQLException {
		TransactionIntegration transactions = new NarayanaTransactionIntegration(
				TransactionManager.transactionManager(), new TransactionSynchronizationRegistryImple());
		return AgroalDataSource
			.from(new AgroalDataSourceConfigurationSupplier().connectionPoolConfiguration((pool) -> pool.maxSize(10)
				.transactionIntegration(transactions)
				.connectionFactoryConfiguration((factory) -> factory.jdbcUrl("jdbc:h2:mem:jta;DB_CLOSE_DELAY=-1")
					.connectionProviderClass(JdbcDataSource.class))));
	}

	@RestController
	static class OrderController {

		@HasApiKey("orders:read")
		@GetMapping("/orders")
		String orders() {
			return "orders";
		}

	}

}
