create table partner_api_key (
	id uuid primary key,
	partner varchar(100)
);
