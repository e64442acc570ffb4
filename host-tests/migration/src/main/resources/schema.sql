create table rest_framework_api_key_apikey (
	id varchar(150) primary key,
	created timestamp with time zone not null,
	name varchar(50) not null,
	revoked boolean not null,
	expiry_date timestamp with time zone,
	hashed_key varchar(150) not null,
	prefix varchar(8) not null unique
);

create table customer_token (
	token_sha256 char(64) primary key,
	customer varchar(50) not null
);
