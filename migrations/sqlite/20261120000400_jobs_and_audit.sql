-- Work that outlives a request, and the record of who changed what.

create table job (
    id integer primary key autoincrement,
    kind text not null,
    arguments text not null default '{}',
    key text unique,
    state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
    done_count integer not null default 0,
    total_count integer not null default 0,
    result text not null default '',
    error text not null default '',
    attempts integer not null default 0,
    run_at text not null,
    created_by integer references staff_user (id),
    created_at text not null,
    started_at text,
    finished_at text,
    lease_until text
) strict;
create index job_waiting on job (state, run_at);
create index job_created on job (created_at);

create table schedule (
    name text primary key,
    next_at text not null,
    last_at text
) strict;

create table audit (
    id integer primary key autoincrement,
    at text not null,
    actor_id integer references staff_user (id),
    actor_name text not null,
    action text not null,
    subject_kind text not null,
    subject_id integer,
    subject_name text not null default '',
    address text not null default '',
    before_values text not null default '{}',
    after_values text not null default '{}'
) strict;
create index audit_subject on audit (subject_kind, subject_id, id);
create index audit_actor on audit (actor_id, id);
create index audit_at on audit (at);

-- What was seen stays as it was written.
create trigger reading_value_is_never_edited before update on reading_value
begin
    select raise(abort, 'a reading is never edited: supersede it');
end;

create trigger audit_is_never_edited before update on audit
begin
    select raise(abort, 'the audit is only added to');
end;

create trigger audit_is_never_deleted before delete on audit
begin
    select raise(abort, 'the audit is only added to');
end;
