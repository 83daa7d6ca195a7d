-- What is metered and who answers for it: sites, premises, owners, accounts, contracts, and the index people search by.

create table site (
    id integer primary key autoincrement,
    name text not null unique,
    kind text not null check (kind in ('garden', 'building')),
    address text not null default '',
    time_zone text not null,
    check_high_percent integer not null default 300 check (check_high_percent between 110 and 10000),
    check_low_percent integer not null default 10 check (check_low_percent between 0 and 90),
    check_zero_months integer not null default 3 check (check_zero_months between 1 and 24),
    created_at text not null,
    ended_on text
) strict;

create table premise (
    id integer primary key autoincrement,
    site_id integer not null references site (id),
    kind text not null check (kind in ('plot', 'apartment')),
    label text not null,
    sort_key text not null,
    part_array text not null default '',
    part_line text not null default '',
    part_sector text not null default '',
    area_thousandths integer check (area_thousandths > 0),
    note text not null default '',
    created_at text not null,
    ended_on text,
    unique (site_id, label)
) strict;
create index premise_walk on premise (site_id, sort_key, id);
create index premise_array on premise (site_id, part_array, part_line);

create table owner (
    id integer primary key autoincrement,
    kind text not null check (kind in ('person', 'company')),
    last_name text not null,
    first_name text not null default '',
    patronymic text not null default '',
    full_name text not null,
    sort_key text not null,
    email text not null default '',
    note text not null default '',
    created_at text not null
) strict;
create index owner_sort on owner (sort_key, id);

create table owner_phone (
    id integer primary key autoincrement,
    owner_id integer not null references owner (id),
    phone text not null,
    position integer not null default 0,
    unique (owner_id, phone)
) strict;
create index owner_phone_phone on owner_phone (phone);

create table ownership (
    id integer primary key autoincrement,
    premise_id integer not null references premise (id),
    owner_id integer not null references owner (id),
    share_numerator integer not null default 1 check (share_numerator > 0),
    share_denominator integer not null default 1 check (share_denominator >= share_numerator and share_denominator <= 10000),
    from_on text not null,
    until_on text,
    reason text not null default '',
    check (until_on is null or until_on >= from_on)
) strict;
create index ownership_premise on ownership (premise_id, from_on);
create index ownership_owner on ownership (owner_id, from_on);

create table account (
    id integer primary key autoincrement,
    number text not null unique,
    premise_id integer not null references premise (id),
    payer_id integer not null references owner (id),
    opened_on text not null,
    closed_on text,
    check (closed_on is null or closed_on >= opened_on)
) strict;
create index account_premise on account (premise_id);
create index account_payer on account (payer_id);

create table contract (
    id integer primary key autoincrement,
    account_id integer not null references account (id),
    service text not null check (service in ('water', 'electricity', 'upkeep', 'contribution')),
    number text not null,
    signed_on text not null,
    ended_on text,
    note text not null default '',
    check (ended_on is null or ended_on >= signed_on)
) strict;
create index contract_account on contract (account_id);
create index contract_service on contract (service, signed_on);
create index contract_number on contract (number);

-- Every ending of every word worth finding, folded: a prefix of a row finds any part of a word through an index, on both engines alike.
create table search_term (
    term text not null,
    kind text not null check (kind in ('premise', 'owner', 'meter', 'contract')),
    entity_id integer not null,
    primary key (term, kind, entity_id)
) strict, without rowid;
create index search_term_entity on search_term (kind, entity_id);
