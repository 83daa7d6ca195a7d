-- What every list, round and first page says of a whole site is kept, not counted each time: at ten thousand premises counting
-- took longer than everything else on the page.

create table site_tally (
    site_id bigint not null references site (id),
    what text not null check (what in ('premise', 'water', 'electricity', 'upkeep', 'contribution')),
    number bigint not null check (number >= 0),
    primary key (site_id, what)
);

insert into site_tally (site_id, what, number)
select site_id, 'premise', count(*) from premise where ended_on is null group by site_id;

insert into site_tally (site_id, what, number)
select p.site_id, c.service, count(*)
from contract c
join account a on a.id = c.account_id
join premise p on p.id = a.premise_id
where c.ended_on is null and p.ended_on is null
group by p.site_id, c.service;

alter table round add column stop_count bigint not null default 0;
alter table round add column done_count bigint not null default 0;
alter table round add column revisit_count bigint not null default 0;

update round set
    stop_count = (select count(*) from round_stop s where s.round_id = round.id),
    done_count = (select count(*) from round_stop s where s.round_id = round.id and s.state = 'done'),
    revisit_count = (select count(*) from round_stop s where s.round_id = round.id and s.state = 'revisit');

-- The sections of a round and the premises to visit again, without looking at each stop.
drop index round_stop_section;
create index round_stop_section on round_stop (round_id, section, controller_id, state, position);
create index round_stop_state on round_stop (round_id, state, position);
