package com.example.jta;

import java.util.UUID;

import javax.sql.DataSource;

import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.jta.JtaTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@ExtendWith(OutputCaptureExtension.class)
@AutoConfigureMockMvc
class JtaApplicationTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ApiKeyService apiKeys;

	@Autowired
	private ApiKeyReports reports;

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private PlatformTransactionManager transactionManager;

	@Test
	void startThenThePoolIsKnown(@Autowired DataSource dataSource, CapturedOutput output) {
		assertThat(dataSource.getClass().getName()).startsWith("io.agroal.");
		assertThat(output).contains("Started JtaApplicationTests").doesNotContain("Each tenant may have API keys");
	}

	@Test
	void changeWhenTheGlobalTransactionIsCommittedThenIsMade() {
		assertThat(this.transactionManager).isInstanceOf(JtaTransactionManager.class);
		CreatedApiKey created = new TransactionTemplate(this.transactionManager).execute((status) -> create());
		assertStatus(created, 200);
		UUID id = created.apiKey().getId();
		new TransactionTemplate(this.transactionManager).executeWithoutResult((status) -> {
			this.apiKeys.revoke(id);
			assertThat(stored(created)).as("in the transaction of the application").isEqualTo(1);
		});
		assertStatus(created, 401);
		assertThat(this.reports.history(id)).hasSize(2);
	}

	@Test
	void changeWhenTheGlobalTransactionIsRolledBackThenIsNotMade() {
		CreatedApiKey kept = create();
		CreatedApiKey created = new TransactionTemplate(this.transactionManager).execute((status) -> {
			status.setRollbackOnly();
			this.apiKeys.revoke(kept.apiKey().getId());
			return create();
		});
		assertThat(stored(created)).isZero();
		assertStatus(created, 401);
		assertStatus(kept, 200);
		assertThat(this.reports.history(kept.apiKey().getId())).hasSize(1);
	}

	@Test
	void changeWhenThereIsNoTransactionThenIsOneOfItsOwn() {
		CreatedApiKey created = create();
		assertStatus(created, 200);
		this.apiKeys.disable(created.apiKey().getId());
		assertStatus(created, 401);
	}

	private CreatedApiKey create() {
		return this.apiKeys.create(NewApiKey.named("client").scopes("orders:read"));
	}

	private int stored(CreatedApiKey key) {
		return this.jdbc.sql("select count(*) from api_key where key_id = ?")
			.param(key.apiKey().getKeyId())
			.query(Integer.class)
			.single();
	}

	private void assertStatus(CreatedApiKey key, int status) {
		assertThat(this.mvc.get().uri("/orders").header("X-API-Key", key.token())).hasStatus(status);
	}

}
