-- What is still owed and what is not yet used, item by item, and which money met which debt.

-- One for each transfer on a consumer's book: a debit is owed or spent, a credit was received or given back.
create table open_item (
    transfer_id integer not null references transfer (id),
    account_id integer not null references account (id),
    side text not null check (side in ('debit', 'credit')),
    -- of a debit what it is owed for; of a credit what the payer named
    bill_id integer references bill (id),
    period text,
    service text,
    effective_on text not null,
    amount_kopecks integer not null check (amount_kopecks > 0),
    open_kopecks integer not null check (open_kopecks between 0 and amount_kopecks),
    primary key (transfer_id, account_id)
) strict, without rowid;
create index open_item_account on open_item (account_id, effective_on) where open_kopecks > 0;
create index open_item_bill on open_item (bill_id);

-- Money that met a debt, and why just this one. What was taken back stays, with the moment of it.
create table allocation (
    id integer primary key autoincrement,
    account_id integer not null references account (id),
    debit_id integer not null references transfer (id),
    credit_id integer not null references transfer (id),
    amount_kopecks integer not null check (amount_kopecks > 0),
    reason text not null check (reason in ('bill', 'period', 'service', 'oldest', 'advance', 'spent', 'taken_back')),
    made_at text not null,
    undone_at text
) strict;
create index allocation_debit on allocation (debit_id);
create index allocation_credit on allocation (credit_id);
create index allocation_account on allocation (account_id);

-- Nothing was paid before there were items: everything is open.
insert into open_item (transfer_id, account_id, side, bill_id, period, service, effective_on, amount_kopecks, open_kopecks)
select t.id, d.account_id, 'debit', case t.subject when 'bill' then t.subject_id end, case t.subject when 'bill' then substr(t.effective_on, 1, 7) end,
    c.service, t.effective_on, t.amount_kopecks, t.amount_kopecks
from transfer t
join ledger_account d on d.id = t.debit_id
join ledger_account c on c.id = t.credit_id
where d.kind = 'consumer';

insert into open_item (transfer_id, account_id, side, bill_id, period, service, effective_on, amount_kopecks, open_kopecks)
select t.id, c.account_id, 'credit', case t.subject when 'bill' then t.subject_id end, case t.subject when 'bill' then substr(t.effective_on, 1, 7) end,
    d.service, t.effective_on, t.amount_kopecks, t.amount_kopecks
from transfer t
join ledger_account d on d.id = t.debit_id
join ledger_account c on c.id = t.credit_id
where c.kind = 'consumer';
