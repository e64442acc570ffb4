package com.example.mapstore;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyRow;
import io.github.apikeys.core.ApiKeyUpdate;
import io.github.apikeys.core.Ended;
import io.github.apikeys.core.LockedKey;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageImpl;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;

/**
 * Keeps keys in a map. A transaction has the map for itself, so nothing else is locked.
 */
final class MapKeyRepository implements ApiKeyRepository {

	private final KeyMap keys;

	MapKeyRepository(KeyMap keys) {
		this.keys = keys;
	}

	@Override
	public <T> T inTransaction(Supplier<T> action) {
		return this.keys.read(action);
	}

	@Override
	public <T> T inChange(Supplier<T> action) {
		return this.keys.change(action);
	}

	@Override
	public boolean isInCallersTransaction() {
		return this.keys.isInTransaction();
	}

	@Override
	public boolean isConflict(RuntimeException failure) {
		return failure instanceof DuplicateKeyIdException;
	}

	@Override
	public ApiKey find(UUID id) {
		return toApiKey(row(id));
	}

	@Override
	public <T extends ApiKey> T find(Class<T> type, UUID id) {
		return this.keys.read(() -> as(type, find(id)));
	}

	@Override
	public ApiKey findByKeyId(String keyId) {
		return toApiKey(this.keys.current().findByKeyId(keyId));
	}

	@Override
	public <T extends ApiKey> T findByKeyId(Class<T> type, String keyId) {
		return this.keys.read(() -> as(type, findByKeyId(keyId)));
	}

	private static ApiKey toApiKey(ApiKeyRow row) {
		return (row != null) ? row.toApiKey() : null;
	}

	private static <T extends ApiKey> T as(Class<T> type, ApiKey apiKey) {
		return type.isInstance(apiKey) ? type.cast(apiKey) : null;
	}

	@Override
	public <T extends ApiKey> Page<T> findAll(Class<T> type, ApiKeyQuery query, Instant now, Pageable pageable) {
		List<T> found = this.keys.current()
			.rows()
			.map(ApiKeyRow::toApiKey)
			.filter(type::isInstance)
			.filter((apiKey) -> query.matches(apiKey, now))
			.sorted(comparator(pageable.getSort()))
			.map(type::cast)
			.toList();
		List<T> page = pageable.isUnpaged() ? found
				: found.stream().skip(pageable.getOffset()).limit(pageable.getPageSize()).toList();
		return new PageImpl<>(page, pageable, found.size());
	}

	private static Comparator<ApiKey> comparator(Sort sort) {
		Comparator<ApiKey> byId = Comparator.comparing(ApiKey::getId);
		return sort.stream()
			.map(MapKeyRepository::comparator)
			.reduce(Comparator::thenComparing)
			.orElse(byId)
			.thenComparing(byId);
	}

	private static Comparator<ApiKey> comparator(Sort.Order order) {
		Comparator<ApiKey> comparator = switch (order.getProperty()) {
			case "name" -> comparing(ApiKey::getName);
			case "keyId" -> comparing(ApiKey::getKeyId);
			case "owner" -> comparing(ApiKey::getOwner);
			case "createdAt" -> comparing(ApiKey::getCreatedAt);
			case "expiresAt" -> comparing(ApiKey::getExpiresAt);
			default -> comparing(ApiKey::getId);
		};
		return order.isAscending() ? comparator : comparator.reversed();
	}

	private static <T extends Comparable<T>> Comparator<ApiKey> comparing(Function<ApiKey, T> attribute) {
		return Comparator.comparing(attribute, Comparator.nullsLast(Comparator.naturalOrder()));
	}

	@Override
	public UUID findId(String keyId) {
		ApiKeyRow row = this.keys.current().findByKeyId(keyId);
		return (row != null) ? row.id() : null;
	}

	@Override
	public boolean existsKeyId(String keyId) {
		return findId(keyId) != null;
	}

	@Override
	public String findOwner(UUID id) {
		ApiKeyRow row = row(id);
		return (row != null) ? row.owner() : null;
	}

	@Override
	public List<UUID> findLine(UUID id, Instant now) {
		List<UUID> line = new ArrayList<>(List.of(id));
		ApiKeyRow row = row(id);
		if (row != null && row.successorId() != null) {
			line.add(row.successorId());
		}
		ApiKeyRow predecessor = (row != null) ? row(row.predecessorId()) : null;
		if (predecessor != null) {
			line.add(predecessor.id());
		}
		while (predecessor != null && !predecessor.hasEnded(now)) {
			predecessor = row(predecessor.predecessorId());
			if (predecessor != null && !predecessor.hasEnded(now)) {
				line.add(predecessor.id());
			}
		}
		return line;
	}

	@Override
	public boolean isDeleted(UUID id) {
		return this.keys.current()
			.history()
			.stream()
			.anyMatch((event) -> event.getApiKeyId().equals(id) && event.getChange() == ApiKeyChange.DELETED);
	}

