-- Makes of the tables that Hibernate made from the entities those that the scripts of version 2 make.
-- For tables with their usual names. Run it in one go, with a backup, while no application uses them.
begin;
alter table api_key drop constraint if exists api_key_key_type_check;
alter table api_key_event drop constraint if exists api_key_event_event_type_check;

alter table api_key rename constraint api_key_pkey to pk_api_key;
-- the first by 'create', the second by 'update', both by one after the other
alter table api_key drop constraint if exists api_key_key_id_key;
alter table api_key drop constraint if exists uk4rx8a3gpjkagf3diw254x2ery;
alter table api_key add constraint uk_api_key_key_id unique (key_id);
alter table api_key_scope rename constraint api_key_scope_pkey to pk_api_key_scope;
alter table api_key_metadata rename constraint api_key_metadata_pkey to pk_api_key_metadata;
alter table api_key_event rename constraint api_key_event_pkey to pk_api_key_event;
alter table api_key_usage_total rename constraint api_key_usage_total_pkey to pk_api_key_usage_total;
alter table api_key_owner rename constraint api_key_owner_pkey to pk_api_key_owner;

alter table api_key alter column key_id type varchar(100) collate "C";
alter table api_key alter column search_key_id type varchar(100) collate "C";
alter table api_key alter column search_name type varchar(200) collate "C";
alter table api_key alter column search_owner type varchar(510) collate "C";

alter table api_key_scope drop constraint fk57lkbbyhn4gf48i9lpgtci1j4;
alter table api_key_scope add constraint fk_api_key_scope_api_key
	foreign key (api_key_id) references api_key (id) on delete cascade;
alter table api_key_metadata drop constraint fk7fsxbkcfe5xcok52ix1x0q7w0;
alter table api_key_metadata add constraint fk_api_key_metadata_api_key
	foreign key (api_key_id) references api_key (id) on delete cascade;

alter table api_key_usage drop constraint api_key_usage_pkey;
alter table api_key_usage add constraint pk_api_key_usage primary key (api_key_id, usage_day);

create index idx_api_key_key_type on api_key (key_type, created_at, id);
create index idx_api_key_owner on api_key (owner, created_at, id);
create index idx_api_key_created_at on api_key (created_at, id);
create index idx_api_key_not_before on api_key (not_before);
create index idx_api_key_expires_at on api_key (expires_at, id);
create index idx_api_key_disabled_at on api_key (disabled_at);
create index idx_api_key_state on api_key (revoked_at, expires_at, disabled_at, not_before, last_used_at);
create index idx_api_key_last_used_at on api_key (last_used_at, created_at, id);
create index idx_api_key_search_key_id on api_key (search_key_id);
create index idx_api_key_search_name on api_key (search_name, id);
create index idx_api_key_search_owner on api_key (search_owner);
create index idx_api_key_changed_at on api_key (changed_at);
create index idx_api_key_scope_scope on api_key_scope (scope, api_key_id);
create index idx_api_key_event_api_key_id on api_key_event (api_key_id, id);
create index idx_api_key_owner_invalidated_at on api_key_owner (invalidated_at);
commit;
