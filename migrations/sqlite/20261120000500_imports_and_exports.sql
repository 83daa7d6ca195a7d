-- Files that came in, what was planned from them row by row, what was made, and the reports that went out.

create table import_batch (
    id integer primary key autoincrement,
    site_id integer not null references site (id),
    kind text not null check (kind in ('registry', 'readings')),
    file_name text not null,
    file_hash text not null,
    state text not null check (state in ('uploaded', 'planned', 'running', 'done', 'failed', 'undone')),
    mapping text not null default '{}',
    summary text not null default '{}',
    result_hash text,
    job_id integer references job (id),
    created_by integer references staff_user (id),
    created_at text not null,
    planned_at text,
    executed_by integer references staff_user (id),
    executed_at text,
    undone_by integer references staff_user (id),
    undone_at text
) strict;
create index import_batch_site on import_batch (site_id, id);

create table import_row (
    id integer primary key autoincrement,
    batch_id integer not null references import_batch (id),
    position integer not null,
    sheet text not null,
    row_number integer not null,
    label text not null,
    action text not null check (action in ('create', 'change', 'same', 'problem', 'skip')),
    -- What exactly will be done and how it differs from what is there, as JSON.
    plan text not null,
    problems text not null default '[]',
    outcome text not null default '',
    unique (batch_id, position)
) strict;
create index import_row_action on import_row (batch_id, action, position);

-- What a batch made or changed, in order, so that it can be undone backwards.
create table import_effect (
    id integer primary key autoincrement,
    batch_id integer not null references import_batch (id),
    position integer not null,
    subject_kind text not null,
    subject_id integer not null,
    before_values text
) strict;
create index import_effect_batch on import_effect (batch_id, id);

create table import_header (
    header text primary key,
    field text not null
) strict;

create table export (
    id integer primary key autoincrement,
    kind text not null,
    title text not null,
    site_id integer references site (id),
    period text,
    options text not null default '{}',
    file_name text not null,
    file_hash text,
    size_bytes integer,
    row_count integer,
    job_id integer references job (id),
    created_by integer references staff_user (id),
    created_at text not null
) strict;
create index export_created on export (created_at);
create index export_site on export (site_id, id);
