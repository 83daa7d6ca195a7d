-- Who may sign in, what is remembered of a browser that did, and how fast a stranger may guess.

create table setting (
    key text primary key,
    value text not null
) strict;

create table staff_user (
    id integer primary key autoincrement,
    login text not null unique,
    name text not null,
    role text not null check (role in ('administrator', 'manager', 'controller', 'accountant', 'chair', 'service')),
    email text not null default '',
    language text not null default 'ru' check (language in ('ru', 'en')),
    theme text not null default 'auto' check (theme in ('auto', 'light', 'dark')),
    password_hash text,
    totp_secret text,
    totp_last_step integer,
    is_blocked integer not null default 0 check (is_blocked in (0, 1)),
    auth_epoch integer not null default 1,
    created_at text not null
) strict;

-- A controller sees the sites he is given; other roles see all.
create table staff_user_site (
    user_id integer not null references staff_user (id),
    site_id integer not null,
    primary key (user_id, site_id)
) strict;

create table invite (
    id integer primary key autoincrement,
    user_id integer not null references staff_user (id),
    token_hash text not null unique,
    created_at text not null,
    expires_at text not null,
    used_at text
) strict;
create index invite_user on invite (user_id);

create table recovery_code (
    id integer primary key autoincrement,
    user_id integer not null references staff_user (id),
    code_hash text not null,
    used_at text
) strict;
create index recovery_code_user on recovery_code (user_id);

-- The key is the SHA-256 of the cookie, so that a stolen database signs nobody in.
create table session (
    id_hash text primary key,
    user_id integer references staff_user (id),
    data text not null,
    address text not null default '',
    agent text not null default '',
    created_at text not null,
    seen_at text not null,
    expires_at text not null
) strict;
create index session_of_user on session (user_id);
create index session_expires on session (expires_at);

-- The ladder of growing delays, one row per login and per address that failed lately.
create table sign_in_delay (
    subject text primary key,
    failures integer not null,
    failed_at text not null,
    until_at text not null
) strict;
