//! People who owe: all premises, accounts and bills of each payer together, the largest debt first.

use time::Date;

use super::ageing::{Aged, EDGES, Terms};
use crate::{
    admin::settings::Settings,
    db::{self, Db, On, q},
    estate::{
        account::AccountId,
        contract::Service,
        filter::{Conditions, Given, Seen, found, words},
        owner::OwnerId,
        premise::PremiseId,
        site::SiteId,
    },
    kernel::{Money, Period},
    ledger::debt::OWED,
    search::Found,
};

crate::text_enum! {
    /// What debtors can be sorted by.
    DebtorOrder as "debtor-order" { Debt = "debt", Name = "name", Oldest = "oldest", Old = "old" }
}

crate::text_enum! {
    /// Debtors with something at least so late.
    Late as "debtor-late" { Any = "0", Month = "30", TwoMonths = "60", ThreeMonths = "90" }
}

impl Late {
    /// Its place among the edges of the columns.
    fn edge(self) -> usize {
        match self {
            Self::Any => 0,
            Self::Month => 1,
            Self::TwoMonths => 2,
            Self::ThreeMonths => 3,
        }
    }
}

/// What the list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct DebtorFilter {
    /// Part of a name or phone, or of the label of a premise that somebody pays for.
    pub words: String,
    /// Only what is owed there.
    pub site: Option<SiteId>,
    /// Only who owes as much, in all.
    pub least: Option<Money>,
    pub late: Option<Late>,
}

/// By which days debts are told apart.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    pub today: Date,
    pub terms: Terms,
}

impl Day {
    /// Today by the terms that the organisation has set.
    pub async fn of(on: impl Into<On<'_>>, today: Date) -> db::Result<Self> {
        Ok(Self { today, terms: Terms { own_day: Settings::load(on).await?.due_day } })
    }
}

/// One person who owes.
#[derive(Clone, Debug)]
pub struct Debtor {
    pub payer_id: OwnerId,
    pub name: String,
    pub debt: Money,
    pub aged: Aged,
    pub premises: i64,
    /// The earliest month that is not paid.
    pub oldest: Period,
    pub last_paid_on: Option<Date>,
}

/// A part of the list, and what the whole list comes to.
#[derive(Clone, Debug, Default)]
pub struct Debtors {
    pub rows: Vec<Debtor>,
    /// How many people are on the list; nothing when the part is beyond its end.
    pub people: i64,
    pub debt: Money,
}

#[derive(sqlx::FromRow)]
struct Row {
    payer_id: OwnerId,
    full_name: String,
    total: Money,
    late: Money,
    over_30: Money,
    over_60: Money,
    over_90: Money,
    premises: i64,
    oldest_on: Date,
    last_paid_on: Option<Date>,
    people: i64,
    everything: Money,
}

impl DebtorFilter {
    /// One statement: debts are added up by account along an index, then by payer; only those on the page are looked at more closely.
    pub async fn page(
        &self,
        db: &Db,
        seen: Seen<'_>,
        day: Day,
        (order, is_descending): (DebtorOrder, bool),
        (limit, offset): (i64, i64),
    ) -> db::Result<Debtors> {
        let mut conditions = Conditions::default();
        conditions.within("p.site_id", seen, self.site);
        let places = conditions.sql().to_owned();
        for (from, before) in words(&self.words) {
            let of_premise = format!("select payer_id from account where premise_id in ({})", found(Found::Premise));
            let condition = format!("a.payer_id in ({}) or a.payer_id in ({of_premise})", found(Found::Owner));
            conditions.and(&condition, vec![Given::Text(from), Given::Text(before)]);
        }
        let first = conditions.next();
        let later = |edge: usize| {
            let (until, before) = (first + edge * 2, first + edge * 2 + 1);
            format!(
                "sum(case when i.period <= ${until} or (i.period is null and i.effective_on < ${before}) then i.open_kopecks else 0 end)"
            )
        };
        let free = first + EDGES.len() * 2;
        let (of_account, of_payer, having) = match self.late {
            Some(late) => (format!(", {} as wanted", later(late.edge())), ", sum(owed.wanted) as wanted", " and sum(owed.wanted) > 0"),
            None => (String::new(), "", ""),
        };
        let (of_account, of_payer) = if order == DebtorOrder::Old {
            (format!("{of_account}, {} as old", later(3)), format!("{of_payer}, sum(owed.old) as old"))
        } else {
            (of_account, of_payer.to_owned())
        };
        let sql = format!(
            "with owed as (
                select i.account_id, sum(i.open_kopecks) as total, min(i.effective_on) as oldest_on{of_account}
                from open_item i
                where {OWED}
                group by i.account_id
            ), debtor as (
                select a.payer_id, sum(owed.total) as total, min(owed.oldest_on) as oldest_on{of_payer}
                from owed
                join account a on a.id = owed.account_id
                join premise p on p.id = a.premise_id{all}
                group by a.payer_id
                having sum(owed.total) >= ${free}{having}
            ), page as (
                select d.payer_id, o.full_name, d.total, d.oldest_on,
                    count(*) over () as people, sum(d.total) over () as everything, row_number() over (order by {order}) as place
                from debtor d
                join owner o on o.id = d.payer_id
                order by place
                limit ${limit} offset ${offset}
            )
            select page.payer_id, page.full_name, cast(page.total as bigint) as total, cast({late} as bigint) as late,
                cast({over_30} as bigint) as over_30, cast({over_60} as bigint) as over_60, cast({over_90} as bigint) as over_90,
                count(distinct a.premise_id) as premises, page.oldest_on, page.people, cast(page.everything as bigint) as everything,
                (select max(y.received_on)
                from account a
                join premise p on p.id = a.premise_id
                join payment y on y.account_id = a.id and y.state = 'credited'{payers} a.payer_id = page.payer_id) as last_paid_on
            from page
            join account a on a.payer_id = page.payer_id
            join premise p on p.id = a.premise_id
            join open_item i on i.account_id = a.id and {OWED}{places}
            group by page.place, page.payer_id, page.full_name, page.total, page.oldest_on, page.people, page.everything
            order by page.place",
            all = conditions.sql(),
            order = order_by(order, is_descending),
            limit = free + 1,
            offset = free + 2,
            late = later(0),
            over_30 = later(1),
            over_60 = later(2),
            over_90 = later(3),
            payers = if places.is_empty() { " where".to_owned() } else { format!("{places} and") },
        );
        let mut statement = conditions.bind(q(db, sql));
        for edge in EDGES {
            let later = day.terms.later_than(edge, day.today);
            statement = statement.bind(later.until).bind(later.before);
        }
        let least = self.least.unwrap_or(Money::from_kopecks(1));
        let rows: Vec<Row> = statement.bind(least).bind(limit).bind(offset).all().await?;
        Ok(Debtors {
            people: rows.first().map_or(0, |row| row.people),
            debt: rows.first().map_or(Money::ZERO, |row| row.everything),
            rows: rows.into_iter().map(debtor).collect(),
        })
    }
}

