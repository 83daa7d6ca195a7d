-- What is written to people outside, and where nobody can be reached.

create table message (
    id integer primary key autoincrement,
    channel text not null check (channel in ('email', 'telegram')),
    address text not null,
    kind text not null,
    subject text not null,
    text text not null,
    -- to whom; neither for an address of the organisation itself
    owner_id integer references owner (id),
    user_id integer references staff_user (id),
    -- tried when the recipient cannot be reached by the first
    then_channel text,
    then_address text,
    state text not null check (state in ('waiting', 'sent', 'parked', 'refused', 'held')),
    attempts integer not null default 0,
    -- not before
    next_at text not null,
    -- the node that is sending it is believed alive until then
    lease_until text,
    sent_at text,
    -- how the carrier calls it
    provider_id text not null default '',
    error text not null default '',
    -- in the link with which the recipient wants no more
    token text not null unique,
    -- a second message with the same key is the first one
    key text unique,
    created_at text not null
) strict;
create index message_waiting on message (state, next_at, id);
create index message_of_owner on message (owner_id);
create index message_of_user on message (user_id);

create table unreachable (
    channel text not null check (channel in ('email', 'telegram')),
    address text not null,
    reason text not null,
    since text not null,
    primary key (channel, address)
) strict;
