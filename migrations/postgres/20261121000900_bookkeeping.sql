-- What the books are read by: an account's transfers with their sums, without looking into each of them, and the words typed with transfers.

drop index transfer_debit;
drop index transfer_credit;
create index transfer_debit on transfer (debit_id, effective_on, id, amount_kopecks);
create index transfer_credit on transfer (credit_id, effective_on, id, amount_kopecks);
-- The journal of one kind, and of one person; most transfers are the program's own.
create index transfer_kind on transfer (kind, effective_on, id);
create index transfer_user on transfer (user_id, effective_on, id) where user_id is not null;

-- The words of those transfers that have any, folded as the search folds.
create table transfer_memo (
    transfer_id bigint primary key references transfer (id),
    folded text collate "C" not null
);
insert into transfer_memo (transfer_id, folded)
select id, lower(memo) from transfer where memo <> '';
