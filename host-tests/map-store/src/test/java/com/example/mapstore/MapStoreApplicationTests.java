package com.example.mapstore;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

import com.example.mapstore.KeyMap.State;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class MapStoreApplicationTests {

	@TempDir
	private Path folder;

	@Test
	void restartThenWhatWasCommittedIsThere(CapturedOutput output) throws Exception {
		CreatedApiKey kept;
		CreatedApiKey revoked;
		CreatedApiKey limited;
		try (ConfigurableApplicationContext application = start()) {
			ApiKeyService apiKeys = application.getBean(ApiKeyService.class);
			kept = apiKeys.create(key().metadata("plan", "gold & more\n"));
			revoked = apiKeys.create(key());
			limited = apiKeys.create(key().quota(1));
			assertThat(get(application, kept.token()).body()).isEqualTo("Orders of org-42");
			assertThat(get(application, revoked.token()).statusCode()).isEqualTo(200);
			assertThat(get(application, limited.token()).statusCode()).isEqualTo(200);
			apiKeys.revoke(revoked.apiKey().getId(), "lost");
			assertThat(get(application, revoked.token()).statusCode()).isEqualTo(401);
		}
		Files.writeString(this.folder.resolve("keys"), "gone id=" + kept.apiKey().getId(), StandardOpenOption.APPEND);
		try (ConfigurableApplicationContext application = start()) {
			ApiKeyService apiKeys = application.getBean(ApiKeyService.class);
			assertThat(get(application, kept.token()).body()).isEqualTo("Orders of org-42");
			assertThat(get(application, revoked.token()).statusCode()).isEqualTo(401);
			assertThat(get(application, limited.token()).statusCode()).isEqualTo(429);
			assertThat(get(application, apiKeys.create(NewApiKey.named("other")).token()).statusCode()).isEqualTo(403);
			ApiKey found = apiKeys.find(kept.apiKey().getId()).orElseThrow();
			assertThat(found.getMetadata()).containsEntry("plan", "gold & more\n");
			assertThat(found.getLastUsedFrom()).isEqualTo("127.0.0.1");
			State state = application.getBean(KeyMap.class).committed();
			assertThat(state.history()).filteredOn("apiKeyId", revoked.apiKey().getId())
				.extracting(ApiKeyEvent::getChange, ApiKeyEvent::getDetail)
				.last()
				.isEqualTo(org.assertj.core.groups.Tuple.tuple(ApiKeyChange.REVOKED, "lost"));
			assertThat(usage(state, revoked.apiKey().getId())).isEqualTo("1 accepted, 1 refused");
		}
		assertThat(output).doesNotContain(" WARN ").doesNotContain(" ERROR ");
	}

	private static NewApiKey key() {
		return NewApiKey.named("billing-service").owner("org-42").scopes("orders:read");
	}

	private static String usage(State state, UUID id) {
		long requests = 0;
		long refusals = 0;
		for (var entry : state.usage().entrySet()) {
			if (entry.getKey().apiKeyId().equals(id.toString())) {
				requests += entry.getValue().getRequests();
				refusals += entry.getValue().getRefusals();
			}
		}
		return requests + " accepted, " + refusals + " refused";
	}

	private ConfigurableApplicationContext start() {
		return SpringApplication.run(MapStoreApplication.class, "--server.port=0", "--server.address=127.0.0.1",
				"--spring.security.user.password=password", "--api-key.usage.flush-interval=1h", "--store.file=" + this.folder.resolve("keys"));
	}

	private static HttpResponse<String> get(ConfigurableApplicationContext application, String token) throws Exception {
		String port = application.getEnvironment().getProperty("local.server.port");
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/orders"))
				.header("X-API-Key", token)
				.build(), BodyHandlers.ofString());
	}

}
