-- Work orders, who has them, what they cost and earn, and what workers are paid for a day; with books and transfers for that money.

-- SQLite cannot change a check, so both tables of the ledger are built anew. First the books: those of workers, of works and of payroll.
create table new_ledger_account (
    id integer primary key autoincrement,
    -- what it is, in one word for programs: `consumer:17`, `revenue:3:water`, `bank`, `worker:5`
    code text not null unique,
    kind text not null check (kind in
        ('consumer', 'reserve', 'revenue', 'bank', 'cash', 'suspense', 'opening', 'worker', 'works', 'payroll')),
    -- of a consumer and a reserve
    account_id integer references account (id),
    -- of a revenue
    site_id integer references site (id),
    -- of a revenue: a service of contracts, or `item-7` of the price list
    service text,
    -- credits minus debits
    balance_kopecks integer not null default 0,
    transfer_count integer not null default 0,
    -- of a worker
    user_id integer references staff_user (id),
    check (kind not in ('reserve', 'suspense') or balance_kopecks >= 0)
) strict;
insert into new_ledger_account (id, code, kind, account_id, site_id, service, balance_kopecks, transfer_count)
select id, code, kind, account_id, site_id, service, balance_kopecks, transfer_count from ledger_account;
drop table ledger_account;
alter table new_ledger_account rename to ledger_account;
create index ledger_account_owner on ledger_account (account_id);
create index ledger_account_kind on ledger_account (kind, id);
create index ledger_account_worker on ledger_account (user_id) where user_id is not null;

-- Then the transfers: fees, rewards and payouts.
create table new_transfer (
    id integer primary key autoincrement,
    debit_id integer not null references ledger_account (id),
    credit_id integer not null references ledger_account (id),
    amount_kopecks integer not null check (amount_kopecks > 0),
    kind text not null check (kind in
        ('charge', 'correction', 'payment', 'match', 'refund', 'deposit', 'transfer', 'reserve', 'release', 'capture', 'opening', 'reversal',
        'fee', 'reward', 'payout')),
    -- what it is about: a bill, a payment, an order, a work order, a payout
    subject text not null,
    subject_id integer,
    -- the words typed with it
    memo text not null,
    effective_on text not null,
    booked_at text not null,
    user_id integer references staff_user (id),
    -- made by the sender; the same key is the same transfer
    key text unique,
    reverses_id integer unique references transfer (id),
    check (debit_id <> credit_id)
) strict;
insert into new_transfer (id, debit_id, credit_id, amount_kopecks, kind, subject, subject_id, memo, effective_on, booked_at, user_id, key, reverses_id)
select id, debit_id, credit_id, amount_kopecks, kind, subject, subject_id, memo, effective_on, booked_at, user_id, key, reverses_id from transfer;
drop table transfer;
alter table new_transfer rename to transfer;
create index transfer_debit on transfer (debit_id, effective_on, id, amount_kopecks);
create index transfer_credit on transfer (credit_id, effective_on, id, amount_kopecks);
create index transfer_subject on transfer (subject, subject_id);
create index transfer_effective on transfer (effective_on, id);
create index transfer_kind on transfer (kind, effective_on, id);
create index transfer_user on transfer (user_id, effective_on, id) where user_id is not null;

create trigger transfer_is_never_edited before update on transfer
begin
    select raise(abort, 'a transfer is never edited: reverse it');
end;

create trigger transfer_is_never_deleted before delete on transfer
begin
    select raise(abort, 'a transfer is never deleted: reverse it');
end;

create table work_order (
    id integer primary key autoincrement,
    title text not null check (title <> '' and title not like '%[%' and title not like '%]%'),
    -- the number of a ticket in another system
    ticket text,
    text text not null,
    -- title and ticket as the search folds them
    folded text not null,
    premise_id integer references premise (id),
    -- what was seen at a visit that made the program open it, and at which meter, where that is known
    meter_id integer references meter (id),
    cause text check (cause in ('seal', 'stopped', 'verification')),
    worker_id integer not null references staff_user (id),
    -- how often it was given to somebody; the fee of each is keyed with it
    assignment_count integer not null default 1 check (assignment_count > 0),
    fee_kopecks integer not null check (fee_kopecks > 0),
    reward_kopecks integer not null check (reward_kopecks > 0),
    state text not null check (state in ('open', 'done')),
    created_at text not null,
    created_by integer references staff_user (id),
    done_at text,
    done_note text not null default '',
    -- made by the sender; the same key is the same order
    key text unique,
    check ((state = 'done') = (done_at is not null)),
    check (cause is null or premise_id is not null)
) strict;
create index work_order_state on work_order (state, id);
create index work_order_worker on work_order (worker_id, state, id);
create index work_order_creator on work_order (created_by, id);
create index work_order_premise on work_order (premise_id, state) where premise_id is not null;
create index work_order_meter on work_order (meter_id, id) where meter_id is not null;
create index work_order_title on work_order (folded, id);
create index work_order_reward on work_order (reward_kopecks, id);
create index work_order_done on work_order (done_at, id) where done_at is not null;
create unique index work_order_cause on work_order (premise_id, coalesce(meter_id, 0), cause) where state = 'open' and cause is not null;

-- What happened to an order and when. `to_id` is who has it from then on, or who did it; the transfer is the fee or the reward.
create table work_order_step (
    id integer primary key autoincrement,
    order_id integer not null references work_order (id),
    what text not null check (what in ('created', 'assigned', 'reassigned', 'completed')),
    at text not null,
    by_id integer references staff_user (id),
    to_id integer references staff_user (id),
    transfer_id integer unique references transfer (id),
    check ((what = 'created') = (to_id is null)),
    check ((what = 'created') = (transfer_id is null))
) strict;
create index work_order_step_order on work_order_step (order_id, id);

create trigger work_order_step_is_never_edited before update on work_order_step
begin
    select raise(abort, 'the log of an order is never edited');
end;

create trigger work_order_step_is_never_deleted before delete on work_order_step
begin
    select raise(abort, 'the log of an order is never deleted');
end;

-- What a worker is paid for a day that ended. A large one waits for another person.
create table payout (
    id integer primary key autoincrement,
    worker_id integer not null references staff_user (id),
    day text not null,
    kopecks integer not null check (kopecks > 0),
    state text not null check (state in ('waiting', 'paid', 'declined')),
    transfer_id integer unique references transfer (id),
    created_at text not null,
    created_by integer references staff_user (id),
    decided_at text,
    decided_by integer references staff_user (id),
    unique (worker_id, day),
    check ((state = 'paid') = (transfer_id is not null))
) strict;
create index payout_day on payout (day, id);
create index payout_waiting on payout (worker_id) where state = 'waiting';
