-- Services that are paid for by the piece: what they cost, who ordered them, and what of an order was delivered.

create table service_item (
    id integer primary key autoincrement,
    -- of one site, or of all of them
    site_id integer references site (id),
    name text not null check (name <> ''),
    -- what the price is for: a piece, an hour
    unit text not null check (unit <> ''),
    price_kopecks integer not null check (price_kopecks > 0),
    created_at text not null,
    ended_on text
) strict;
create index service_item_site on service_item (site_id);

-- The sums are those of the lines, so that a list of orders need not add them up.
create table service_order (
    id integer primary key autoincrement,
    account_id integer not null references account (id),
    state text not null check (state in ('placed', 'partly_delivered', 'delivered', 'cancelled')),
    note text not null,
    placed_at text not null,
    placed_by integer references staff_user (id),
    total_kopecks integer not null check (total_kopecks > 0),
    delivered_kopecks integer not null default 0,
    released_kopecks integer not null default 0,
    check (delivered_kopecks >= 0 and released_kopecks >= 0 and delivered_kopecks + released_kopecks <= total_kopecks)
) strict;
create index service_order_account on service_order (account_id, id);
create index service_order_state on service_order (state, id);
create index service_order_total on service_order (total_kopecks, id);

-- Names and prices are those of the day on which it was ordered.
create table service_order_line (
    order_id integer not null references service_order (id),
    item_id integer not null references service_item (id),
    name text not null,
    unit text not null,
    price_kopecks integer not null check (price_kopecks > 0),
    quantity_thousandths integer not null check (quantity_thousandths > 0),
    amount_kopecks integer not null check (amount_kopecks > 0),
    delivered_kopecks integer not null default 0,
    released_kopecks integer not null default 0,
    check (delivered_kopecks >= 0 and released_kopecks >= 0 and delivered_kopecks + released_kopecks <= amount_kopecks),
    primary key (order_id, item_id)
) strict, without rowid;
create index service_order_line_item on service_order_line (item_id);

-- What was asked for with which key; the same key with the same content is the same step.
create table service_order_step (
    key text primary key,
    order_id integer not null references service_order (id),
    content text not null,
    at text not null
) strict, without rowid;
create index service_order_step_order on service_order_step (order_id);
