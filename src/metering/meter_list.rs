//! Meters as a list: searched by serial, premise and owner, filtered, sorted; also as the list of verifications that are due.

use time::{Date, Duration};

use super::{InstallationId, MeterId, Resource};
use crate::{
    db::{self, Db, q},
    estate::{
        filter::{Conditions, Given, Seen, found, words},
        premise::PremiseId,
        site::SiteId,
    },
    search::Found,
};

crate::text_enum! {
    /// What the meters can be sorted by.
    MeterOrder as "meter-order" { Label = "label", Serial = "serial", VerifyBy = "verify_by", Installed = "installed" }
}

crate::text_enum! {
    /// Whether a meter stands somewhere, and what it measures for: a premise or the site.
    Whereabouts as "whereabouts" { Premise = "premise", Common = "common", Away = "away" }
}

crate::text_enum! {
    /// When a verification is due, counted from today.
    Due as "due" { Overdue = "overdue", Month = "month", Quarter = "quarter", Year = "year", Unknown = "unknown" }
}

/// What the list is narrowed by.
#[derive(Clone, Debug)]
pub struct MeterFilter {
    pub words: String,
    pub site: Option<SiteId>,
    pub resource: Option<Resource>,
    pub whereabouts: Option<Whereabouts>,
    /// Overdue ones are due within any time to come, too.
    pub due: Option<Due>,
    pub today: Date,
}

/// One meter at its present place, or at its last one.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MeterRow {
    pub id: MeterId,
    pub installation_id: InstallationId,
    pub serial: String,
    pub resource: Resource,
    pub model: String,
    pub verify_by: Option<Date>,
    pub site_id: SiteId,
    pub premise_id: Option<PremiseId>,
    pub label: Option<String>,
    pub installed_on: Date,
    pub removed_on: Option<Date>,
}

const COLUMNS: &str =
    "m.id, i.id as installation_id, m.serial, m.resource, m.model, m.verify_by, i.site_id, i.premise_id, p.label, i.installed_on,
    i.removed_on";

const FROM: &str = "from installation i
    join meter m on m.id = i.meter_id
    left join premise p on p.id = i.premise_id";

impl MeterFilter {
    /// `site` is the column that names the site.
    fn conditions(&self, seen: Seen<'_>, site: &str) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.within(site, seen, self.site);
        match self.whereabouts {
            Some(Whereabouts::Premise) => conditions.and("i.removed_on is null and i.premise_id is not null", Vec::new()),
            Some(Whereabouts::Common) => conditions.and("i.removed_on is null and i.premise_id is null", Vec::new()),
            // The last stay of a meter that stands nowhere.
            Some(Whereabouts::Away) => conditions.and(
                "i.removed_on is not null
                    and not exists (select 1 from installation o where o.meter_id = i.meter_id and o.id > i.id)",
                Vec::new(),
            ),
            None => conditions.and("i.removed_on is null", Vec::new()),
        }
        if let Some(resource) = self.resource {
            conditions.and("i.meter_id in (select id from meter where resource = ?1)", vec![Given::Text(resource.to_string())]);
        }
        match self.due {
            Some(Due::Overdue) => conditions.and("i.meter_id in (select id from meter where verify_by < ?1)", vec![Given::Day(self.today)]),
            Some(Due::Month) => conditions
                .and("i.meter_id in (select id from meter where verify_by < ?1)", vec![Given::Day(self.today + Duration::days(30))]),
            Some(Due::Quarter) => conditions
                .and("i.meter_id in (select id from meter where verify_by < ?1)", vec![Given::Day(self.today + Duration::days(90))]),
            Some(Due::Year) => conditions
                .and("i.meter_id in (select id from meter where verify_by < ?1)", vec![Given::Day(self.today + Duration::days(365))]),
            Some(Due::Unknown) => conditions.and("i.meter_id in (select id from meter where verify_by is null)", Vec::new()),
            None => {}
        }
        let anywhere = format!(
            "i.meter_id in ({}) or i.premise_id in ({} union select w.premise_id from ownership w where w.until_on is null and w.owner_id in ({}))",
            found(Found::Meter),
            found(Found::Premise),
            found(Found::Owner)
        );
        for (from, before) in words(&self.words) {
            conditions.and(&anywhere, vec![Given::Text(from), Given::Text(before)]);
        }
        conditions
    }

    pub async fn count(&self, db: &Db, seen: Seen<'_>) -> db::Result<i64> {
        let conditions = self.conditions(seen, "i.site_id");
        conditions.bind(q(db, format!("select count(*) from installation i{}", conditions.sql()))).scalar().await
    }

    pub async fn rows(
        &self,
        db: &Db,
        seen: Seen<'_>,
        order: MeterOrder,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<Vec<MeterRow>> {
        let way = if is_descending { "desc" } else { "asc" };
        let order = match order {
            MeterOrder::Label => return self.by_label(db, seen, way, (limit, offset)).await,
            MeterOrder::Serial => format!("m.serial {way}, i.id {way}"),
            MeterOrder::VerifyBy => {
                format!("case when m.verify_by is null then 1 else 0 end, m.verify_by {way}, i.site_id, coalesce(p.sort_key, ''), i.id")
            }
            MeterOrder::Installed => format!("i.installed_on {way}, i.id {way}"),
        };
        let conditions = self.conditions(seen, "i.site_id");
        let next = conditions.next();
        let sql = format!(
            "select {COLUMNS}
            {FROM}{}
            order by {order}
            limit ${next} offset ${}",
            conditions.sql(),
            next + 1
        );
        conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }

    /// Goes along the premises and stops at the limit; the common meters of a site, which are few, stand in front of its premises.
    async fn by_label(&self, db: &Db, seen: Seen<'_>, way: &str, (limit, offset): (i64, i64)) -> db::Result<Vec<MeterRow>> {
        // the same values in both
        let (common, own) = (self.conditions(seen, "i.site_id"), self.conditions(seen, "p.site_id"));
        let next = common.next();
        let sql = format!(
            "select {COLUMNS}
            from (
                select i.id as stay, i.site_id as site, '' as place, m.resource as kind
                from installation i
                join meter m on m.id = i.meter_id{} and i.premise_id is null
                union all
                select i.id, p.site_id, p.sort_key, m.resource
                from premise p
                cross join installation i
                cross join meter m{} and i.premise_id = p.id and m.id = i.meter_id
                order by site {way}, place {way}, kind desc, stay {way}
                limit ${next} offset ${}
            ) listed
            join installation i on i.id = listed.stay
            join meter m on m.id = i.meter_id
            left join premise p on p.id = i.premise_id
            order by listed.site {way}, listed.place {way}, listed.kind desc, listed.stay {way}",
            common.sql(),
            own.sql(),
            next + 1
        );
        common.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }
}
