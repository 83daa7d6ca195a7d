//! The money of the accountant's month: what each plot paid in it for each service, when it paid last, and how it stands now.

use std::collections::HashMap;

use time::Date;

use crate::{
    db::{self, Db, q},
    estate::{contract::Service, premise::PremiseId, site::SiteId},
    kernel::{Money, Period},
};

/// Of one service of a plot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfService {
    /// Of what was received in the month, as much as went here.
    pub paid: Money,
    /// Until now, not only in the month.
    pub last_paid_on: Option<Date>,
    /// Now: what is owed above zero, what is paid ahead below.
    pub standing: Money,
}

/// Of one plot. What was paid for nothing in particular and is not used yet stands under the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfPlot {
    pub water: OfService,
    pub electricity: OfService,
    pub rest: OfService,
}

impl OfPlot {
    fn service(&mut self, service: Option<Service>) -> &mut OfService {
        match service {
            Some(Service::Water) => &mut self.water,
            Some(Service::Electricity) => &mut self.electricity,
            _ => &mut self.rest,
        }
    }

    pub fn standing(&self) -> Money {
        self.water.standing + self.electricity.standing + self.rest.standing
    }
}

/// What is open of a service: owed, paid ahead, and of that what came in the month.
type Open = (PremiseId, Option<Service>, Money, Money, Money);
/// What met debts of a service: in the month, and when last.
type Met = (PremiseId, Option<Service>, Money, Option<Date>);

/// The plots of a site that ever owed or paid anything.
pub async fn load(db: &Db, site: SiteId, period: Period) -> db::Result<HashMap<PremiseId, OfPlot>> {
    let mut plots: HashMap<PremiseId, OfPlot> = HashMap::new();
    for (plot, service, owed, ahead, paid) in open(db, site, period).await? {
        let of = plots.entry(plot).or_default().service(service);
        of.standing += owed - ahead;
        of.paid += paid;
    }
    for (plot, service, paid, last_paid_on) in met(db, site, period).await? {
        let of = plots.entry(plot).or_default().service(service);
        of.paid += paid;
        of.last_paid_on = of.last_paid_on.max(last_paid_on);
    }
    Ok(plots)
}

async fn open(db: &Db, site: SiteId, period: Period) -> db::Result<Vec<Open>> {
    let sql = "select p.id, i.service,
            cast(sum(case when i.side = 'debit' then i.open_kopecks else 0 end) as bigint),
            cast(sum(case when i.side = 'credit' then i.open_kopecks else 0 end) as bigint),
            cast(sum(case when y.received_on between $2 and $3 then i.open_kopecks else 0 end) as bigint)
        from premise p
        join account a on a.premise_id = p.id
        join open_item i on i.account_id = a.id and i.open_kopecks > 0
        left join transfer t on t.id = i.transfer_id and i.side = 'credit' and t.subject = 'payment'
        left join payment y on y.id = t.subject_id and y.state = 'credited'
        where p.site_id = $1
        group by p.id, i.service";
    q(db, sql).bind(site).bind(period.first_day()).bind(period.last_day()).all().await
}

async fn met(db: &Db, site: SiteId, period: Period) -> db::Result<Vec<Met>> {
    let sql = "select p.id, d.service,
            cast(sum(case when y.received_on between $2 and $3 then m.amount_kopecks else 0 end) as bigint),
            max(y.received_on)
        from premise p
        join account a on a.premise_id = p.id
        join payment y on y.account_id = a.id and y.state = 'credited'
        join transfer t on t.subject = 'payment' and t.subject_id = y.id
        join allocation m on m.credit_id = t.id and m.undone_at is null
        join open_item d on d.transfer_id = m.debit_id and d.account_id = m.account_id
        where p.site_id = $1
        group by p.id, d.service";
    q(db, sql).bind(site).bind(period.first_day()).bind(period.last_day()).all().await
}
