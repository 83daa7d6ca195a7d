-- What was written to people who owe, in which round of letters, and who is to be left alone.

create table notice_run (
    id integer primary key autoincrement,
    -- the next step of each person's ladder when empty
    kind text check (kind in ('reminder', 'debt_letter', 'pre_court')),
    site_id integer references site (id),
    least_kopecks integer not null,
    -- a step is not taken before so many days after the last
    step_days integer not null,
    by_email integer not null check (by_email in (0, 1)),
    made_by integer references staff_user (id),
    made_at text not null,
    finished_at text,
    -- a second round with the same key is the first one
    key text unique
) strict;

create table notice (
    id integer primary key autoincrement,
    run_id integer not null references notice_run (id),
    owner_id integer not null references owner (id),
    kind text not null check (kind in ('reminder', 'debt_letter', 'pre_court')),
    debt_kopecks integer not null check (debt_kopecks > 0),
    subject text not null,
    text text not null,
    -- sent as a message, or to be printed
    is_paper integer not null check (is_paper in (0, 1)),
    written_on text not null,
    unique (run_id, owner_id)
) strict;
create index notice_of_owner on notice (owner_id, id);

create table debtor_mark (
    id integer primary key autoincrement,
    owner_id integer not null references owner (id),
    kind text not null check (kind in ('promise', 'leave_alone')),
    until_on text not null,
    note text not null,
    made_by integer references staff_user (id),
    made_at text not null,
    removed_at text
) strict;
create index debtor_mark_of_owner on debtor_mark (owner_id, until_on);

create table notice_schedule (
    site_id integer primary key references site (id),
    -- 1 to 28
    month_day integer not null check (month_day between 1 and 28),
    least_kopecks integer not null,
    step_days integer not null,
    is_on integer not null check (is_on in (0, 1))
) strict;