fn order_by(order: DebtorOrder, is_descending: bool) -> String {
    let way = if is_descending { "desc" } else { "asc" };
    match order {
        DebtorOrder::Debt => format!("d.total {way}, o.sort_key, d.payer_id"),
        DebtorOrder::Name => format!("o.sort_key {way}, d.payer_id {way}"),
        DebtorOrder::Oldest => format!("d.oldest_on {way}, d.total desc, o.sort_key, d.payer_id"),
        DebtorOrder::Old => format!("d.old {way}, d.total {way}, o.sort_key, d.payer_id"),
    }
}

fn debtor(row: Row) -> Debtor {
    Debtor {
        payer_id: row.payer_id,
        name: row.full_name,
        debt: row.total,
        aged: Aged::of(row.total, [row.late, row.over_30, row.over_60, row.over_90]),
        premises: row.premises,
        // what a bill asks for is owed since the last day of its month
        oldest: Period::of(row.oldest_on),
        last_paid_on: row.last_paid_on,
    }
}

/// What somebody owes for a service, on one bill of one premise.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Unpaid {
    pub payer_id: OwnerId,
    pub site_id: SiteId,
    pub premise_id: PremiseId,
    pub premise_label: String,
    pub account_id: AccountId,
    pub account_number: String,
    pub closed_on: Option<Date>,
    /// `None` for what no bill asks for.
    pub bill_id: Option<i64>,
    pub bill_number: Option<String>,
    pub period: Option<Period>,
    pub service: Option<Service>,
    pub owed_since: Date,
    pub debt: Money,
}

impl Unpaid {
    /// Everything that people owe on the sites that are seen, or on one of them, person by person, premise by premise, the earliest first.
    pub async fn of_payers(db: &Db, seen: Seen<'_>, site: Option<SiteId>, payers: &[OwnerId]) -> db::Result<Vec<Self>> {
        if payers.is_empty() {
            return Ok(Vec::new());
        }
        let mut conditions = Conditions::default();
        let places: Vec<String> = (1..=payers.len()).map(|place| format!("?{place}")).collect();
        let keys = payers.iter().map(|payer| Given::Key(payer.0)).collect();
        conditions.and(&format!("a.payer_id in ({})", places.join(", ")), keys);
        conditions.within("p.site_id", seen, site);
        let sql = format!(
            "select a.payer_id, p.site_id, a.premise_id, p.label as premise_label, a.id as account_id, a.number as account_number, a.closed_on,
                i.bill_id, b.number as bill_number, i.period, i.service, min(i.effective_on) as owed_since,
                cast(sum(i.open_kopecks) as bigint) as debt
            from account a
            join premise p on p.id = a.premise_id
            join open_item i on i.account_id = a.id and {OWED}
            left join bill b on b.id = i.bill_id{}
            group by a.payer_id, p.site_id, p.sort_key, a.premise_id, p.label, a.id, a.number, a.closed_on, i.bill_id, b.number, i.period, i.service
            order by a.payer_id, p.site_id, p.sort_key, a.premise_id, a.number, owed_since, i.bill_id, i.service nulls last",
            conditions.sql()
        );
        conditions.bind(q(db, sql)).all().await
    }
}
