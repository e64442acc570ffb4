package com.example.migration;

import java.time.Instant;
import java.time.OffsetDateTime;

import io.github.apikeys.core.ApiKeyImport;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.token.OpaqueTokenFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Takes over what is there and not yet taken over, at each start.
 */
@Component
class KeyImport implements ApplicationRunner {

	private final Logger log = LoggerFactory.getLogger(KeyImport.class);

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
				select prefix, hashed_key, name, created, revoked, expiry_date
				from rest_framework_api_key_apikey""").query((row, number) -> {
			NewApiKey key = NewApiKey.named(row.getString("name")).owner(row.getString("name")).scopes("orders:read");
			OffsetDateTime expiry = row.getObject("expiry_date", OffsetDateTime.class);
			Instant created = row.getObject("created", OffsetDateTime.class).toInstant();
			ImportedApiKey imported = ImportedApiKey.ofDjango(row.getString("prefix"), row.getString("hashed_key"))
				.withCreation(created);
			if (row.getBoolean("revoked")) {
				imported = imported.withRevocation(created, "Revoked before the migration");
			}
			return importKey(imported, (expiry != null) ? key.expiresAt(expiry.toInstant()) : key.neverExpires());
		}).list().stream().mapToInt(Integer::intValue).sum();
	}

	private int importCustomerKeys() {
		return this.jdbc.sql("select token_sha256, customer from customer_token").query((row, number) -> {
			String hash = row.getString("token_sha256");
			return importKey(
					ImportedApiKey.ofHash("customer", this.customerTokens.idOf(hash), ImportedHash.sha256(hash)),
					NewApiKey.named("Imported").owner(row.getString("customer")).scopes("orders:*"));
		}).list().stream().mapToInt(Integer::intValue).sum();
	}

	private int importKey(ImportedApiKey imported, NewApiKey key) {
		ApiKeyImport outcome = this.apiKeys.importIfAbsent(imported, key);
		if (!outcome.isCreated() && !outcome.getDifferences().isEmpty()) {
			this.log.info("{} differs in {}", outcome.getApiKey().getKeyId(), outcome.getDifferences());
		}
		return outcome.isCreated() ? 1 : 0;
	}

}
