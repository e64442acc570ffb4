package com.example.migration;

import java.time.Instant;
import java.time.OffsetDateTime;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.token.OpaqueTokenFormat;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Takes over what is there and not yet taken over, at each start.
 */
@Component
class KeyImport implements ApplicationRunner {

	private final JdbcClient jdbc;

	private final ApiKeyService apiKeys;

	private final OpaqueTokenFormat customerTokens;

	KeyImport(JdbcClient jdbc, ApiKeyService apiKeys, OpaqueTokenFormat customerTokens) {
		this.jdbc = jdbc;
		this.apiKeys = apiKeys;
		this.customerTokens = customerTokens;
	}

	@Override
	public void run(ApplicationArguments args) {
		importKeys();
	}

	int importKeys() {
		return importDjangoKeys() + importCustomerKeys();
	}

	private int importDjangoKeys() {
		return this.jdbc.sql("""
				select prefix, hashed_key, name, expiry_date from rest_framework_api_key_apikey
				where revoked = false and (expiry_date is null or expiry_date > current_timestamp)""")
			.query((row, number) -> {
				NewApiKey key = NewApiKey.named(row.getString("name")).owner(row.getString("name")).scopes("orders:read");
				OffsetDateTime expiry = row.getObject("expiry_date", OffsetDateTime.class);
				Instant end = (expiry != null) ? expiry.toInstant() : null;
				return importKey("django:" + row.getString("prefix"),
						ImportedApiKey.ofDjango(row.getString("prefix"), row.getString("hashed_key")),
						(end != null) ? key.expiresAt(end) : key.neverExpires());
			})
			.list()
			.stream()
			.mapToInt(Integer::intValue)
			.sum();
	}

	private int importCustomerKeys() {
		return this.jdbc.sql("select token_sha256, customer from customer_token").query((row, number) -> {
			String hash = row.getString("token_sha256");
			String id = this.customerTokens.idOf(hash);
			return importKey("customer:" + id, ImportedApiKey.ofHash("customer", id, ImportedHash.sha256(hash)),
					NewApiKey.named("Imported").owner(row.getString("customer")).scopes("orders:*"));
		}).list().stream().mapToInt(Integer::intValue).sum();
	}

	private int importKey(String keyId, ImportedApiKey imported, NewApiKey key) {
		if (this.apiKeys.findByKeyId(keyId).isPresent()) {
			return 0;
		}
		this.apiKeys.importKey(imported, key);
		return 1;
	}

}
