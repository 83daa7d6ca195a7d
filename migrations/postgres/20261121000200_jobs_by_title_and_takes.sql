-- A job says what it is about; each taking of it has a number, so that a node which lost it cannot write to it any more.

alter table job add column title text not null default '';
alter table job add column takes bigint not null default 0;
create index job_creator on job (created_by, id);

-- Imports that an earlier version left under way go on as jobs.
insert into job (kind, arguments, key, title, run_at, created_by, created_at)
select 'import', '{"batch":' || id || '}', 'import:' || id, file_name, executed_at, executed_by, executed_at
from import_batch
where state = 'running' and executed_at is not null;

-- The night's work has another name now.
delete from schedule where name = 'nightly';
