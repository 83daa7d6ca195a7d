//! Accounts: what one payer owes and pays for one premise.

use serde::{Deserialize, Serialize};
use time::Date;
use utoipa::ToSchema;

use super::owners;
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
        account::{Account, AccountId, NewAccount},
        contract_list::{AccountOrder, AccountRow, AgreementFilter},
        owner::OwnerId,
        ownership,
        premise::{Premise, PremiseId},
        site::SiteId,
    },
    staff::user::Permission,
    web::list::Sort,
};

pub struct Accounts;

/// An account to be opened. A premise that nobody owns becomes the payer's.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountBody {
    pub premise_id: PremiseId,
    /// The owner who pays.
    pub payer_id: OwnerId,
    /// Today when it is left out.
    #[serde(default)]
    pub opened_on: Option<Day>,
}

/// What of an account changes: its number and its premise never do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    pub payer_id: OwnerId,
    pub opened_on: Day,
    /// Closes it; refused while a contract stands.
    #[serde(default)]
    pub closed_on: Option<Day>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    pub id: AccountId,
    pub number: String,
    pub site_id: SiteId,
    pub premise_id: PremiseId,
    pub premise_label: String,
    pub payer_id: OwnerId,
    pub payer_name: String,
    pub opened_on: Day,
    pub closed_on: Option<Day>,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            number: account.number,
            site_id: account.site_id,
            premise_id: account.premise_id,
            premise_label: account.premise_label,
            payer_id: account.payer_id,
            payer_name: account.payer_name,
            opened_on: Day(account.opened_on),
            closed_on: account.closed_on.map(Day),
        }
    }
}

impl From<AccountRow> for AccountView {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id,
            number: row.number,
            site_id: row.site_id,
            premise_id: row.premise_id,
            premise_label: row.premise_label,
            payer_id: row.payer_id,
            payer_name: row.payer_name,
            opened_on: Day(row.opened_on),
            closed_on: row.closed_on.map(Day),
        }
    }
}

/// Digits of an account's number; keys do not get as long.
const NUMBER_DIGITS: usize = 9;

/// An account by its number or its key.
pub async fn find(call: &Call, on: impl Into<On<'_>>, named: &str) -> Result<Account> {
    let on = on.into();
    let found = if named.len() == NUMBER_DIGITS {
        let is_number = named.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { Account::by_number(on, named).await? } else { None }
    } else {
        match named.parse() {
            Ok(id) => Account::find(on, id).await?,
            Err(_) => None,
        }
    };
    call.visible(found, |account| account.site_id)
}

async fn payer(call: &Call, tx: &mut Tx, id: OwnerId) -> Result<OwnerId> {
    let owner = owners::visible(call, (&mut *tx).into(), id).await?;
    owner.map(|owner| owner.id).ok_or_else(|| Error::field("payer_id", "form-choose"))
}

impl Noun for Accounts {
    const PATH: &'static str = "/accounts";
    const PARAMETER: &'static str = "account";
    const SEE: Permission = Permission::SeeEstate;
    const EDIT: Permission = Permission::EditEstate;
    const SUMMARIES: [&'static str; 6] = [
        "Accounts of the sites that the caller sees",
        "Open an account",
        "One account",
        "Change an account, or close it",
        "Delete an account on which nothing hangs",
        "Open accounts row by row; good rows stay",
    ];
    type New = AccountBody;
    type Change = AccountChange;
    type View = AccountView;
    type Order = AccountOrder;

    fn filters(op: Op) -> Op {
        op.by::<SiteId>("site_id").by::<String>("q")
    }

    fn usual_order() -> Sort<AccountOrder> {
        Sort::up(AccountOrder::Number)
    }

    async fn key(call: &Call, named: &str) -> Result<i64> {
        Ok(find(call, &call.db, named).await?.id.0)
    }

    async fn list(call: &Call, slice: Slice, sort: Sort<AccountOrder>) -> Result<Listed<AccountView>> {
        let filter = AgreementFilter { words: call.query.text("q").to_owned(), site: call.asked("site_id")?, ..AgreementFilter::default() };
        let seen = call.seen()?;
        let total = filter.count_accounts(&call.db, seen).await?;
        let rows = filter.accounts(&call.db, seen, sort.by, sort.is_descending, slice.bounds()).await?;
        Ok(slice.of(rows, total).map(AccountView::from))
    }

    async fn show(call: &Call, on: On<'_>, key: i64) -> Result<AccountView> {
        Ok(call.visible(Account::find(on, AccountId(key)).await?, |account| account.site_id)?.into())
    }

    async fn make(call: &Call, tx: &mut Tx, new: &AccountBody) -> Result<i64> {
        let actor = call.actor()?;
        let premise = Premise::find(&mut *tx, new.premise_id).await?;
        let premise = premise.filter(|premise| actor.sees(premise.site_id) && premise.ended_on.is_none());
        let premise = premise.ok_or_else(|| Error::field("premise_id", "form-choose"))?;
        let payer = payer(call, tx, new.payer_id).await?;
        let opened_on: Date = match new.opened_on {
            Some(day) => day.0,
            None => call.today(&mut *tx, premise.site_id).await?,
        };
        let id = NewAccount { premise: premise.id, payer, opened_on }.open(tx).await?;
        ownership::own_if_nobody_does(tx, premise.id, payer, opened_on, "").await?;
        let author = call.author()?;
        call.entry(&author, "audit-account-opened", Subject::Account, id.0, premise.label).created(tx, new).await?;
        Ok(id.0)
    }

    async fn change(call: &Call, tx: &mut Tx, key: i64, change: &AccountChange) -> Result<()> {
        let account = Account::find(&mut *tx, AccountId(key)).await?.ok_or(Error::NOT_FOUND)?;
        let payer = payer(call, tx, change.payer_id).await?;
        let closed_on = change.closed_on.map(|day| day.0);
        if account.closed_on.is_some() && closed_on != account.closed_on {
            return Err(Error::conflict("api-account-closed"));
        }
        if closed_on.is_some_and(|closed| closed < change.opened_on.0) {
            return Err(Error::field("closed_on", "api-ends-before"));
        }
        let before = serde_json::json!({ "payer_id": account.payer_id, "opened_on": account.opened_on.to_string() });
        let after = serde_json::json!({ "payer_id": payer, "opened_on": change.opened_on });
        Account::save(tx, account.id, payer, change.opened_on.0).await?;
        let author = call.author()?;
        call.entry(&author, "audit-account-changed", Subject::Account, key, account.number.clone()).changed(tx, &before, &after).await?;
        if let Some(on) = closed_on.filter(|_| account.closed_on.is_none()) {
            if !Account::close(tx, account.id, on).await? {
                return Err(Error::conflict("account-not-closed"));
            }
            call.entry(&author, "audit-account-closed", Subject::Account, key, account.number).noted(tx).await?;
        }
        Ok(())
    }

    async fn take_away(call: &Call, tx: &mut Tx, key: i64) -> Result<()> {
        let account = Account::find(&mut *tx, AccountId(key)).await?.ok_or(Error::NOT_FOUND)?;
        Account::take_away(tx, account.id).await.map_err(in_use)?;
        let author = call.author()?;
        Ok(call.entry(&author, "audit-account-deleted", Subject::Account, key, account.number).noted(tx).await?)
    }
}
