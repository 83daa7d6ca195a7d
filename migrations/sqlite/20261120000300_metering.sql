-- Meters and what was read from them. A reading is never edited: a correction is a new reading that supersedes the old one.

create table meter (
    id integer primary key autoincrement,
    serial text not null,
    resource text not null check (resource in ('water', 'electricity')),
    model text not null default '',
    dial_digits integer not null check (dial_digits between 1 and 12),
    dial_decimals integer not null default 0 check (dial_decimals between 0 and 3),
    verified_on text,
    verify_by text,
    note text not null default '',
    created_at text not null,
    unique (resource, serial)
) strict;
create index meter_verify_by on meter (verify_by);

create table register (
    id integer primary key autoincrement,
    meter_id integer not null references meter (id),
    zone text not null check (zone in ('single', 'day', 'night', 'peak', 'half_peak')),
    position integer not null,
    unique (meter_id, zone)
) strict;

-- A meter stands at a premise, or, as a common meter, at the site itself.
create table installation (
    id integer primary key autoincrement,
    meter_id integer not null references meter (id),
    premise_id integer references premise (id),
    site_id integer not null references site (id),
    feeder text not null default '',
    installed_on text not null,
    removed_on text,
    removal_reason text not null default '',
    check (removed_on is null or removed_on >= installed_on)
) strict;
create unique index installation_standing on installation (meter_id) where removed_on is null;
create index installation_premise on installation (premise_id, installed_on);
create index installation_site on installation (site_id, premise_id);

create table installation_value (
    installation_id integer not null references installation (id),
    register_id integer not null references register (id),
    opening_thousandths integer not null check (opening_thousandths >= 0),
    closing_thousandths integer check (closing_thousandths >= 0),
    primary key (installation_id, register_id)
) strict;
create index installation_value_register on installation_value (register_id);

-- The round: the list that is walked in a month, split among controllers, in walking order.
create table round (
    id integer primary key autoincrement,
    site_id integer not null references site (id),
    period text not null,
    title text not null,
    created_by integer references staff_user (id),
    created_at text not null,
    closed_at text
) strict;
create index round_site on round (site_id, period);

create table round_stop (
    id integer primary key autoincrement,
    round_id integer not null references round (id),
    premise_id integer not null references premise (id),
    controller_id integer references staff_user (id),
    position integer not null,
    section text not null default '',
    state text not null default 'left' check (state in ('left', 'done', 'revisit')),
    unique (round_id, premise_id)
) strict;
create index round_stop_walk on round_stop (round_id, controller_id, position);
create index round_stop_section on round_stop (round_id, section, position);
create index round_stop_premise on round_stop (premise_id);

create table visit (
    id integer primary key autoincrement,
    client_key text not null unique,
    content_hash text not null,
    premise_id integer not null references premise (id),
    round_id integer references round (id),
    controller_id integer not null references staff_user (id),
    outcome text not null check (outcome in ('read', 'no_access', 'no_meter', 'stopped', 'dog', 'other')),
    note text not null default '',
    visited_at text not null,
    received_at text not null
) strict;
create index visit_premise on visit (premise_id, visited_at);
create index visit_controller on visit (controller_id, visited_at);
create index visit_round on visit (round_id);

create table seal (
    id integer primary key autoincrement,
    meter_id integer not null references meter (id),
    number text not null default '',
    kind text not null check (kind in ('lead', 'plastic', 'sticker', 'magnetic', 'other')),
    place text not null default '',
    placed_on text,
    removed_on text
) strict;
create index seal_meter on seal (meter_id);

create table seal_check (
    id integer primary key autoincrement,
    seal_id integer references seal (id),
    meter_id integer not null references meter (id),
    visit_id integer references visit (id),
    state text not null check (state in ('intact', 'broken', 'missing')),
    note text not null default '',
    checked_at text not null,
    checked_by integer references staff_user (id)
) strict;
create index seal_check_meter on seal_check (meter_id, checked_at);
create index seal_check_seal on seal_check (seal_id);
create index seal_check_visit on seal_check (visit_id);

create table reading (
    id integer primary key autoincrement,
    installation_id integer not null references installation (id),
    taken_at text not null,
    received_at text not null,
    source text not null check (source in ('controller', 'owner', 'office', 'import', 'api', 'photo')),
    author_id integer references staff_user (id),
    visit_id integer references visit (id),
    batch_id integer,
    state text not null check (state in ('accepted', 'in_review', 'rejected', 'superseded')),
    -- What the checks said, as a JSON list of {flag, zone, numbers}; shown to people, never computed with.
    flags text not null default '[]',
    reason text not null default '' check (reason in ('', 'replaced', 'wrapped', 'typo_before', 'away', 'leak', 'repair', 'other')),
    note text not null default '',
    supersedes_id integer references reading (id),
    reviewed_by integer references staff_user (id),
    reviewed_at text,
    review_note text not null default '',
    client_key text unique
) strict;
create index reading_installation on reading (installation_id, taken_at);
create index reading_state on reading (state, received_at);
create index reading_visit on reading (visit_id);
create index reading_batch on reading (batch_id);
create unique index reading_supersedes on reading (supersedes_id);
create index reading_taken on reading (taken_at);

create table reading_value (
    reading_id integer not null references reading (id),
    register_id integer not null references register (id),
    value_thousandths integer not null check (value_thousandths >= 0),
    primary key (reading_id, register_id)
) strict;
create index reading_value_register on reading_value (register_id);

create table photo (
    id integer primary key autoincrement,
    client_key text unique,
    hash text not null,
    role text not null check (role in ('dial', 'seal', 'place')),
    premise_id integer references premise (id),
    meter_id integer references meter (id),
    visit_id integer references visit (id),
    reading_id integer references reading (id),
    author_id integer references staff_user (id),
    width integer not null,
    height integer not null,
    size_bytes integer not null,
    taken_at text not null,
    received_at text not null
) strict;
create index photo_hash on photo (hash);
create index photo_visit on photo (visit_id);
create index photo_reading on photo (reading_id);
create index photo_meter on photo (meter_id, taken_at);
create index photo_premise on photo (premise_id, taken_at);
