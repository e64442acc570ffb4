-- Makes of the tables that Hibernate made from the entities those that the scripts of version 2 make.
-- For tables with their usual names. Run it in one go, with a backup, while no application uses them.
alter table api_key add column converted varchar(100);
update api_key set converted = key_type;
alter table api_key drop column key_type;
alter table api_key alter column converted rename to key_type;
alter table api_key alter column key_type set not null;
alter table api_key add column converted varchar(100);
update api_key set converted = key_id;
alter table api_key drop column key_id;
alter table api_key alter column converted rename to key_id;
alter table api_key alter column key_id set not null;
alter table api_key add constraint uk_api_key_key_id unique (key_id);

alter table api_key_event add column converted varchar(30);
update api_key_event set converted = event_type;
alter table api_key_event drop column event_type;
alter table api_key_event alter column converted rename to event_type;
alter table api_key_event alter column event_type set not null;

alter table api_key_scope drop constraint fk57lkbbyhn4gf48i9lpgtci1j4;
alter table api_key_scope add constraint fk_api_key_scope_api_key
	foreign key (api_key_id) references api_key (id) on delete cascade;
alter table api_key_metadata drop constraint fk7fsxbkcfe5xcok52ix1x0q7w0;
alter table api_key_metadata add constraint fk_api_key_metadata_api_key
	foreign key (api_key_id) references api_key (id) on delete cascade;

alter table api_key_usage drop primary key;
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
