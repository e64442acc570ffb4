insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, disabled_at, search_key_id, search_name, changed_at, version)
	values ('d81e6429-886c-439e-ac0c-9bc2c7ff75ad', 'api_key', 'DisabledDisa', 'acme', 'gCn7', '{sha256}75a87c7cee43f54e03caf1000146d3b7dcafd728c9e1ba4b3d6cadfb6a4ab6c9', 'disabled', 0, '2026-06-01 12:00:00.123456+00', '2026-06-01 12:00:00.123456+00', 'disableddisa', 'disabled', '2026-11-25 15:51:48.063342+00', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, expires_at, search_key_id, search_name, changed_at, version)
	values ('9fc56a28-2d95-40c6-8720-88d2f98d0488', 'api_key', 'ExpiredExpir', 'acme', 'mhEB', '{sha256}5edba627e49f9436396d6c7a7d31bba3e97e307f0c5c7ea9a4b60d149afe14bc', 'expired', 0, '2026-06-01 12:00:00.123456+00', '2026-06-02 12:00:00.123456+00', 'expiredexpir', 'expired', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('4d2da9b2-e5ea-4cad-876f-019ce7b09f22', 'api_key', 'FormerFormer', 'old', 'XV0a', '{sha256}dd27d50852547bcb9dbcf9c80040b195433bb94073c4566d385ff7d4d3dc15cc', 'former prefix', 0, '2026-06-01 12:00:00.123456+00', 'formerformer', 'former prefix', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('cd948f8a-5b89-4da4-b8a1-0923836d00a4', 'api_key', 'Hmac2026Hmac', 'acme', 'CTiN', '{hmac-sha256:2026}512d6c1d80b04369072d8363c24171c10186a8a75a4e50de3f86758cba37513a', 'peppered', 0, '2026-06-01 12:00:00.123456+00', 'hmac2026hmac', 'peppered', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, not_before, search_key_id, search_name, changed_at, version)
	values ('12f2fa32-6797-48e9-ba96-f0bfcffe33bb', 'api_key', 'NotYetNotYet', 'acme', '27NQ', '{sha256}7d56dcf60f58ee9ff77ea4b2da5ee4307e88c4be0b080c14e7be51cbabc46c66', 'not yet valid', 0, '2026-06-01 12:00:00.123456+00', '2999-01-01 00:00:00.000000+00', 'notyetnotyet', 'not yet valid', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, revoked_at, search_key_id, search_name, changed_at, version)
	values ('416ef077-5bd8-49dd-9abb-8fa5f894bfe2', 'api_key', 'RevokedRevok', 'acme', '63aS', '{sha256}d209e0b388c4a3a50f0e667257ec8674591c441130654c8a26513b13f1c554df', 'revoked', 0, '2026-06-01 12:00:00.123456+00', '2026-06-01 12:00:00.123456+00', 'revokedrevok', 'revoked', '2026-11-25 15:51:48.085947+00', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, owner, quota_used, created_at, expires_at, successor_id, search_key_id, search_name, search_owner, changed_at, version)
	values ('b54b55d5-a99a-4cc8-915e-cac0136d906c', 'api_key', 'RotatedRotat', 'acme', 'C0kh', '{sha256}7c3c1c7dd6bbac090fe7ac12295467e141c00fd29806a0b44ad002773c9732f2', 'rotated', 'org-42', 0, '2026-06-01 12:00:00.123456+00', '2026-06-02 12:00:00.123456+00', '74b602a2-2be3-4a61-8cdf-866bbc42238f', 'rotatedrotat', 'rotated', 'org-42', '2026-11-25 15:51:48.033642+00', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, description, owner, allowed_addresses, rate_limits, quota, quota_used, created_at, not_before, expires_at, last_used_at, last_used_from, search_key_id, search_name, search_owner, changed_at, version)
	values ('7c55bbff-06b7-477f-a5da-f0a48e13c9f2', 'api_key', 'Sha256Sha256', 'acme', 'ZcT3', '{sha256}a7cde779c06e710540f0b6da9efa1664f6a1bef1ac6320ce3afdde8bedda32b2', 'Billing, über Nacht', 'Sends invoices.
It''s for the night.', 'org-42', '192.0.2.0/24 2001:db8::1', '100/1m, 5000/1d', 1000, 1, '2026-06-01 12:00:00.123456+00', '2026-06-01 11:59:00.123456+00', '2999-12-31 23:59:59.999999+00', '2026-06-01 12:00:00.123456+00', '192.0.2.7', 'sha256sha256', 'billing, über nacht', 'org-42', '2026-11-25 15:51:47.954377+00', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, owner, quota_used, created_at, predecessor_id, search_key_id, search_name, search_owner, changed_at, version)
	values ('74b602a2-2be3-4a61-8cdf-866bbc42238f', 'api_key', 'SuccessorSuc', 'acme', 'qW0Z', '{sha256}aec6af18bd260d76be756ea8cf4ba51c3df32932c50730eeb3d05c8d1cbf66b7', 'rotated', 'org-42', 0, '2026-06-01 12:00:00.123456+00', 'b54b55d5-a99a-4cc8-915e-cac0136d906c', 'successorsuc', 'rotated', 'org-42', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, owner, quota_used, created_at, search_key_id, search_name, search_owner, changed_at, version)
	values ('5129d740-58ac-49cf-978f-0ffb5d3f4a0d', 'tenant', 'TenantTenant', 'acme_t', 'WWge', '{sha256}65d5545068a15c187219daa96cdc4f7e239c849d230f5d3782c20e6ad29f6788', 'till', 'org-7', 0, '2026-06-01 12:00:00.123456+00', 'tenanttenant', 'till', 'org-7', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('bc0147be-359e-4b89-921c-f483095f26c3', 'api_key', 'django:kQ3xYz9A', 'django', '', '{django}pbkdf2_sha256$1000$saltSALT123$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4=', 'django, pbkdf2', 0, '2026-06-01 12:00:00.123456+00', 'django:kq3xyz9a', 'django, pbkdf2', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('a9f6bdcd-9fd3-4998-8f19-c511b631ab7b', 'api_key', 'django:mN4pQr5S', 'django', '', '{django}sha512$$49541f64a4c6c5fbbd2e616c7a44151898ab84a223b3842f5435fbc3c72525517477023049140c5defb2ec665cb15cf9264a75f1f59793c64bd3c037a9619de6', 'django, sha512', 0, '2026-06-01 12:00:00.123456+00', 'django:mn4pqr5s', 'django, sha512', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('416883e5-6e1e-415f-a6dd-7a96a38772e8', 'api_key', 'opaque:4c1f86869f74336b80fb64e8', 'opaque', '', '{sha256}aa9ed57a25085a7eb81bc9ea6aaab2f271179951ddbfe35d6c1605d4dbe49fe4', 'opaque', 0, '2026-06-01 12:00:00.123456+00', 'opaque:4c1f86869f74336b80fb64e8', 'opaque', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('e030eda7-cd12-4241-97cc-efa48c60fb37', 'api_key', 'pair:bcrypt', 'pair', '', '{encoded}{bcrypt}$2a$04$ZmMX8YOQb6eLlakTo58oOOQBWgaV6KiAM84zM49Ik3HdsU/FfsUv2', 'bcrypt', 0, '2026-06-01 12:00:00.123456+00', 'pair:bcrypt', 'bcrypt', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('2eb415dd-c456-4223-bdaf-51b19949e04b', 'api_key', 'pair:sha512', 'pair', '', '{sha512}dc97d1755d27842d25d4755849776e4704aa7f469fe861538c26eddb0aaaa09a6caa7ab1e998a05d0571f2c34377afc123aef33f0f7ee3647a1cbf1ef542d9a0', 'sha512', 0, '2026-06-01 12:00:00.123456+00', 'pair:sha512', 'sha512', '2026-06-01 12:00:00.123456+00', 0);
insert into tenant_api_key (id, tenant)
	values ('5129d740-58ac-49cf-978f-0ffb5d3f4a0d', 'Mountain Inn');
insert into api_key_scope (api_key_id, scope)
	values ('416ef077-5bd8-49dd-9abb-8fa5f894bfe2', 'orders:read');
insert into api_key_scope (api_key_id, scope)
	values ('7c55bbff-06b7-477f-a5da-f0a48e13c9f2', 'orders:read');
insert into api_key_scope (api_key_id, scope)
	values ('7c55bbff-06b7-477f-a5da-f0a48e13c9f2', 'orders:write');
insert into api_key_scope (api_key_id, scope)
	values ('bc0147be-359e-4b89-921c-f483095f26c3', 'orders:read');
insert into api_key_metadata (api_key_id, name, content)
	values ('7c55bbff-06b7-477f-a5da-f0a48e13c9f2', 'cost-centre', '4711');
insert into api_key_metadata (api_key_id, name, content)
	values ('7c55bbff-06b7-477f-a5da-f0a48e13c9f2', 'team', 'finance');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('7c55bbff-06b7-477f-a5da-f0a48e13c9f2', 'Sha256Sha256', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values ('7c55bbff-06b7-477f-a5da-f0a48e13c9f2', 'Sha256Sha256', 'UPDATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1', 'scopes');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('5129d740-58ac-49cf-978f-0ffb5d3f4a0d', 'TenantTenant', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('b54b55d5-a99a-4cc8-915e-cac0136d906c', 'RotatedRotat', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values ('74b602a2-2be3-4a61-8cdf-866bbc42238f', 'SuccessorSuc', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1', 'RotatedRotat');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values ('b54b55d5-a99a-4cc8-915e-cac0136d906c', 'RotatedRotat', 'ROTATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1', 'SuccessorSuc');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('d81e6429-886c-439e-ac0c-9bc2c7ff75ad', 'DisabledDisa', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('d81e6429-886c-439e-ac0c-9bc2c7ff75ad', 'DisabledDisa', 'DISABLED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('9fc56a28-2d95-40c6-8720-88d2f98d0488', 'ExpiredExpir', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('416ef077-5bd8-49dd-9abb-8fa5f894bfe2', 'RevokedRevok', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values ('416ef077-5bd8-49dd-9abb-8fa5f894bfe2', 'RevokedRevok', 'REVOKED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1', 'Found in a repository');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('12f2fa32-6797-48e9-ba96-f0bfcffe33bb', 'NotYetNotYet', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('bc0147be-359e-4b89-921c-f483095f26c3', 'django:kQ3xYz9A', 'IMPORTED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('a9f6bdcd-9fd3-4998-8f19-c511b631ab7b', 'django:mN4pQr5S', 'IMPORTED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('e030eda7-cd12-4241-97cc-efa48c60fb37', 'pair:bcrypt', 'IMPORTED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('2eb415dd-c456-4223-bdaf-51b19949e04b', 'pair:sha512', 'IMPORTED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('416883e5-6e1e-415f-a6dd-7a96a38772e8', 'opaque:4c1f86869f74336b80fb64e8', 'IMPORTED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values ('4d2da9b2-e5ea-4cad-876f-019ce7b09f22', 'FormerFormer', 'CREATED', '2026-06-01 12:00:00.123456+00');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values ('cd948f8a-5b89-4da4-b8a1-0923836d00a4', 'Hmac2026Hmac', 'CREATED', '2026-06-01 12:00:00.123456+00');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values ('05d83267-44c0-4f6b-a939-ff92de6052ea', 'PurgedPurged', 'CREATED', '2025-01-17 12:00:00.123456+00');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values ('05d83267-44c0-4f6b-a939-ff92de6052ea', 'PurgedPurged', 'REVOKED', '2025-01-17 12:00:00.123456+00');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values ('05d83267-44c0-4f6b-a939-ff92de6052ea', 'PurgedPurged', 'PURGED', '2026-06-01 12:00:00.123456+00');
insert into api_key_usage (api_key_id, usage_day, requests, refusals)
	values ('7c55bbff-06b7-477f-a5da-f0a48e13c9f2', '2026-06-01', 1, 1);
insert into api_key_usage_total (usage_day, requests, refusals)
	values ('2026-06-01', 1, 1);
insert into api_key_owner (owner, locks)
	values ('org-42', 3);
insert into api_key_owner (owner, locks, invalidated_at)
	values ('org-7', 2, '2026-11-25 15:51:47.995010+00');
