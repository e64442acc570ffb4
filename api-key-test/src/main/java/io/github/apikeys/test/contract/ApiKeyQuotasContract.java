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

package io.github.apikeys.test.contract;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.DefaultApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link ApiKeyQuotas} must do for the keys of a store. Extend it to test those of a
 * store of your own.
 *
 * @since 0.1.0
 */
public abstract class ApiKeyQuotasContract {

	private ApiKeyQuotas quotas;

	private DefaultApiKeyService service;

	/**
	 * Returns the store of the keys.
	 * @return the store
	 */
	protected abstract ApiKeyRepository repository();

	/**
	 * Returns what counts requests against the quotas of its keys.
	 * @return the quotas to test
	 */
	protected abstract ApiKeyQuotas quotas();

	@BeforeEach
	void createService() {
		this.quotas = quotas();
		this.service = new DefaultApiKeyService(repository(),
				new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of())),
				new ApiKeyHashers(Sha256ApiKeyHasher.SCHEME, List.of(new Sha256ApiKeyHasher())), (token) -> null);
	}

	@Test
	void consumeThenAsOftenAsTheQuotaPermits() {
		UUID id = this.service.create(NewApiKey.named("key").quota(2)).apiKey().getId();
		assertThat(this.quotas.consumeQuota(id)).isTrue();
		assertThat(this.quotas.consumeQuota(id)).isTrue();
		assertThat(this.quotas.consumeQuota(id)).isFalse();
		this.quotas.refundQuota(id);
		assertThat(this.quotas.consumeQuota(id)).isTrue();
		assertThat(this.quotas.consumeQuota(id)).isFalse();
		assertThat(this.service.find(id).orElseThrow().getQuotaUsed()).isEqualTo(2);
	}

	@Test
	void refundWhenNothingWasTakenThenTheQuotaStays() {
		UUID id = this.service.create(NewApiKey.named("key").quota(1)).apiKey().getId();
		this.quotas.refundQuota(id);
		assertThat(this.quotas.consumeQuota(id)).isTrue();
		assertThat(this.quotas.consumeQuota(id)).isFalse();
	}

	@Test
	void consumeWhenThereIsNoQuotaThenAlwaysAndWhenThereIsNoKeyThenNever() {
		UUID unlimited = this.service.create(NewApiKey.named("key")).apiKey().getId();
		assertThat(this.quotas.consumeQuota(unlimited)).isTrue();
		assertThat(this.quotas.consumeQuota(UUID.randomUUID())).isFalse();
	}

	@Test
	void consumeWhenReplacedThenFromTheQuotaOfTheSuccessor() {
		UUID old = this.service.create(NewApiKey.named("key").quota(2)).apiKey().getId();
		UUID successor = this.service.rotate(old, Duration.ofDays(1)).apiKey().getId();
		assertThat(this.quotas.consumeQuota(old)).isTrue();
		assertThat(this.quotas.consumeQuota(successor)).isTrue();
		assertThat(this.quotas.consumeQuota(old)).isFalse();
	}

}
