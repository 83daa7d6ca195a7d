//! Contracts: an account's agreements about services.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        call::{Call, Listed, Slice, in_use},
        calls::Op,
        error::{Error, Result},
        noun::Noun,
        values::Day,
    },
    audit::Subject,
    db::{On, Tx},
    estate::{
        account::{Account, AccountId},
        contract::{Contract, ContractId, NewContract, Rating, Service},
        contract_list::{AgreementFilter, ContractOrder},
        signing::{self, NotSigned},
        site::SiteId,
        tally,
    },
    kernel::{
        Quantity,
        text::{clean_line, clean_lines},
    },
    staff::user::Permission,
    web::{self, list::Sort},
};

pub struct Contracts;

/// What decides about a contract's price and its use without a meter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RatingBody {
    /// Takes the tariff of this category where there is one; empty for the usual tariff.
    #[serde(default)]
    pub category: String,
    /// A month's use where nothing can be measured or estimated.
    #[serde(default)]
    pub norm: Option<Quantity>,
}

impl RatingBody {
    fn checked(&self) -> Result<Rating> {
        let category = clean_line(&self.category);
        if category.chars().count() > 60 {
            return Err(Error::field("rating", "api-too-long"));
        }
        if self.norm.is_some_and(Quantity::is_negative) {
            return Err(Error::field("rating", "form-negative"));
        }
        Ok(Rating { category, norm: self.norm })
    }
}

impl From<Rating> for RatingBody {
    fn from(rating: Rating) -> Self {
        Self { category: rating.category, norm: rating.norm }
    }
}

/// A contract to be signed.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractBody {
    pub account_id: AccountId,
    pub service: Service,
    /// That of the account and the service when it is left out.
    #[serde(default)]
    pub number: Option<String>,
    /// Today when it is left out.
    #[serde(default)]
    pub signed_on: Option<Day>,
    #[serde(default)]
    pub note: String,
    /// For those who may change tariffs.
    #[serde(default)]
    pub rating: Option<RatingBody>,
}

/// What of a contract changes.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractChange {
    pub number: String,
    pub signed_on: Day,
    /// Ends it.
    #[serde(default)]
    pub ended_on: Option<Day>,
    #[serde(default)]
    pub note: String,
    /// Left as it is when it is left out; for those who may change tariffs.
    #[serde(default)]
    pub rating: Option<RatingBody>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ContractView {
    pub id: ContractId,
    pub account_id: AccountId,
    pub account_number: String,
    pub service: Service,
    pub number: String,
    pub signed_on: Day,
    pub ended_on: Option<Day>,
    pub note: String,
    pub rating: RatingBody,
}

impl From<Contract> for ContractView {
    fn from(contract: Contract) -> Self {
        Self {
            id: contract.id,
            account_id: contract.account_id,
            account_number: contract.account_number,
            service: contract.service,
            number: contract.number,
            signed_on: Day(contract.signed_on),
            ended_on: contract.ended_on.map(Day),
            note: contract.note,
            rating: contract.rating.into(),
        }
    }
}

/// The number of a contract that was given none.
pub fn usual_number(account: &str, service: Service) -> String {
    format!("{account}-{service}")
}

/// A contract's own number as typed: a line of at most sixty characters.
fn number(typed: &str) -> Result<String> {
    let number = clean_line(typed);
    match number.chars().count() {
        0 => Err(Error::field("number", "form-required")),
        1..=60 => Ok(number),
        _ => Err(Error::field("number", "api-too-long")),
    }
}

fn note(typed: &str) -> Result<String> {
    let note = clean_lines(typed);
    if note.chars().count() > 1000 { Err(Error::field("note", "api-too-long")) } else { Ok(note) }
}

/// Puts another rating in the place of what was there, if one is asked for. Prices are not everybody's who keeps the registry.
async fn rate(call: &Call, tx: &mut Tx, contract: &Contract, wanted: Option<&RatingBody>) -> Result<()> {
    let Some(rating) = wanted.map(RatingBody::checked).transpose()?.filter(|rating| *rating != contract.rating) else { return Ok(()) };
    if !call.actor()?.can(Permission::EditTariffs) {
        return Err(web::Error::Forbidden.into());
    }
    Contract::rate(tx, contract.id, &rating).await?;
    let author = call.author()?;
    let entry = call.entry(&author, "audit-contract-rated", Subject::Contract, contract.id.0, contract.number.clone());
    Ok(entry.changed(tx, &contract.rating, &rating).await?)
}

impl Noun for Contracts {
    const PATH: &'static str = "/contracts";
    const SEE: Permission = Permission::SeeEstate;
    const EDIT: Permission = Permission::EditEstate;
    const SUMMARIES: [&'static str; 6] = [
        "Contracts of the sites that the caller sees",
        "Sign a contract on an account",
        "One contract",
        "Change a contract, or end it",
        "Delete a contract for which nothing was charged",
        "Sign contracts row by row; good rows stay",
    ];
    type New = ContractBody;
    type Change = ContractChange;
    type View = ContractView;
    type Order = ContractOrder;

