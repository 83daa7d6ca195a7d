-- What every list, round and first page says of a whole site is kept, not counted each time: at ten thousand premises counting
-- took longer than everything else on the page.

create table site_tally (
    site_id integer not null references site (id),
    what text not null check (what in ('premise', 'water', 'electricity', 'upkeep', 'contribution')),
    number integer not null check (number >= 0),
    primary key (site_id, what)
) strict, without rowid;

insert into site_tally (site_id, what, number)
select site_id, 'premise', count(*) from premise where ended_on is null group by site_id;

insert into site_tally (site_id, what, number)
select p.site_id, c.service, count(*)
from contract c
join account a on a.id = c.account_id
join premise p on p.id = a.premise_id
where c.ended_on is null and p.ended_on is null
group by p.site_id, c.service;

alter table round add column stop_count integer not null default 0;
alter table round add column done_count integer not null default 0;
alter table round add column revisit_count integer not null default 0;

alter table round_stop add column part_array text not null default '';
update round_stop set part_array = (select p.part_array from premise p where p.id = round_stop.premise_id);

create table round_section (
    id integer primary key autoincrement,
    round_id integer not null references round (id),
    part_array text not null,
    section text not null,
    controller_id integer references staff_user (id),
    position integer not null,
    stop_count integer not null check (stop_count > 0),
    done_count integer not null check (done_count >= 0),
    revisit_count integer not null check (revisit_count >= 0)
) strict;
create unique index round_section_one on round_section (round_id, section, part_array, controller_id);
create index round_section_array on round_section (round_id, part_array, position);
create index round_section_controller on round_section (controller_id, round_id);

insert into round_section (round_id, part_array, section, controller_id, position, stop_count, done_count, revisit_count)
select round_id, part_array, section, controller_id, min(position), count(*),
    count(case when state = 'done' then 1 end),
    count(case when state = 'revisit' then 1 end)
from round_stop
group by round_id, part_array, section, controller_id;

update round set
    stop_count = (select coalesce(sum(s.stop_count), 0) from round_section s where s.round_id = round.id),
    done_count = (select coalesce(sum(s.done_count), 0) from round_section s where s.round_id = round.id),
    revisit_count = (select coalesce(sum(s.revisit_count), 0) from round_section s where s.round_id = round.id);

-- The premises to visit again, without looking at each stop.
create index round_stop_state on round_stop (round_id, state, position);
