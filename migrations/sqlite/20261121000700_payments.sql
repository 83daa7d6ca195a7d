-- Money received: what was entered, what a bank's file brought, and whose it is.

-- A file of the bank or a register: first a plan, row by row, then exactly that plan is carried out.
create table payment_import (
    id integer primary key autoincrement,
    kind text not null check (kind in ('bank', 'register')),
    file_name text not null,
    file_hash text not null,
    state text not null check (state in ('planned', 'executed', 'undone', 'discarded')),
    made_at text not null,
    made_by integer references staff_user (id),
    executed_at text,
    executed_by integer references staff_user (id),
    undone_at text,
    undone_by integer references staff_user (id)
) strict;
create index payment_import_hash on payment_import (file_hash);

create table payment (
    id integer primary key autoincrement,
    -- nobody while it is not known whose it is
    account_id integer references account (id),
    amount_kopecks integer not null check (amount_kopecks > 0),
    received_on text not null,
    method text not null check (method in ('bank', 'cash')),
    payer text not null,
    -- what the payer or the cashier wrote
    memo text not null,
    -- what the payer said it is for
    bill_id integer references bill (id),
    period text,
    service text check (service in ('water', 'electricity', 'upkeep', 'contribution')),
    -- the bank's number of the document
    reference text not null,
    -- the same for the same document in any file
    fingerprint text,
    import_id integer references payment_import (id),
    state text not null check (state in ('credited', 'unknown', 'reversed')),
    -- made by the form or the program that sent it
    key text unique,
    entered_at text not null,
    user_id integer references staff_user (id),
    reversed_at text,
    reversed_by integer references staff_user (id),
    reversal_reason text not null,
    check ((state = 'unknown') = (account_id is null) or state = 'reversed')
) strict;
create index payment_account on payment (account_id, received_on);
create index payment_received on payment (received_on, id);
create index payment_import_of on payment (import_id);
create index payment_unknown on payment (received_on, id) where state = 'unknown';
create unique index payment_fingerprint on payment (fingerprint) where state <> 'reversed';

-- A document of the file, whose it seems to be, and what a person decided.
create table payment_row (
    import_id integer not null references payment_import (id),
    position integer not null,
    -- why it cannot be credited at all; empty when it can
    problem text not null,
    detail text not null,
    amount_kopecks integer not null,
    received_on text,
    payer text not null,
    memo text not null,
    bill_id integer references bill (id),
    period text,
    service text,
    reference text not null,
    fingerprint text,
    confidence text not null check (confidence in ('certain', 'likely', 'possible', 'unknown')),
    -- words between spaces
    reasons text not null,
    -- the account proposed, or chosen by a person
    account_id integer references account (id),
    is_chosen integer not null check (is_chosen in (0, 1)),
    decision text not null check (decision in ('credit', 'suspense', 'skip')),
    payment_id integer references payment (id),
    primary key (import_id, position)
) strict, without rowid;
