create table api_key (
	id uuid not null,
	key_type varchar(100) not null,
	key_id varchar(100) character set ascii collate ascii_bin not null,
	prefix varchar(48) not null,
	last_characters varchar(4) not null,
	hash varchar(500) not null,
	name varchar(100) not null,
	description varchar(1000),
	owner varchar(255),
	allowed_addresses varchar(1000),
	rate_limits varchar(200),
	quota bigint,
	quota_used bigint not null,
	created_at datetime(6) not null,
	not_before datetime(6),
	expires_at datetime(6),
	disabled_at datetime(6),
	revoked_at datetime(6),
	predecessor_id uuid,
	successor_id uuid,
	last_used_at datetime(6),
	last_used_from varchar(45),
	search_key_id varchar(100) not null,
	search_name varchar(200) not null,
	search_owner varchar(510),
	changed_at datetime(6) not null,
	version bigint not null,
	constraint pk_api_key primary key (id),
	constraint uk_api_key_key_id unique (key_id)
) engine=InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin;

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

create table api_key_scope (
	api_key_id uuid not null,
	scope varchar(100) not null,
	constraint pk_api_key_scope primary key (api_key_id, scope),
	constraint fk_api_key_scope_api_key foreign key (api_key_id) references api_key (id) on delete cascade
) engine=InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin;

create index idx_api_key_scope_scope on api_key_scope (scope, api_key_id);

create table api_key_metadata (
	api_key_id uuid not null,
	name varchar(100) not null,
	content varchar(1000) not null,
	constraint pk_api_key_metadata primary key (api_key_id, name),
	constraint fk_api_key_metadata_api_key foreign key (api_key_id) references api_key (id) on delete cascade
) engine=InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin;

create table api_key_event (
	id bigint not null auto_increment,
	api_key_id uuid not null,
	key_id varchar(100) not null,
	event_type varchar(30) not null,
	occurred_at datetime(6) not null,
	actor varchar(255),
	address varchar(45),
	detail varchar(1000),
	constraint pk_api_key_event primary key (id)
) engine=InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin;

create index idx_api_key_event_api_key_id on api_key_event (api_key_id, id);

create table api_key_usage (
	api_key_id uuid not null,
	usage_day date not null,
	requests bigint not null,
	refusals bigint not null,
	constraint pk_api_key_usage primary key (api_key_id, usage_day)
) engine=InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin;

create table api_key_usage_total (
	usage_day date not null,
	requests bigint not null,
	refusals bigint not null,
	constraint pk_api_key_usage_total primary key (usage_day)
) engine=InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin;

create table api_key_owner (
	owner varchar(255) not null,
	locks bigint not null,
	invalidated_at datetime(6),
	constraint pk_api_key_owner primary key (owner)
) engine=InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin;

create index idx_api_key_owner_invalidated_at on api_key_owner (invalidated_at);
