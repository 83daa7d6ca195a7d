-- What happened, for other programs: written with the change it tells of, published to a message broker where one is configured.

create table event (
    id integer primary key autoincrement,
    -- by which the broker and its readers know an event that comes twice; random, so that a restored database never gives one anew
    uid text not null unique,
    -- of the payload, for its kind
    version integer not null check (version > 0),
    -- `bill.issued`, `payment.received`; a new kind needs no new schema
    kind text not null,
    at text not null,
    payload text not null,
    published_at text
) strict;
-- every entry of it is the same but for the key; SQLite would rather walk the table than an index of keys
create index event_unpublished on event (published_at) where published_at is null;
create index event_at on event (at);

-- Which of several nodes publishes, and until when it may without saying so again: at most one row.
create table event_relay (
    id integer primary key check (id = 1),
    holder text not null,
    lease_until text not null
) strict;
