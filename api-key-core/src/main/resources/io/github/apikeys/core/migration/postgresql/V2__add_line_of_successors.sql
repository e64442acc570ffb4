-- Which line of successors a key belongs to: the id of the first, or null for a key that is the first.
-- Rate limits are counted by it.
alter table api_key add column line_id uuid;

-- Of a key and its successors that are there already, two can be used at most: the last, and the one before, which
-- becomes the first of their line. The others have ended.
update api_key set line_id = predecessor_id where predecessor_id is not null and successor_id is null;
