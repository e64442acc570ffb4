package com.example.batch;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.HasApiKey;
import jakarta.persistence.EntityManagerFactory;
import org.quartz.JobExecutionContext;

import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.batch.infrastructure.support.transaction.ResourcelessTransactionManager;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.scheduling.quartz.QuartzJobBean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
public class BatchApplication {

	public static void main(String[] args) {
		SpringApplication.run(BatchApplication.class, args);
	}

	@Bean
	ResourcelessTransactionManager batchTransactionManager() {
		return new ResourcelessTransactionManager();
	}

	@Bean
	@Primary
	JpaTransactionManager transactionManager(EntityManagerFactory entityManagerFactory) {
		return new JpaTransactionManager(entityManagerFactory);
	}

	@Bean
	Job issueKey(JobRepository jobRepository, ResourcelessTransactionManager transactionManager,
			ApiKeyService apiKeys) {
		return new JobBuilder("issueKey", jobRepository)
			.start(new StepBuilder("issueKey", jobRepository).tasklet((contribution, chunk) -> {
				String token = apiKeys.create(NewApiKey.named("partner").scopes("orders:read")).token();
				chunk.getStepContext().getStepExecution().getJobExecution().getExecutionContext().put("token", token);
				if (chunk.getStepContext().getJobParameters().containsKey("fail")) {
					throw new IllegalStateException("the partner does not answer");
				}
				return RepeatStatus.FINISHED;
			}, transactionManager).build())
			.build();
	}

	static class IssueKey extends QuartzJobBean {

		private final ApiKeyService apiKeys;

		IssueKey(ApiKeyService apiKeys) {
			this.apiKeys = apiKeys;
		}

		@Override
		protected void executeInternal(JobExecutionContext context) {
			context.setResult(this.apiKeys.create(NewApiKey.named("nightly").scopes("orders:read")).token());
		}

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
