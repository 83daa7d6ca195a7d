-- Programs that call us: what they prove themselves with, and the answers they may ask for again.

-- The key is the SHA-256 of the token, so that a stolen database signs nobody in. A raised epoch of the person ends it.
create table api_token (
    id integer primary key autoincrement,
    token_hash text not null unique,
    user_id integer not null references staff_user (id),
    auth_epoch integer not null,
    address text not null,
    agent text not null,
    created_at text not null,
    expires_at text not null,
    seen_at text not null
) strict;
create index api_token_user on api_token (user_id);
create index api_token_expires on api_token (expires_at);

-- The first answer to a call under a key of its sender, written with what the call did.
create table api_answer (
    id integer primary key autoincrement,
    user_id integer not null references staff_user (id),
    key text not null,
    request_hash text not null,
    status integer not null,
    location text not null,
    body text not null,
    created_at text not null,
    unique (user_id, key)
) strict;
create index api_answer_created on api_answer (created_at);
