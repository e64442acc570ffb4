insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, disabled_at, search_key_id, search_name, changed_at, version)
	values ('cccbe797-9b29-46b4-9fa4-d26a88c6c796', 'api_key', 'DisabledDisa', 'acme', 'gCn7', '{sha256}75a87c7cee43f54e03caf1000146d3b7dcafd728c9e1ba4b3d6cadfb6a4ab6c9', 'disabled', 0, '2026-06-01 12:00:00.123456+00', '2026-06-01 12:00:00.123456+00', 'disableddisa', 'disabled', '2026-11-25 15:51:55.402630+00', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, expires_at, search_key_id, search_name, changed_at, version)
	values ('83eea224-6f2e-4588-bd40-aadc84294400', 'api_key', 'ExpiredExpir', 'acme', 'mhEB', '{sha256}5edba627e49f9436396d6c7a7d31bba3e97e307f0c5c7ea9a4b60d149afe14bc', 'expired', 0, '2026-06-01 12:00:00.123456+00', '2026-06-02 12:00:00.123456+00', 'expiredexpir', 'expired', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('9591bbde-5ad0-44ed-a2f1-aec8fc7d40b8', 'api_key', 'FormerFormer', 'old', 'XV0a', '{sha256}dd27d50852547bcb9dbcf9c80040b195433bb94073c4566d385ff7d4d3dc15cc', 'former prefix', 0, '2026-06-01 12:00:00.123456+00', 'formerformer', 'former prefix', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('e042dfd0-b5c9-4cf4-a756-76161e49f81d', 'api_key', 'Hmac2026Hmac', 'acme', 'CTiN', '{hmac-sha256:2026}512d6c1d80b04369072d8363c24171c10186a8a75a4e50de3f86758cba37513a', 'peppered', 0, '2026-06-01 12:00:00.123456+00', 'hmac2026hmac', 'peppered', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, not_before, search_key_id, search_name, changed_at, version)
	values ('0fc2330e-55ef-453d-8f4e-2a14ccd085cd', 'api_key', 'NotYetNotYet', 'acme', '27NQ', '{sha256}7d56dcf60f58ee9ff77ea4b2da5ee4307e88c4be0b080c14e7be51cbabc46c66', 'not yet valid', 0, '2026-06-01 12:00:00.123456+00', '2999-01-01 00:00:00.000000+00', 'notyetnotyet', 'not yet valid', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, revoked_at, search_key_id, search_name, changed_at, version)
	values ('9e286bc2-a4ef-46f9-a9a5-c57429052ecb', 'api_key', 'RevokedRevok', 'acme', '63aS', '{sha256}d209e0b388c4a3a50f0e667257ec8674591c441130654c8a26513b13f1c554df', 'revoked', 0, '2026-06-01 12:00:00.123456+00', '2026-06-01 12:00:00.123456+00', 'revokedrevok', 'revoked', '2026-11-25 15:51:55.589943+00', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, owner, quota_used, created_at, expires_at, successor_id, search_key_id, search_name, search_owner, changed_at, version)
	values ('a5f7c494-1b08-410d-b876-dbe90ee44c65', 'api_key', 'RotatedRotat', 'acme', 'C0kh', '{sha256}7c3c1c7dd6bbac090fe7ac12295467e141c00fd29806a0b44ad002773c9732f2', 'rotated', 'org-42', 0, '2026-06-01 12:00:00.123456+00', '2026-06-02 12:00:00.123456+00', 'a2fc37e7-72b9-4406-81d7-bee048170e1c', 'rotatedrotat', 'rotated', 'org-42', '2026-11-25 15:51:55.337427+00', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, description, owner, allowed_addresses, rate_limits, quota, quota_used, created_at, not_before, expires_at, last_used_at, last_used_from, search_key_id, search_name, search_owner, changed_at, version)
	values ('fb4d6ef0-315f-42f4-8f2a-9d9e4f6c64eb', 'api_key', 'Sha256Sha256', 'acme', 'ZcT3', '{sha256}a7cde779c06e710540f0b6da9efa1664f6a1bef1ac6320ce3afdde8bedda32b2', 'Billing, über Nacht', 'Sends invoices.
It''s for the night.', 'org-42', '192.0.2.0/24 2001:db8::1', '100/1m, 5000/1d', 1000, 1, '2026-06-01 12:00:00.123456+00', '2026-06-01 11:59:00.123456+00', '2999-12-31 23:59:59.999999+00', '2026-06-01 12:00:00.123456+00', '192.0.2.7', 'sha256sha256', 'billing, über nacht', 'org-42', '2026-11-25 15:51:54.984119+00', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, owner, quota_used, created_at, predecessor_id, search_key_id, search_name, search_owner, changed_at, version)
	values ('a2fc37e7-72b9-4406-81d7-bee048170e1c', 'api_key', 'SuccessorSuc', 'acme', 'qW0Z', '{sha256}aec6af18bd260d76be756ea8cf4ba51c3df32932c50730eeb3d05c8d1cbf66b7', 'rotated', 'org-42', 0, '2026-06-01 12:00:00.123456+00', 'a5f7c494-1b08-410d-b876-dbe90ee44c65', 'successorsuc', 'rotated', 'org-42', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, owner, quota_used, created_at, search_key_id, search_name, search_owner, changed_at, version)
	values ('145c1cb2-9496-4c0f-8cc9-7378002477a3', 'tenant', 'TenantTenant', 'acme_t', 'WWge', '{sha256}65d5545068a15c187219daa96cdc4f7e239c849d230f5d3782c20e6ad29f6788', 'till', 'org-7', 0, '2026-06-01 12:00:00.123456+00', 'tenanttenant', 'till', 'org-7', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('bcec13d2-a8ad-4187-94b5-f2b375818447', 'api_key', 'django:kQ3xYz9A', 'django', '', '{django}pbkdf2_sha256$1000$saltSALT123$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4=', 'django, pbkdf2', 0, '2026-06-01 12:00:00.123456+00', 'django:kq3xyz9a', 'django, pbkdf2', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('06ca7abf-f86c-4def-8788-a58a4ddecfa2', 'api_key', 'django:mN4pQr5S', 'django', '', '{django}sha512$$49541f64a4c6c5fbbd2e616c7a44151898ab84a223b3842f5435fbc3c72525517477023049140c5defb2ec665cb15cf9264a75f1f59793c64bd3c037a9619de6', 'django, sha512', 0, '2026-06-01 12:00:00.123456+00', 'django:mn4pqr5s', 'django, sha512', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('3fbcc59b-87d9-42ce-8003-3349cb0a7cfe', 'api_key', 'opaque:4c1f86869f74336b80fb64e8', 'opaque', '', '{sha256}aa9ed57a25085a7eb81bc9ea6aaab2f271179951ddbfe35d6c1605d4dbe49fe4', 'opaque', 0, '2026-06-01 12:00:00.123456+00', 'opaque:4c1f86869f74336b80fb64e8', 'opaque', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('a695a429-6516-45aa-be8d-5adf778fb48c', 'api_key', 'pair:bcrypt', 'pair', '', '{encoded}{bcrypt}$2a$04$gD54Il.YTPflolbqtXXP5OwndBz5jEuQOOqY5M27C5v6PZ4ylTKI6', 'bcrypt', 0, '2026-06-01 12:00:00.123456+00', 'pair:bcrypt', 'bcrypt', '2026-06-01 12:00:00.123456+00', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values ('2310ee53-bb55-4f6c-8e82-271c518dcfc6', 'api_key', 'pair:sha512', 'pair', '', '{sha512}dc97d1755d27842d25d4755849776e4704aa7f469fe861538c26eddb0aaaa09a6caa7ab1e998a05d0571f2c34377afc123aef33f0f7ee3647a1cbf1ef542d9a0', 'sha512', 0, '2026-06-01 12:00:00.123456+00', 'pair:sha512', 'sha512', '2026-06-01 12:00:00.123456+00', 0);
insert into tenant_api_key (id, tenant)
	values ('145c1cb2-9496-4c0f-8cc9-7378002477a3', 'Mountain Inn');
insert into api_key_scope (api_key_id, scope)
	values ('9e286bc2-a4ef-46f9-a9a5-c57429052ecb', 'orders:read');
insert into api_key_scope (api_key_id, scope)
	values ('bcec13d2-a8ad-4187-94b5-f2b375818447', 'orders:read');
insert into api_key_scope (api_key_id, scope)
	values ('fb4d6ef0-315f-42f4-8f2a-9d9e4f6c64eb', 'orders:read');
insert into api_key_scope (api_key_id, scope)
	values ('fb4d6ef0-315f-42f4-8f2a-9d9e4f6c64eb', 'orders:write');
insert into api_key_metadata (api_key_id, name, content)
	values ('fb4d6ef0-315f-42f4-8f2a-9d9e4f6c64eb', 'cost-centre', '4711');
insert into api_key_metadata (api_key_id, name, content)
	values ('fb4d6ef0-315f-42f4-8f2a-9d9e4f6c64eb', 'team', 'finance');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('fb4d6ef0-315f-42f4-8f2a-9d9e4f6c64eb', 'Sha256Sha256', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values ('fb4d6ef0-315f-42f4-8f2a-9d9e4f6c64eb', 'Sha256Sha256', 'UPDATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1', 'scopes');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('145c1cb2-9496-4c0f-8cc9-7378002477a3', 'TenantTenant', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('a5f7c494-1b08-410d-b876-dbe90ee44c65', 'RotatedRotat', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values ('a2fc37e7-72b9-4406-81d7-bee048170e1c', 'SuccessorSuc', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1', 'RotatedRotat');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values ('a5f7c494-1b08-410d-b876-dbe90ee44c65', 'RotatedRotat', 'ROTATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1', 'SuccessorSuc');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('cccbe797-9b29-46b4-9fa4-d26a88c6c796', 'DisabledDisa', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('cccbe797-9b29-46b4-9fa4-d26a88c6c796', 'DisabledDisa', 'DISABLED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('83eea224-6f2e-4588-bd40-aadc84294400', 'ExpiredExpir', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('9e286bc2-a4ef-46f9-a9a5-c57429052ecb', 'RevokedRevok', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values ('9e286bc2-a4ef-46f9-a9a5-c57429052ecb', 'RevokedRevok', 'REVOKED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1', 'Found in a repository');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('0fc2330e-55ef-453d-8f4e-2a14ccd085cd', 'NotYetNotYet', 'CREATED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('bcec13d2-a8ad-4187-94b5-f2b375818447', 'django:kQ3xYz9A', 'IMPORTED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('06ca7abf-f86c-4def-8788-a58a4ddecfa2', 'django:mN4pQr5S', 'IMPORTED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('a695a429-6516-45aa-be8d-5adf778fb48c', 'pair:bcrypt', 'IMPORTED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('2310ee53-bb55-4f6c-8e82-271c518dcfc6', 'pair:sha512', 'IMPORTED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values ('3fbcc59b-87d9-42ce-8003-3349cb0a7cfe', 'opaque:4c1f86869f74336b80fb64e8', 'IMPORTED', '2026-06-01 12:00:00.123456+00', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values ('9591bbde-5ad0-44ed-a2f1-aec8fc7d40b8', 'FormerFormer', 'CREATED', '2026-06-01 12:00:00.123456+00');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values ('e042dfd0-b5c9-4cf4-a756-76161e49f81d', 'Hmac2026Hmac', 'CREATED', '2026-06-01 12:00:00.123456+00');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values ('a5e5e318-65a8-4472-bab4-214948252371', 'PurgedPurged', 'CREATED', '2025-01-17 12:00:00.123456+00');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values ('a5e5e318-65a8-4472-bab4-214948252371', 'PurgedPurged', 'REVOKED', '2025-01-17 12:00:00.123456+00');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values ('a5e5e318-65a8-4472-bab4-214948252371', 'PurgedPurged', 'PURGED', '2026-06-01 12:00:00.123456+00');
insert into api_key_usage (api_key_id, usage_day, requests, refusals)
	values ('fb4d6ef0-315f-42f4-8f2a-9d9e4f6c64eb', '2026-06-01', 1, 1);
insert into api_key_usage_total (usage_day, requests, refusals)
	values ('2026-06-01', 1, 1);
insert into api_key_owner (owner, locks)
	values ('org-42', 2);
insert into api_key_owner (owner, locks, invalidated_at)
	values ('org-7', 1, '2026-11-25 15:51:55.236719+00');
