package com.example.mapstore;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import com.example.mapstore.KeyMap.State;
import com.example.mapstore.KeyMap.UsageDay;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRow;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.ApiKeyUsage;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.verification.RecentChange;
import io.github.apikeys.core.verification.RecentChanges;
import io.github.apikeys.core.verification.StoredApiKey;
import io.github.apikeys.core.verification.UsageCount;
import io.github.apikeys.core.verification.UsageSink;
import io.github.apikeys.core.verification.VerificationSource;

/**
 * Finds keys for verification, and keeps what verification counts.
 */
final class MapVerificationSource implements VerificationSource, UsageSink, ApiKeyQuotas {

	private final KeyMap keys;

	MapVerificationSource(KeyMap keys) {
		this.keys = keys;
	}

	@Override
	public StoredApiKey find(String keyId) {
		ApiKeyRow row = this.keys.committed().findByKeyId(keyId);
		return (row != null) ? StoredApiKey.of(row, ApiKeyTypes.lineage(ApiKey.class), Set.of()) : null;
	}

	@Override
	public RecentChanges findChanged(Duration window, Instant earliest) {
		Instant now = Instant.now();
		Instant since = ((earliest != null && earliest.isBefore(now)) ? earliest : now).minus(window);
		State state = this.keys.committed();
		List<RecentChange> changes = new ArrayList<>();
		state.rows().forEach((row) -> changes.add(RecentChange.ofKey(row.keyId(), row.version(), row.changedAt())));
		state.owners().forEach((owner, at) -> changes.add(RecentChange.ofOwner(owner, at)));
		return new RecentChanges(now, changes.stream().filter((change) -> !change.at().isBefore(since)).toList());
	}

	@Override
	public void replaceHash(UUID id, TokenHash oldHash, TokenHash newHash) {
		this.keys.change(() -> this.keys.current()
			.change(id, (row) -> row.hash().equals(oldHash) ? row.with("hash", newHash) : null));
	}

	@Override
	public List<UsageCount> add(List<UsageCount> counts) {
		return this.keys.change(() -> {
			counts.stream().filter((count) -> !isOfDeletedKey(count)).forEach(this::add);
			return List.of();
		});
	}

	private boolean isOfDeletedKey(UsageCount count) {
		return count.getApiKeyId() != null && !this.keys.current().keys().containsKey(count.getApiKeyId());
	}

	private void add(UsageCount count) {
		UUID id = count.getApiKeyId();
		UsageDay day = new UsageDay((id != null) ? id.toString() : "", count.getDay());
		this.keys.current()
			.usage()
			.merge(day, new ApiKeyUsage(count.getDay(), count.getRequests(), count.getRefusals()),
					(before, more) -> new ApiKeyUsage(count.getDay(), before.getRequests() + more.getRequests(),
							before.getRefusals() + more.getRefusals()));
		Instant usedAt = count.getLastUsedAt();
		if (usedAt != null) {
			this.keys.current()
				.change(id, (row) -> isLater(usedAt, row)
						? row.with("lastUsedAt", usedAt).with("lastUsedFrom", count.getLastUsedFrom()) : null);
		}
	}

	private static boolean isLater(Instant usedAt, ApiKeyRow row) {
		return !(row.columns().get("lastUsedAt") instanceof Instant before) || usedAt.isAfter(before);
	}

	@Override
	public boolean consumeQuota(UUID id) {
		return this.keys.change(() -> this.keys.current().change(lastSuccessor(id), ApiKeyRow::consumeQuota));
	}

	@Override
	public void refundQuota(UUID id) {
		this.keys.change(() -> this.keys.current().change(lastSuccessor(id), ApiKeyRow::refundQuota));
	}

	private UUID lastSuccessor(UUID id) {
		ApiKeyRow row = this.keys.current().find(id);
		return (row != null && row.successorId() != null) ? lastSuccessor(row.successorId()) : id;
	}

}
