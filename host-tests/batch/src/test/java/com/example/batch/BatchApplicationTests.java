package com.example.batch;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import com.example.batch.BatchApplication.IssueKey;
import org.junit.jupiter.api.Test;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.Scheduler;
import org.quartz.TriggerBuilder;
import org.quartz.listeners.JobListenerSupport;

import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@AutoConfigureMockMvc
class BatchApplicationTests {

	@Autowired
	private MockMvcTester mvc;

	@Test
	void keyWhenAStepCreatesItThenIsThereAlsoIfTheStepFails(@Autowired JobOperator jobs, @Autowired Job issueKey)
			throws Exception {
		JobExecution completed = jobs.start(issueKey, new JobParametersBuilder().toJobParameters());
		assertThat(completed.getStatus()).isEqualTo(BatchStatus.COMPLETED);
		assertPermitted(completed.getExecutionContext().getString("token"));
		JobExecution failed = jobs.start(issueKey,
				new JobParametersBuilder().addString("fail", "true").toJobParameters());
		assertThat(failed.getStatus()).isEqualTo(BatchStatus.FAILED);
		assertPermitted(failed.getExecutionContext().getString("token"));
	}

	@Test
	void keyWhenAJobOfQuartzCreatesItThenIsThere(@Autowired Scheduler scheduler) throws Exception {
		BlockingQueue<Object> results = new LinkedBlockingQueue<>();
		scheduler.getListenerManager().addJobListener(new JobListenerSupport() {

			@Override
			public String getName() {
				return "results";
			}

			@Override
			public void jobWasExecuted(JobExecutionContext context, JobExecutionException failure) {
				results.add((failure != null) ? failure : context.getResult());
			}

		});
		scheduler.scheduleJob(JobBuilder.newJob(IssueKey.class).build(),
				TriggerBuilder.newTrigger().startNow().build());
		assertThat(results.poll(2, TimeUnit.MINUTES)).isInstanceOfSatisfying(String.class, this::assertPermitted);
	}

	private void assertPermitted(String token) {
		assertThat(this.mvc.get().uri("/orders").header("X-API-Key", token)).hasStatusOk();
		assertThat(this.mvc.get().uri("/orders").header("X-API-Key", token + "x")).hasStatus(401);
	}

}
