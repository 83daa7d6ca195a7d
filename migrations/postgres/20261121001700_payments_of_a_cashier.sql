-- The last payments that somebody entered stand below the form for the next.
create index payment_cashier on payment (user_id, id) where import_id is null;
