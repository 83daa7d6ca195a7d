//! Does everything in the installation agree? Named findings, none repaired: what is broken is a person's decision.

use crate::{
    app::App,
    billing::check as billing_check,
    db::{self, Db, q},
    files::{Files, Hash, Kind},
    ledger::{check as ledger_check, closing},
    orders::check as orders_check,
    works::check as works_check,
};

/// One thing that was looked at, and how often it was found broken.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: &'static str,
    pub broken: i64,
}

/// Counts that must be zero.
const RULES: &[(&str, &str)] = &[
    (
        "every reading has a value for each register of its meter, and for no other",
        "select count(*)
        from reading r
        join installation i on i.id = r.installation_id
        where (select count(*) from reading_value v join register g on g.id = v.register_id where v.reading_id = r.id and g.meter_id = i.meter_id)
            <> (select count(*) from register g where g.meter_id = i.meter_id)
            or (select count(*) from reading_value v where v.reading_id = r.id) <> (select count(*) from register g where g.meter_id = i.meter_id)",
    ),
    (
        "every installation has an opening value for each register of its meter",
        "select count(*)
        from installation i
        where (select count(*) from installation_value v where v.installation_id = i.id) <> (select count(*) from register g where g.meter_id = i.meter_id)",
    ),
    (
        "a reading that was corrected no longer counts",
        "select count(*) from reading n join reading o on o.id = n.supersedes_id where o.state <> 'superseded'",
    ),
    (
        "a meter stands at a premise of its own site",
        "select count(*) from installation i join premise p on p.id = i.premise_id where p.site_id <> i.site_id",
    ),
    (
        "each site's tally of premises and contracts is what counting says",
        "select count(*)
        from (
            select site_id, 'premise' as what, count(*) as number from premise where ended_on is null group by site_id
            union all
            select p.site_id, c.service, count(*)
            from premise p
            join account a on a.premise_id = p.id
            join contract c on c.account_id = a.id
            where p.ended_on is null and c.ended_on is null
            group by p.site_id, c.service
        ) counted
        full join site_tally kept on kept.site_id = counted.site_id and kept.what = counted.what
        where counted.number is null or kept.number is null or counted.number <> kept.number",
    ),
    (
        "each round's count of stops, done and to be visited again, is what counting says",
        "select count(*)
        from round r
        where r.stop_count <> (select count(*) from round_stop s where s.round_id = r.id)
            or r.done_count <> (select count(*) from round_stop s where s.round_id = r.id and s.state = 'done')
            or r.revisit_count <> (select count(*) from round_stop s where s.round_id = r.id and s.state = 'revisit')",
    ),
    (
        "each section of a round has the counts that counting says",
        "select count(*)
        from (
            select round_id, part_array, section, coalesce(controller_id, 0) as walker, count(*) as stops,
                count(case when state = 'done' then 1 end) as done,
                count(case when state = 'revisit' then 1 end) as revisit
            from round_stop
            group by round_id, part_array, section, coalesce(controller_id, 0)
        ) counted
        full join round_section kept on kept.round_id = counted.round_id
            and kept.part_array = counted.part_array
            and kept.section = counted.section
            and coalesce(kept.controller_id, 0) = counted.walker
        where counted.stops is null or kept.stop_count is null
            or counted.stops <> kept.stop_count
            or counted.done <> kept.done_count
            or counted.revisit <> kept.revisit_count",
    ),
    (
        "every premise, owner and meter can be found",
        "select (select count(*) from premise p where not exists (select 1 from search_term t where t.kind = 'premise' and t.entity_id = p.id))
            + (select count(*) from owner o where not exists (select 1 from search_term t where t.kind = 'owner' and t.entity_id = o.id))
            + (select count(*) from meter m where not exists (select 1 from search_term t where t.kind = 'meter' and t.entity_id = m.id))",
    ),
];

/// Looks at everything; what is not broken is named too.
pub async fn all(app: &App) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if app.db.engine() == db::Engine::Sqlite {
        let said: String = q(&app.db, "pragma integrity_check").scalar().await?;
        findings.push(Finding { what: "the database file is whole", broken: i64::from(said != "ok") });
        let orphans: i64 = q(&app.db, "select count(*) from pragma_foreign_key_check").scalar().await?;
        findings.push(Finding { what: "everything that is referred to exists", broken: orphans });
    }
    findings.extend(counted(&app.db, RULES).await?);
    findings.extend(books(&app.db).await?);
    findings.push(Finding { what: "every photo is there and is what it was", broken: broken_photos(app).await? });
    Ok(findings)
}

/// Looks at what concerns money: the ledger, its chain, bills, closed months, orders, work orders and payouts.
pub async fn books(db: &Db) -> db::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let areas =
        [ledger_check::RULES, ledger_check::ITEM_RULES, closing::RULES, billing_check::RULES, orders_check::RULES, works_check::RULES];
    for rules in areas {
        findings.extend(counted(db, rules).await?);
    }
    let is_broken = ledger_check::first_broken(db).await?.is_some();
    findings.push(Finding { what: "the chain of transfers is unbroken", broken: i64::from(is_broken) });
    Ok(findings)
}

async fn counted(db: &Db, rules: &[(&'static str, &'static str)]) -> db::Result<Vec<Finding>> {
    let mut findings = Vec::with_capacity(rules.len());
    for (what, sql) in rules {
        findings.push(Finding { what, broken: q(db, *sql).scalar().await? });
    }
    Ok(findings)
}

async fn broken_photos(app: &App) -> anyhow::Result<i64> {
    let hashes: Vec<String> = q(&app.db, "select distinct hash from photo").scalars().await?;
    let files: Files = app.files.clone();
    let broken = tokio::task::spawn_blocking(move || hashes.iter().filter(|hash| !is_whole(&files, hash)).count()).await?;
    Ok(i64::try_from(broken)?)
}

fn is_whole(files: &Files, name: &str) -> bool {
    let Ok(hash) = name.parse::<Hash>() else { return false };
    std::fs::read(files.path(Kind::Photo, &hash)).is_ok_and(|content| Hash::of(&content) == hash)
}
