insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, disabled_at, search_key_id, search_name, changed_at, version)
	values (x'f145d0a44b114ed7ac223d5a7e8a1575', 'api_key', 'DisabledDisa', 'acme', 'gCn7', '{sha256}75a87c7cee43f54e03caf1000146d3b7dcafd728c9e1ba4b3d6cadfb6a4ab6c9', 'disabled', 0, '2026-06-01 12:00:00.123456', '2026-06-01 12:00:00.123456', 'disableddisa', 'disabled', '2026-11-25 15:52:35.351996', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, expires_at, search_key_id, search_name, changed_at, version)
	values (x'07b1a14a46e44f79952b7f07e88631e6', 'api_key', 'ExpiredExpir', 'acme', 'mhEB', '{sha256}5edba627e49f9436396d6c7a7d31bba3e97e307f0c5c7ea9a4b60d149afe14bc', 'expired', 0, '2026-06-01 12:00:00.123456', '2026-06-02 12:00:00.123456', 'expiredexpir', 'expired', '2026-06-01 12:00:00.123456', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values (x'79c8f514bc834572889becf045642e73', 'api_key', 'FormerFormer', 'old', 'XV0a', '{sha256}dd27d50852547bcb9dbcf9c80040b195433bb94073c4566d385ff7d4d3dc15cc', 'former prefix', 0, '2026-06-01 12:00:00.123456', 'formerformer', 'former prefix', '2026-06-01 12:00:00.123456', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values (x'cd868b3e72b842ea9bc3f7ae192d015c', 'api_key', 'Hmac2026Hmac', 'acme', 'CTiN', '{hmac-sha256:2026}512d6c1d80b04369072d8363c24171c10186a8a75a4e50de3f86758cba37513a', 'peppered', 0, '2026-06-01 12:00:00.123456', 'hmac2026hmac', 'peppered', '2026-06-01 12:00:00.123456', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, not_before, search_key_id, search_name, changed_at, version)
	values (x'e7294cd334184634afadcde5851b7680', 'api_key', 'NotYetNotYet', 'acme', '27NQ', '{sha256}7d56dcf60f58ee9ff77ea4b2da5ee4307e88c4be0b080c14e7be51cbabc46c66', 'not yet valid', 0, '2026-06-01 12:00:00.123456', '2999-01-01 00:00:00.000000', 'notyetnotyet', 'not yet valid', '2026-06-01 12:00:00.123456', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, revoked_at, search_key_id, search_name, changed_at, version)
	values (x'f8f6b711aa7d40bfa83170da1379f969', 'api_key', 'RevokedRevok', 'acme', '63aS', '{sha256}d209e0b388c4a3a50f0e667257ec8674591c441130654c8a26513b13f1c554df', 'revoked', 0, '2026-06-01 12:00:00.123456', '2026-06-01 12:00:00.123456', 'revokedrevok', 'revoked', '2026-11-25 15:52:35.393706', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, owner, quota_used, created_at, expires_at, successor_id, search_key_id, search_name, search_owner, changed_at, version)
	values (x'a97db1ef1c29485b98c4dd66894dd77a', 'api_key', 'RotatedRotat', 'acme', 'C0kh', '{sha256}7c3c1c7dd6bbac090fe7ac12295467e141c00fd29806a0b44ad002773c9732f2', 'rotated', 'org-42', 0, '2026-06-01 12:00:00.123456', '2026-06-02 12:00:00.123456', x'b45e2525876b4e448fe481f93205d723', 'rotatedrotat', 'rotated', 'org-42', '2026-11-25 15:52:35.320723', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, description, owner, allowed_addresses, rate_limits, quota, quota_used, created_at, not_before, expires_at, last_used_at, last_used_from, search_key_id, search_name, search_owner, changed_at, version)
	values (x'ac2f553affc44aa8851b9d50e9b9cbcb', 'api_key', 'Sha256Sha256', 'acme', 'ZcT3', '{sha256}a7cde779c06e710540f0b6da9efa1664f6a1bef1ac6320ce3afdde8bedda32b2', 'Billing, über Nacht', 'Sends invoices.
It''s for the night.', 'org-42', '192.0.2.0/24 2001:db8::1', '100/1m, 5000/1d', 1000, 1, '2026-06-01 12:00:00.123456', '2026-06-01 11:59:00.123456', '2999-12-31 23:59:59.999999', '2026-06-01 12:00:00.123456', '192.0.2.7', 'sha256sha256', 'billing, über nacht', 'org-42', '2026-11-25 15:52:35.227351', 1);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, owner, quota_used, created_at, predecessor_id, search_key_id, search_name, search_owner, changed_at, version)
	values (x'b45e2525876b4e448fe481f93205d723', 'api_key', 'SuccessorSuc', 'acme', 'qW0Z', '{sha256}aec6af18bd260d76be756ea8cf4ba51c3df32932c50730eeb3d05c8d1cbf66b7', 'rotated', 'org-42', 0, '2026-06-01 12:00:00.123456', x'a97db1ef1c29485b98c4dd66894dd77a', 'successorsuc', 'rotated', 'org-42', '2026-06-01 12:00:00.123456', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, owner, quota_used, created_at, search_key_id, search_name, search_owner, changed_at, version)
	values (x'3cbc8ac4b4d4486795e16148d13baad3', 'tenant', 'TenantTenant', 'acme_t', 'WWge', '{sha256}65d5545068a15c187219daa96cdc4f7e239c849d230f5d3782c20e6ad29f6788', 'till', 'org-7', 0, '2026-06-01 12:00:00.123456', 'tenanttenant', 'till', 'org-7', '2026-06-01 12:00:00.123456', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values (x'83af1a786af84c9e952824753c05f994', 'api_key', 'django:kQ3xYz9A', 'django', '', '{django}pbkdf2_sha256$1000$saltSALT123$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4=', 'django, pbkdf2', 0, '2026-06-01 12:00:00.123456', 'django:kq3xyz9a', 'django, pbkdf2', '2026-06-01 12:00:00.123456', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values (x'd964bf449190441883636ae6fbfb908d', 'api_key', 'django:mN4pQr5S', 'django', '', '{django}sha512$$49541f64a4c6c5fbbd2e616c7a44151898ab84a223b3842f5435fbc3c72525517477023049140c5defb2ec665cb15cf9264a75f1f59793c64bd3c037a9619de6', 'django, sha512', 0, '2026-06-01 12:00:00.123456', 'django:mn4pqr5s', 'django, sha512', '2026-06-01 12:00:00.123456', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values (x'e517dfb69b5f42a09b3254d8ef5cff43', 'api_key', 'opaque:4c1f86869f74336b80fb64e8', 'opaque', '', '{sha256}aa9ed57a25085a7eb81bc9ea6aaab2f271179951ddbfe35d6c1605d4dbe49fe4', 'opaque', 0, '2026-06-01 12:00:00.123456', 'opaque:4c1f86869f74336b80fb64e8', 'opaque', '2026-06-01 12:00:00.123456', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values (x'c08977fb9f3c4d76a2ee89aeede342db', 'api_key', 'pair:bcrypt', 'pair', '', '{encoded}{bcrypt}$2a$04$0uZDU4W4FDxFaWvyH62J1.IAhY.WUKXIE/RZzNvw19CGLlBwjhEtW', 'bcrypt', 0, '2026-06-01 12:00:00.123456', 'pair:bcrypt', 'bcrypt', '2026-06-01 12:00:00.123456', 0);
insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at, search_key_id, search_name, changed_at, version)
	values (x'ecd8f0819ffa47abaf6626e6359181c0', 'api_key', 'pair:sha512', 'pair', '', '{sha512}dc97d1755d27842d25d4755849776e4704aa7f469fe861538c26eddb0aaaa09a6caa7ab1e998a05d0571f2c34377afc123aef33f0f7ee3647a1cbf1ef542d9a0', 'sha512', 0, '2026-06-01 12:00:00.123456', 'pair:sha512', 'sha512', '2026-06-01 12:00:00.123456', 0);
insert into tenant_api_key (id, tenant)
	values (x'3cbc8ac4b4d4486795e16148d13baad3', 'Mountain Inn');
insert into api_key_scope (api_key_id, scope)
	values (x'83af1a786af84c9e952824753c05f994', 'orders:read');
insert into api_key_scope (api_key_id, scope)
	values (x'ac2f553affc44aa8851b9d50e9b9cbcb', 'orders:read');
insert into api_key_scope (api_key_id, scope)
	values (x'ac2f553affc44aa8851b9d50e9b9cbcb', 'orders:write');
insert into api_key_scope (api_key_id, scope)
	values (x'f8f6b711aa7d40bfa83170da1379f969', 'orders:read');
insert into api_key_metadata (api_key_id, name, content)
	values (x'ac2f553affc44aa8851b9d50e9b9cbcb', 'cost-centre', '4711');
insert into api_key_metadata (api_key_id, name, content)
	values (x'ac2f553affc44aa8851b9d50e9b9cbcb', 'team', 'finance');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'ac2f553affc44aa8851b9d50e9b9cbcb', 'Sha256Sha256', 'CREATED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values (x'ac2f553affc44aa8851b9d50e9b9cbcb', 'Sha256Sha256', 'UPDATED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1', 'scopes');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'3cbc8ac4b4d4486795e16148d13baad3', 'TenantTenant', 'CREATED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'a97db1ef1c29485b98c4dd66894dd77a', 'RotatedRotat', 'CREATED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values (x'b45e2525876b4e448fe481f93205d723', 'SuccessorSuc', 'CREATED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1', 'RotatedRotat');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values (x'a97db1ef1c29485b98c4dd66894dd77a', 'RotatedRotat', 'ROTATED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1', 'SuccessorSuc');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'f145d0a44b114ed7ac223d5a7e8a1575', 'DisabledDisa', 'CREATED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'f145d0a44b114ed7ac223d5a7e8a1575', 'DisabledDisa', 'DISABLED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'07b1a14a46e44f79952b7f07e88631e6', 'ExpiredExpir', 'CREATED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'f8f6b711aa7d40bfa83170da1379f969', 'RevokedRevok', 'CREATED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address, detail)
	values (x'f8f6b711aa7d40bfa83170da1379f969', 'RevokedRevok', 'REVOKED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1', 'Found in a repository');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'e7294cd334184634afadcde5851b7680', 'NotYetNotYet', 'CREATED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'83af1a786af84c9e952824753c05f994', 'django:kQ3xYz9A', 'IMPORTED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'd964bf449190441883636ae6fbfb908d', 'django:mN4pQr5S', 'IMPORTED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'c08977fb9f3c4d76a2ee89aeede342db', 'pair:bcrypt', 'IMPORTED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'ecd8f0819ffa47abaf6626e6359181c0', 'pair:sha512', 'IMPORTED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at, actor, address)
	values (x'e517dfb69b5f42a09b3254d8ef5cff43', 'opaque:4c1f86869f74336b80fb64e8', 'IMPORTED', '2026-06-01 12:00:00.123456', 'alice', '192.0.2.1');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values (x'79c8f514bc834572889becf045642e73', 'FormerFormer', 'CREATED', '2026-06-01 12:00:00.123456');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values (x'cd868b3e72b842ea9bc3f7ae192d015c', 'Hmac2026Hmac', 'CREATED', '2026-06-01 12:00:00.123456');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values (x'aaeaaf69fbf84b128a9b6b1f948df276', 'PurgedPurged', 'CREATED', '2025-01-17 12:00:00.123456');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values (x'aaeaaf69fbf84b128a9b6b1f948df276', 'PurgedPurged', 'REVOKED', '2025-01-17 12:00:00.123456');
insert into api_key_event (api_key_id, key_id, event_type, occurred_at)
	values (x'aaeaaf69fbf84b128a9b6b1f948df276', 'PurgedPurged', 'PURGED', '2026-06-01 12:00:00.123456');
insert into api_key_usage (api_key_id, usage_day, requests, refusals)
	values (x'ac2f553affc44aa8851b9d50e9b9cbcb', '2026-06-01', 1, 1);
insert into api_key_usage_total (usage_day, requests, refusals)
	values ('2026-06-01', 1, 1);
insert into api_key_owner (owner, locks)
	values ('org-42', 2);
insert into api_key_owner (owner, locks, invalidated_at)
	values ('org-7', 1, '2026-11-25 15:52:35.254037');
