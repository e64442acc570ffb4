package com.example.mapstore;

import java.io.IOException;
import java.nio.file.Path;

import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.test.contract.ApiKeyQuotasContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class MapQuotasTests extends ApiKeyQuotasContract {

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
	protected ApiKeyQuotas quotas() {
		return new MapVerificationSource(keys());
	}

	@AfterEach
	void close() throws IOException {
		keys().close();
	}

}
