//! The card of a premise: everything that is known of it, in one answer.

use std::collections::BTreeMap;

use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    accounts::AccountView,
    bills::{self, BillView},
    contracts::ContractView,
    owners::OwnerView,
    premises::PremiseView,
    sites::SiteView,
};
use crate::{
    api::{
        call::Call,
        calls::{Calls, get},
        error::{Error, Result},
        values::Day,
    },
    billing::bill::Bill,
    estate::{
        account::Account,
        contract::Contract,
        owner::{Owner, OwnerId},
        ownership::Ownership,
        premise::{Premise, PremiseId},
        site::Site,
    },
    kernel::{Moment, Money, Quantity},
    ledger::open_item,
    metering::{MeterId, Resource, Zone, standing::Standing},
    staff::user::Permission::SeeMoney,
    web::{Access::Can, Keys},
};

#[derive(Debug, Serialize, ToSchema)]
pub struct CardView {
    premise: PremiseView,
    site: SiteView,
    /// Of today.
    owners: Vec<ShareView>,
    accounts: Vec<AccountView>,
    contracts: Vec<ContractView>,
    meters: Vec<StandingView>,
    unpaid_bills: Vec<BillView>,
    debt_kopecks: Money,
}

/// An owner with the share.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareView {
    #[serde(flatten)]
    owner: OwnerView,
    /// `1`, `1/3`.
    share: String,
    from: Day,
}

/// A standing meter with what it showed last: the opening values while nothing was read.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingView {
    pub id: MeterId,
    pub resource: Resource,
    pub serial: String,
    pub registers: Vec<Zone>,
    pub opening: BTreeMap<Zone, Quantity>,
    pub installed_on: Day,
    pub last_taken_at: Option<Moment>,
    pub last: BTreeMap<Zone, Quantity>,
}

impl From<&Standing> for StandingView {
    fn from(standing: &Standing) -> Self {
        let opening: BTreeMap<Zone, Quantity> = standing.opening().into_iter().collect();
        let last = standing.last();
        Self {
            id: standing.meter,
            resource: standing.resource,
            serial: standing.serial.clone(),
            registers: standing.registers.iter().map(|register| register.zone).collect(),
            installed_on: Day(standing.installed_on),
            last_taken_at: last.map(|taken| taken.at),
            last: last.map_or_else(|| opening.clone(), |taken| taken.values.iter().copied().collect()),
            opening,
        }
    }
}

pub fn calls() -> Calls {
    let op = get("/premises/{id}/card", Can(SeeMoney), "Everything that is known of a premise, with what is owed for it");
    Calls::of("premises").call(op.gives::<CardView>(), show)
}

async fn show(call: Call, Keys(id): Keys<i64>) -> Result {
    let premise = call.visible(Premise::find(&call.db, PremiseId(id)).await?, |premise| premise.site_id)?;
    let site = Site::find(&call.db, premise.site_id).await?.ok_or(Error::NOT_FOUND)?;
    let accounts = Account::of_premise(&call.db, premise.id).await?;
    let contracts = Contract::of_premise(&call.db, premise.id).await?;
    let standings = Standing::at_premise(&call.db, premise.id, call.now()).await?;
    let (mut unpaid_bills, mut debt) = (Vec::new(), Money::ZERO);
    // A premise has a few accounts at most.
    for account in &accounts {
        debt += open_item::debts(&call.db, account.id).await?.into_iter().map(|(_, owed)| owed).sum();
        let bills = bills::views(&call.db, Bill::of_account(&call.db, account.id).await?).await?;
        unpaid_bills.extend(bills.into_iter().filter(|bill| bill.paid_kopecks < bill.total_kopecks));
    }
    let card = CardView {
        owners: shares(&call, premise.id).await?,
        site: site.into(),
        accounts: accounts.into_iter().map(AccountView::from).collect(),
        contracts: contracts.into_iter().map(ContractView::from).collect(),
        meters: standings.iter().map(StandingView::from).collect(),
        premise: premise.into(),
        unpaid_bills,
        debt_kopecks: debt,
    };
    Ok(axum::Json(card).into_response())
}

async fn shares(call: &Call, premise: PremiseId) -> Result<Vec<ShareView>> {
    let present = Ownership::of_premise(&call.db, premise).await?.into_iter().filter(|share| share.until_on.is_none());
    let present: Vec<Ownership> = present.collect();
    let ids: Vec<OwnerId> = present.iter().map(|share| share.owner_id).collect();
    let owners = Owner::some(&call.db, &ids).await?;
    let view = |(share, owner): (&Ownership, _)| ShareView {
        owner: OwnerView::of(owner),
        share: share.share().to_string(),
        from: Day(share.from_on),
    };
    Ok(present.iter().zip(owners).map(view).collect())
}