    fn filters(op: Op) -> Op {
        op.by::<SiteId>("site_id").by::<Service>("service").by::<String>("q")
    }

    fn usual_order() -> Sort<ContractOrder> {
        Sort::up(ContractOrder::Label)
    }

    async fn list(call: &Call, slice: Slice, sort: Sort<ContractOrder>) -> Result<Listed<ContractView>> {
        let filter = AgreementFilter {
            words: call.query.text("q").to_owned(),
            site: call.asked("site_id")?,
            service: call.asked("service")?,
            ..AgreementFilter::default()
        };
        let seen = call.seen()?;
        let total = filter.count_contracts(&call.db, seen).await?;
        let rows = filter.contracts(&call.db, seen, sort.by, sort.is_descending, slice.bounds()).await?;
        Ok(slice.of(rows, total).map(|row| ContractView {
            id: row.id,
            account_id: row.account_id,
            account_number: row.account_number,
            service: row.service,
            number: row.number,
            signed_on: Day(row.signed_on),
            ended_on: row.ended_on.map(Day),
            note: row.note,
            rating: row.rating.into(),
        }))
    }

    async fn show(call: &Call, on: On<'_>, key: i64) -> Result<ContractView> {
        let mut on = on;
        let contract = Contract::find(&mut on, ContractId(key)).await?.ok_or(Error::NOT_FOUND)?;
        call.visible(Account::find(on, contract.account_id).await?, |account| account.site_id)?;
        Ok(contract.into())
    }

    async fn make(call: &Call, tx: &mut Tx, new: &ContractBody) -> Result<i64> {
        let actor = call.actor()?;
        let account = Account::find(&mut *tx, new.account_id).await?.filter(|account| actor.sees(account.site_id));
        let account = account.ok_or_else(|| Error::field("account_id", "form-choose"))?;
        if account.closed_on.is_some() {
            return Err(Error::conflict("api-account-closed"));
        }
        let signed_on = match new.signed_on {
            Some(day) => day.0,
            None => call.today(&mut *tx, account.site_id).await?,
        };
        let number = match &new.number {
            Some(typed) => number(typed)?,
            None => usual_number(&account.number, new.service),
        };
        let contract = NewContract { account: account.id, service: new.service, number, signed_on, note: note(&new.note)? };
        let id = signing::sign_on_account(tx, &account, &contract).await?.map_err(|reason| match reason {
            NotSigned::NumberTaken => Error::taken("number", "contract-number-taken"),
            NotSigned::ServiceTaken => Error::taken("service", "contract-service-taken"),
            NotSigned::Meter(refusal) => Error::field("meters", refusal.key()),
        })?;
        let author = call.author()?;
        call.entry(&author, "audit-contract-signed", Subject::Contract, id.0, contract.number).created(&mut *tx, new).await?;
        let signed = Contract::find(&mut *tx, id).await?.ok_or(Error::NOT_FOUND)?;
        rate(call, tx, &signed, new.rating.as_ref()).await?;
        Ok(id.0)
    }

    async fn change(call: &Call, tx: &mut Tx, key: i64, change: &ContractChange) -> Result<()> {
        let contract = Contract::find(&mut *tx, ContractId(key)).await?.ok_or(Error::NOT_FOUND)?;
        let account = Account::find(&mut *tx, contract.account_id).await?.ok_or(Error::NOT_FOUND)?;
        let after = Contract {
            number: number(&change.number)?,
            signed_on: change.signed_on.0,
            ended_on: change.ended_on.map(|day| day.0),
            note: note(&change.note)?,
            ..contract.clone()
        };
        if after.ended_on.is_some_and(|ended| ended < after.signed_on) {
            return Err(Error::field("ended_on", "contract-ends-before"));
        }
        if contract.ended_on.is_some() && after.ended_on.is_none() {
            return Err(Error::conflict("contract-ended-already"));
        }
        after.save(tx).await?;
        tally::recount(tx, account.site_id).await?;
        rate(call, &mut *tx, &contract, change.rating.as_ref()).await?;
        let values = |contract: &Contract| ContractChange {
            number: contract.number.clone(),
            signed_on: Day(contract.signed_on),
            ended_on: contract.ended_on.map(Day),
            note: contract.note.clone(),
            rating: None,
        };
        let author = call.author()?;
        let entry = call.entry(&author, "audit-contract-changed", Subject::Contract, key, after.number.clone());
        Ok(entry.changed(tx, &values(&contract), &values(&after)).await?)
    }

    async fn take_away(call: &Call, tx: &mut Tx, key: i64) -> Result<()> {
        let contract = Contract::find(&mut *tx, ContractId(key)).await?.ok_or(Error::NOT_FOUND)?;
        let account = Account::find(&mut *tx, contract.account_id).await?.ok_or(Error::NOT_FOUND)?;
        Contract::take_away(tx, contract.id).await.map_err(in_use)?;
        tally::recount(tx, account.site_id).await?;
        let author = call.author()?;
        Ok(call.entry(&author, "audit-contract-deleted", Subject::Contract, key, contract.number).noted(tx).await?)
    }
}
