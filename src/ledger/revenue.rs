//! What was recognised as earned, by service and month: charges, corrections and deliveries, less what was taken back.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;

use super::account::Earning;
use crate::{
    db::{self, Db, q},
    estate::site::SiteId,
    kernel::{Money, Period},
    orders::ServiceItemId,
};

/// What each service earned in each month.
#[derive(Clone, Debug, Default)]
pub struct Revenue(BTreeMap<(Period, Earning), Money>);

#[derive(sqlx::FromRow)]
struct Day {
    service: Earning,
    effective_on: Date,
    kopecks: Money,
}

impl Revenue {
    /// Of a site, or of all; from the first month to the last, both included.
    pub async fn between(db: &Db, site: Option<SiteId>, first: Period, last: Period) -> db::Result<Self> {
        let earned = |column: &str, sign: &str| {
            format!(
                "select a.service, t.effective_on, cast(sum({sign}t.amount_kopecks) as bigint) as kopecks
                from ledger_account a
                join transfer t on t.{column} = a.id
                where a.kind = 'revenue' and t.effective_on >= $1 and t.effective_on <= $2 and ($3 = 0 or a.site_id = $3)
                group by a.id, a.service, t.effective_on"
            )
        };
        let sql = format!("{} union all {}", earned("credit_id", ""), earned("debit_id", "-"));
        let statement = q(db, sql).bind(first.first_day()).bind(last.last_day()).bind(site.map_or(0, |site| site.0));
        let days: Vec<Day> = statement.all().await?;
        let mut sums = BTreeMap::new();
        for day in days {
            *sums.entry((Period::of(day.effective_on), day.service)).or_default() += day.kopecks;
        }
        Ok(Self(sums))
    }

    /// Everything that earned, services before items.
    pub fn earnings(&self) -> BTreeSet<Earning> {
        self.0.keys().map(|(_, earning)| *earning).collect()
    }

    pub fn of(&self, month: Period, earning: Earning) -> Money {
        self.0.get(&(month, earning)).copied().unwrap_or_default()
    }

    pub fn of_month(&self, month: Period) -> Money {
        self.0.iter().filter(|((of, _), _)| *of == month).map(|(_, sum)| *sum).sum()
    }

    pub fn of_items(&self, month: Period) -> Money {
        self.0.iter().filter(|((of, earning), _)| *of == month && matches!(earning, Earning::Item(_))).map(|(_, sum)| *sum).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The names of everything that ever was on the price list.
pub async fn item_names(db: &Db) -> db::Result<BTreeMap<ServiceItemId, String>> {
    let named: Vec<(ServiceItemId, String)> = q(db, "select id, name from service_item").all().await?;
    Ok(named.into_iter().collect())
}

/// `service;revenue` as spreadsheets open it: UTF-8 with a mark, roubles with a comma; names never become formulas.
#[must_use]
pub fn csv(rows: &[(String, Money)]) -> String {
    let mut text = String::from("\u{feff}service;revenue\r\n");
    for (name, sum) in rows {
        text.push_str(&cell(name));
        text.push(';');
        text.push_str(&sum.to_string().replace('.', ","));
        text.push_str("\r\n");
    }
    text
}

fn cell(name: &str) -> String {
    let guard = if name.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    let text = format!("{guard}{name}");
    if text.contains([';', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_csv_has_commas_and_no_formulas() {
        let rows = [("Вода".to_owned(), 123_456), ("=1+1".to_owned(), 5), ("а;\"б\"".to_owned(), -100)];
        let rows = rows.map(|(name, kopecks)| (name, Money::from_kopecks(kopecks)));
        assert_eq!(csv(&rows), "\u{feff}service;revenue\r\nВода;1234,56\r\n'=1+1;0,05\r\n\"а;\"\"б\"\"\";-1,00\r\n");
    }
}