	@Override
	public boolean hasHistory(UUID id) {
		return this.keys.current().history().stream().anyMatch((event) -> event.getApiKeyId().equals(id));
	}

	@Override
	public void lockOwner(String owner) {
	}

	@Override
	public ApiKey lock(UUID id) {
		return find(id);
	}

	@Override
	public void lock(Collection<UUID> ids) {
	}

	@Override
	public ApiKey lockWithCollections(UUID id) {
		return find(id);
	}

	@Override
	public Map<UUID, UUID> lockLive(String owner, Instant now, Collection<UUID> others) {
		Map<UUID, UUID> live = new LinkedHashMap<>();
		this.keys.current()
			.rows()
			.filter((row) -> owner.equals(row.owner()) && !row.hasEnded(now))
			.forEach((row) -> live.put(row.id(), row.successorId()));
		return live;
	}

	@Override
	public List<LockedKey> lockUnrevoked(String owner) {
		return this.keys.current()
			.rows()
			.filter((row) -> owner.equals(row.owner()) && !row.isRevoked())
			.map(MapKeyRepository::toLockedKey)
			.toList();
	}

	private static LockedKey toLockedKey(ApiKeyRow row) {
		return new LockedKey(row.id(), row.keyId());
	}

	@Override
	public void insert(ApiKey apiKey) {
		if (apiKey.getClass() != ApiKey.class) {
			throw new IllegalArgumentException("This store knows no types of keys but ApiKey");
		}
		ApiKeyRow row = ApiKeyRow.ofNew(apiKey);
		if (existsKeyId(row.keyId()) || row(row.id()) != null) {
			throw new DuplicateKeyIdException(row.keyId());
		}
		this.keys.current().keys().put(row.id(), row);
	}

	@Override
	public boolean update(UUID id, ApiKeyUpdate changes) {
		return change(id, (row) -> row.update(changes));
	}

	@Override
	public boolean rotate(UUID id, UUID successorId, Instant now, Instant end) {
		return change(id, (row) -> row.rotate(successorId, now, end));
	}

	@Override
	public boolean end(UUID id, Instant now) {
		return change(id, (row) -> row.end(now));
	}

	@Override
	public boolean disable(UUID id, Instant now) {
		return change(id, (row) -> row.disable(now));
	}

	@Override
	public boolean enable(UUID id) {
		return change(id, ApiKeyRow::enable);
	}

	@Override
	public boolean revoke(UUID id, Instant now) {
		return change(id, (row) -> row.revoke(now));
	}

	@Override
	public void revokeAll(String owner, Collection<UUID> ids, Instant now) {
		ids.forEach((id) -> {
			revoke(id, now);
			noteChange(id);
		});
	}

	private boolean change(UUID id, Function<ApiKeyRow, ApiKeyRow> change) {
		return this.keys.current().change(id, change);
	}

	@Override
	public void invalidateOwner(String owner) {
		this.keys.current().owners().put(owner, Instant.now());
	}

	@Override
	public List<UUID> findEnded(Ended ended, UUID after, int max) {
		return this.keys.current()
			.rows()
			.filter((row) -> isEnded(row, ended) && !isNeeded(row, ended.time()))
			.map(ApiKeyRow::id)
			.filter((id) -> after == null || id.compareTo(after) > 0)
			.sorted()
			.limit(max)
			.toList();
	}

	/**
	 * No other node has a key in its cache: the file belongs to one process.
	 */
	@Override
	public List<LockedKey> lockEnded(Ended ended, List<UUID> ids) {
		return this.keys.current()
			.rows()
			.filter((row) -> ids.contains(row.id()) && isEnded(row, ended))
			.map(MapKeyRepository::toLockedKey)
			.toList();
	}

	private boolean isEnded(ApiKeyRow row, Ended ended) {
		boolean before = ended.deleted() ? (row.revokedBefore(ended.time()) && isDeleted(row.id()))
				: row.endedBefore(ended.time());
		return before && (ended.owner() == null || ended.owner().equals(row.owner()));
	}

	/**
	 * Whether it counts the requests of the key that it replaced.
	 */
	private boolean isNeeded(ApiKeyRow row, Instant time) {
		ApiKeyRow predecessor = row(row.predecessorId());
		return predecessor != null && !predecessor.endedBefore(time);
	}

	@Override
	public void delete(List<UUID> ids) {
		this.keys.current().keys().keySet().removeAll(ids);
	}

	@Override
	public void record(List<ApiKeyEvent> events) {
		this.keys.current().history().addAll(events);
	}

	@Override
	public void noteChange(UUID id) {
		this.keys.current().noted().add(id);
	}

	private ApiKeyRow row(UUID id) {
		return this.keys.current().find(id);
	}

	private static final class DuplicateKeyIdException extends RuntimeException {

		DuplicateKeyIdException(String keyId) {
			super("There is an API key '" + keyId + "' already");
		}

	}

}
