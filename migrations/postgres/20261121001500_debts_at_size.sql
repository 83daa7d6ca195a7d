-- What is owed is read from an index alone: of ten thousand debtors no item itself is looked at.

drop index open_item_account;
create index open_item_open on open_item (account_id, side, effective_on, period, open_kopecks, service, bill_id, transfer_id) where open_kopecks > 0;
