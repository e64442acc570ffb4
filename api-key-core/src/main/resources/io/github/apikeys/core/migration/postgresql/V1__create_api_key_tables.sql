create table api_key (
	id uuid not null,
	key_type varchar(100) not null,
	key_id varchar(100) not null,
	prefix varchar(48) not null,
	last_characters varchar(4) not null,
	hash varchar(500) not null,
	name varchar(100) not null,
	description varchar(1000),
	owner varchar(255),
	created_at timestamp(6) with time zone not null,
	not_before timestamp(6) with time zone,
	expires_at timestamp(6) with time zone,
	disabled_at timestamp(6) with time zone,
	revoked_at timestamp(6) with time zone,
	changed_at timestamp(6) with time zone not null,
	version bigint not null,
	constraint pk_api_key primary key (id),
	constraint uk_api_key_key_id unique (key_id)
);

create index idx_api_key_owner on api_key (owner);
create index idx_api_key_created_at on api_key (created_at, id);
create index idx_api_key_changed_at on api_key (changed_at);

create table api_key_scope (
	api_key_id uuid not null,
	scope varchar(100) not null,
	constraint pk_api_key_scope primary key (api_key_id, scope),
	constraint fk_api_key_scope_api_key foreign key (api_key_id) references api_key (id) on delete cascade
);

create index idx_api_key_scope_scope on api_key_scope (scope);

create table api_key_metadata (
	api_key_id uuid not null,
	name varchar(100) not null,
	content varchar(1000) not null,
	constraint pk_api_key_metadata primary key (api_key_id, name),
	constraint fk_api_key_metadata_api_key foreign key (api_key_id) references api_key (id) on delete cascade
);
