package com.example.mapstore;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.UUID;

import com.example.mapstore.KeyMap.UsageDay;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyUsage;
import io.github.apikeys.core.verification.UsageSink;
import io.github.apikeys.core.verification.VerificationSource;
import io.github.apikeys.test.contract.UsageSinkContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class MapUsageTests extends UsageSinkContract {

	@TempDir
	private Path folder;

	private KeyMap keys;

	private KeyMap keys() {
		if (this.keys == null) {
			this.keys = new KeyMap(this.folder.resolve("keys"), (event) -> {
			});
		}
		return this.keys;
	}

	@Override
	protected ApiKeyRepository repository() {
		return new MapKeyRepository(keys());
	}

	@Override
	protected VerificationSource verificationSource() {
		return new MapVerificationSource(keys());
	}

	@Override
	protected UsageSink usageSink() {
		return new MapVerificationSource(keys());
	}

	@Override
	protected ApiKeyUsage usage(UUID id, LocalDate day) {
		return keys().committed().usage().get(new UsageDay(id.toString(), day));
	}

	@AfterEach
	void close() throws IOException {
		keys().close();
	}

}
