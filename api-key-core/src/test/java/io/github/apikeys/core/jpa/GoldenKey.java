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

package io.github.apikeys.core.jpa;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.HmacSha256ApiKeyHasher;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.OpaqueTokenFormat;
import io.github.apikeys.core.token.SecretShape;

/**
 * The keys in the frozen dumps of version 0.1.0. Their tokens are in the hands of
 * clients, so every later release must answer them as it is written here: a change of
 * this file is a change that breaks keys.
 */
enum GoldenKey {

	SHA256("acme_Sha256Sha256_abcdefghijklmnopqrstuvwxyz01234535ZcT3", null),

	HMAC("acme_Hmac2026Hmac_bcdefghijklmnopqrstuvwxyz012345608CTiN", null),

	FORMER_PREFIX("old_FormerFormer_cdefghijklmnopqrstuvwxyz0123456705XV0a", null),

	OF_A_TENANT("acme_t_TenantTenant_defghijklmnopqrstuvwxyz0123456782ZWWge", null),

	ROTATED("acme_RotatedRotat_efghijklmnopqrstuvwxyz01234567892kC0kh", ApiKeyRefusal.EXPIRED),

	SUCCESSOR("acme_SuccessorSuc_fghijklmnopqrstuvwxyz0123456789A2iqW0Z", null),

	DISABLED("acme_DisabledDisa_ghijklmnopqrstuvwxyz0123456789AB1JgCn7", ApiKeyRefusal.DISABLED),

	EXPIRED("acme_ExpiredExpir_hijklmnopqrstuvwxyz0123456789ABC1imhEB", ApiKeyRefusal.EXPIRED),

	REVOKED("acme_RevokedRevok_ijklmnopqrstuvwxyz0123456789ABCD0C63aS", ApiKeyRefusal.REVOKED),

	NOT_YET_VALID("acme_NotYetNotYet_jklmnopqrstuvwxyz0123456789ABCDE1Z27NQ", ApiKeyRefusal.NOT_YET_VALID),

	PURGED("acme_PurgedPurged_klmnopqrstuvwxyz0123456789ABCDEF0Yx0XF", ApiKeyRefusal.UNKNOWN),

	DJANGO_PBKDF2("kQ3xYz9A.abcdefghijklmnopqrstuvwxyz012345", null),

	DJANGO_SHA512("mN4pQr5S.abcdefghijklmnopqrstuvwxyz012345", null),

	BCRYPT("bcrypt|abcdefghijklmnopqrstuvwxyz012345", null),

	SHA512("sha512|abcdefghijklmnopqrstuvwxyz012345", null),

	OPAQUE("sk_Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9", null);

	private static final String PEPPER = "pepper of 2026 ".repeat(4);

	private final String token;

	private final ApiKeyRefusal refusal;

	GoldenKey(String token, ApiKeyRefusal refusal) {
		this.token = token;
		this.refusal = refusal;
	}

	String token() {
		return this.token;
	}

	ApiKeyRefusal refusal() {
		return this.refusal;
	}

	/**
	 * Returns what makes the token.
	 */
	FixedGenerator generator() {
		String[] parts = this.token.split("_");
		return new FixedGenerator(parts[parts.length - 2], parts[parts.length - 1].substring(0, 32));
	}

	static ApiKeyTokenFormats tokenFormats() {
		return tokenFormats("acme", List.of("old"));
	}

	static ApiKeyTokenFormats tokenFormats(String prefix, List<String> acceptedPrefixes) {
		return new ApiKeyTokenFormats(new ApiKeyTokenFormat(prefix, acceptedPrefixes, Map.of("tenant", "acme_t")),
				List.of(DelimitedTokenFormat.django(), new DelimitedTokenFormat("pair", '|', false)
					.withSecret(SecretShape.of(32, SecretShape.ALPHANUMERIC)), opaque()));
	}

	static OpaqueTokenFormat opaque() {
		return new OpaqueTokenFormat("opaque", "sk_", SecretShape.of(30, SecretShape.ALPHANUMERIC),
				PEPPER.getBytes(StandardCharsets.UTF_8));
	}

	static JpaApiKeyService service(PersistenceUnit unit, ApiKeyTokenFormats tokenFormats, String scheme, Instant now) {
		JpaApiKeyService service = unit.service(tokenFormats,
				new ApiKeyHashers(scheme, List.of(new Sha256ApiKeyHasher(),
						new HmacSha256ApiKeyHasher("2026", PEPPER.getBytes(StandardCharsets.UTF_8)))));
		service.setTenantsShareKeys(true);
		service.setClock(Clock.fixed(now, ZoneOffset.UTC));
		return service;
	}

}
