-- Months closed for good, with what the chain of transfers was then; and what the nightly check of the books found.

create table month_closing (
    id integer primary key autoincrement,
    site_id integer not null references site (id),
    period text not null,
    -- the place in the chain of the last transfer effective in the month or before it, and its hash; 0 and zeros when there is none
    position integer not null check (position >= 0),
    hash text not null,
    closed_at text not null,
    closed_by integer references staff_user (id),
    unique (site_id, period)
) strict;

create trigger month_closing_is_never_edited before update on month_closing
begin
    select raise(abort, 'a closing is never edited');
end;

create trigger month_closing_is_never_deleted before delete on month_closing
begin
    select raise(abort, 'a closing is never deleted');
end;

create table self_check (
    id integer primary key autoincrement,
    checked_at text not null,
    -- what was found broken and how often, as JSON; `[]` when everything agrees
    findings text not null
) strict;
