//! Rules of billing as counts that must be zero; `meterbook verify` runs them among others.

pub const RULES: &[(&str, &str)] = &[
    (
        "every bill is the sum of its charges",
        "select count(*)
        from bill b
        where b.charged_kopecks <> (
                select coalesce(sum(c.amount_kopecks), 0) from charge c
                where c.run_id = b.run_id and c.account_id = b.account_id and c.consumption <> 'correction')
            or b.corrected_kopecks <> (
                select coalesce(sum(c.amount_kopecks), 0) from charge c
                where c.run_id = b.run_id and c.account_id = b.account_id and c.consumption = 'correction')",
    ),
    (
        "every bill stands in the ledger with what it charges",
        "select count(*)
        from bill b
        left join (
            select t.subject_id, sum(case when d.kind = 'consumer' then t.amount_kopecks else -t.amount_kopecks end) as kopecks
            from transfer t
            join ledger_account d on d.id = t.debit_id
            where t.subject = 'bill' and t.kind in ('charge', 'correction')
            group by t.subject_id
        ) posted on posted.subject_id = b.id
        where coalesce(posted.kopecks, 0) <> b.charged_kopecks + b.corrected_kopecks",
    ),
    (
        "every charge of an approved run stands on a bill",
        "select count(*)
        from charge c
        join billing_run r on r.id = c.run_id
        where r.state in ('approved', 'closed')
            and not exists (select 1 from bill b where b.run_id = c.run_id and b.account_id = c.account_id)",
    ),
    (
        "the total of every run is the sum of its charges",
        "select count(*)
        from billing_run r
        where r.state in ('calculated', 'approved', 'closed')
            and r.total_kopecks <> (select coalesce(sum(c.amount_kopecks), 0) from charge c where c.run_id = r.id)",
    ),
];
