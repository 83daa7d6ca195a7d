-- Double entry: every rouble that moves is one immutable row. Balances are kept beside them and can always be recomputed.

create table ledger_account (
    id integer primary key autoincrement,
    -- what it is, in one word for programs: `consumer:17`, `revenue:3:water`, `bank`
    code text not null unique,
    kind text not null check (kind in ('consumer', 'reserve', 'revenue', 'bank', 'cash', 'suspense', 'opening')),
    -- of a consumer and a reserve
    account_id integer references account (id),
    -- of a revenue
    site_id integer references site (id),
    -- of a revenue: a service of contracts, or `item-7` of the price list
    service text,
    -- credits minus debits
    balance_kopecks integer not null default 0,
    transfer_count integer not null default 0,
    check (kind not in ('reserve', 'suspense') or balance_kopecks >= 0)
) strict;
create index ledger_account_owner on ledger_account (account_id);
create index ledger_account_kind on ledger_account (kind, id);

create table transfer (
    id integer primary key autoincrement,
    debit_id integer not null references ledger_account (id),
    credit_id integer not null references ledger_account (id),
    amount_kopecks integer not null check (amount_kopecks > 0),
    kind text not null check (kind in
        ('charge', 'correction', 'payment', 'match', 'refund', 'deposit', 'transfer', 'reserve', 'release', 'capture', 'opening', 'reversal')),
    -- what it is about: a bill, a payment, an order
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
create index transfer_debit on transfer (debit_id, effective_on, id);
create index transfer_credit on transfer (credit_id, effective_on, id);
create index transfer_subject on transfer (subject, subject_id);
create index transfer_effective on transfer (effective_on, id);

create trigger transfer_is_never_edited before update on transfer
begin
    select raise(abort, 'a transfer is never edited: reverse it');
end;

create trigger transfer_is_never_deleted before delete on transfer
begin
    select raise(abort, 'a transfer is never deleted: reverse it');
end;

-- Transfers whose place in the chain is not yet fixed; the sealer empties it within a second or two.
create table unsealed_transfer (
    transfer_id integer primary key references transfer (id)
) strict;

-- The chain: each seal holds the hash of its transfer together with the hash before it.
create table transfer_seal (
    position integer primary key check (position > 0),
    transfer_id integer not null unique references transfer (id),
    hash text not null unique
) strict;

create trigger transfer_seal_is_never_edited before update on transfer_seal
begin
    select raise(abort, 'a seal is never edited');
end;

create trigger transfer_seal_is_never_deleted before delete on transfer_seal
begin
    select raise(abort, 'a seal is never deleted');
end;
