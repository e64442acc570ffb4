create sequence customer_seq increment by 50;
create table customer (id bigint not null primary key);
create table host_api_key (id bigint not null primary key);
