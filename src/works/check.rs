//! Rules of work orders and payouts as counts that must be zero; `meterbook verify` runs them among others.

pub const RULES: &[(&str, &str)] = &[
    (
        "every assignment of a work order has its fee, every one done its reward, and nothing else has",
        "select count(*)
        from (
            select s.transfer_id, s.order_id, s.to_id,
                case when s.what = 'completed' then 'reward' else 'fee' end as kind,
                case when s.what = 'completed' then w.reward_kopecks else w.fee_kopecks end as kopecks
            from work_order_step s
            join work_order w on w.id = s.order_id
            where s.what <> 'created'
        ) step
        full join (
            select t.id, t.subject_id, t.kind, t.amount_kopecks, a.user_id
            from transfer t
            join ledger_account a on a.id = case when t.kind = 'reward' then t.credit_id else t.debit_id end
            where t.subject = 'work_order'
        ) posted on posted.id = step.transfer_id
        where step.order_id is null or posted.id is null
            or posted.subject_id <> step.order_id
            or posted.kind <> step.kind
            or posted.amount_kopecks <> step.kopecks
            or posted.user_id is null or posted.user_id <> step.to_id",
    ),
    (
        "every work order was created once, is with whom it was given to last, and is done when its log says so",
        "select count(*)
        from work_order w
        left join (
            select order_id,
                sum(case when what = 'created' then 1 else 0 end) as created,
                sum(case when what in ('assigned', 'reassigned') then 1 else 0 end) as assigned,
                sum(case when what = 'completed' then 1 else 0 end) as completed,
                max(case when what in ('assigned', 'reassigned') then id end) as last_assigned,
                max(case when what = 'completed' then to_id end) as done_by
            from work_order_step
            group by order_id
        ) log on log.order_id = w.id
        left join work_order_step s on s.id = log.last_assigned
        where log.order_id is null
            or log.created <> 1
            or log.assigned <> w.assignment_count
            or s.to_id <> w.worker_id
            or log.completed <> case when w.state = 'done' then 1 else 0 end
            or (w.state = 'done' and log.done_by <> w.worker_id)",
    ),
    (
        "every payout that is paid stands in the ledger, and nothing else does",
        "select count(*)
        from (select id, worker_id, kopecks, transfer_id from payout where state = 'paid') paid
        full join (
            select t.id, t.subject_id, t.kind, t.amount_kopecks, a.user_id
            from transfer t
            join ledger_account a on a.id = t.debit_id
            where t.subject = 'payout'
        ) posted on posted.id = paid.transfer_id
        where paid.id is null or posted.id is null
            or posted.subject_id <> paid.id
            or posted.kind <> 'payout'
            or posted.amount_kopecks <> paid.kopecks
            or posted.user_id is null or posted.user_id <> paid.worker_id",
    ),
    (
        "the books of workers, works and payroll hold fees, rewards and payouts, and those are nowhere else",
        "select count(*)
        from transfer t
        join ledger_account d on d.id = t.debit_id
        join ledger_account c on c.id = t.credit_id
        where case t.kind
                when 'fee' then d.kind <> 'worker' or c.kind <> 'works' or t.subject <> 'work_order'
                when 'reward' then d.kind <> 'works' or c.kind <> 'worker' or t.subject <> 'work_order'
                when 'payout' then d.kind <> 'worker' or c.kind <> 'payroll' or t.subject <> 'payout'
                else d.kind in ('worker', 'works', 'payroll') or c.kind in ('worker', 'works', 'payroll')
            end",
    ),
];
