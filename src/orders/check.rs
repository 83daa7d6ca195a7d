//! Rules of orders as counts that must be zero; `meterbook verify` runs them among others.

pub const RULES: &[(&str, &str)] = &[
    (
        "every order is the sum of its items",
        "select count(*)
        from service_order r
        left join (
            select order_id, sum(amount_kopecks) as amount, sum(delivered_kopecks) as delivered, sum(released_kopecks) as released
            from service_order_line
            group by order_id
        ) line on line.order_id = r.id
        where coalesce(line.amount, 0) <> r.total_kopecks
            or coalesce(line.delivered, 0) <> r.delivered_kopecks
            or coalesce(line.released, 0) <> r.released_kopecks",
    ),
    (
        "an order is closed when nothing of it is left to deliver",
        "select count(*)
        from service_order
        where (state in ('placed', 'partly_delivered')) = (delivered_kopecks + released_kopecks = total_kopecks)
            or (state = 'placed' and delivered_kopecks <> 0)
            or (state = 'partly_delivered' and delivered_kopecks = 0)
            or (state = 'delivered' and released_kopecks <> 0)
            or (state = 'cancelled' and released_kopecks = 0)",
    ),
    (
        "every order stands in the ledger with what was set aside, delivered and given back, and nothing else does",
        "select count(*)
        from service_order r
        full join (
            select subject_id,
                sum(case when kind = 'reserve' then amount_kopecks else 0 end) as reserved,
                sum(case when kind = 'capture' then amount_kopecks else 0 end) as captured,
                sum(case when kind = 'release' then amount_kopecks else 0 end) as released
            from transfer
            where subject = 'order'
            group by subject_id
        ) posted on posted.subject_id = r.id
        where r.id is null or posted.subject_id is null
            or posted.reserved <> r.total_kopecks
            or posted.captured <> r.delivered_kopecks
            or posted.released <> r.released_kopecks",
    ),
    (
        "each item delivered is revenue of that item",
        "select count(*)
        from (
            select l.order_id, l.item_id, l.delivered_kopecks
            from service_order_line l
            where l.delivered_kopecks > 0
        ) line
        full join (
            select t.subject_id, c.service, sum(t.amount_kopecks) as kopecks
            from transfer t
            join ledger_account c on c.id = t.credit_id
            where t.subject = 'order' and t.kind = 'capture'
            group by t.subject_id, c.service
        ) earned on earned.subject_id = line.order_id and earned.service = 'item-' || line.item_id
        where line.order_id is null or earned.subject_id is null or earned.kopecks <> line.delivered_kopecks",
    ),
    (
        "each reserve is what open orders hold",
        "select count(*)
        from (
            select account_id, sum(total_kopecks - delivered_kopecks - released_kopecks) as kopecks
            from service_order
            group by account_id
        ) held
        full join (select account_id, balance_kopecks from ledger_account where kind = 'reserve') book on book.account_id = held.account_id
        where coalesce(held.kopecks, 0) <> coalesce(book.balance_kopecks, 0)",
    ),
];
