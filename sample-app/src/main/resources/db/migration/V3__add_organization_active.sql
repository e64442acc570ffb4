alter table organization add column active boolean default true not null;
