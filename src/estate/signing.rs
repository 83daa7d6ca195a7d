//! The signing of a contract with everything it may bring along: a premise, an account, a share, a meter and its stay.

use time::Date;

use super::{
    account::{Account, AccountId, NewAccount},
    contract::{Contract, ContractId, NewContract, Service},
    owner::OwnerId,
    ownership,
    premise::Premise,
    tally,
};
use crate::{
    db::{self, Tx},
    kernel::Moment,
    metering::{
        MeterId, Resource,
        installation::{NewInstallation, Place, StayRefusal},
    },
};

/// A contract to be signed for a premise and a payer who are written down already.
#[derive(Debug)]
pub struct Signing<'a> {
    pub premise: &'a Premise,
    pub payer: OwnerId,
    pub service: Service,
    pub number: &'a str,
    pub signed_on: Date,
    pub note: &'a str,
    /// Why the payer owns the premise, when nobody does yet.
    pub reason: &'a str,
    pub meter: Option<&'a NewInstallation>,
}

/// What came into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    pub contract: ContractId,
    pub account: AccountId,
    pub is_account_new: bool,
    pub meter: Option<MeterId>,
}

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSigned {
    /// The service has a contract of this number at the premise.
    NumberTaken,
    /// The payer's account has a standing contract for the service.
    ServiceTaken,
    /// The meter cannot be put up.
    Meter(StayRefusal),
}

/// The class of locks, by premise, under which contracts are signed: the same form sent twice must not sign twice.
const SIGNING_LOCK: i32 = 23;

impl Service {
    /// What is metered for the service.
    pub fn resource(self) -> Option<Resource> {
        match self {
            Self::Water => Some(Resource::Water),
            Self::Electricity => Some(Resource::Electricity),
            Self::Upkeep | Self::Contribution => None,
        }
    }
}

/// Before anything else of a form is written: takes the lock and looks for a contract of this number.
pub async fn is_number_taken(tx: &mut Tx, premise: &Premise, service: Service, number: &str) -> db::Result<bool> {
    tx.lock(SIGNING_LOCK, premise.id.0).await?;
    let contracts = Contract::of_premise(&mut *tx, premise.id).await?;
    Ok(contracts.iter().any(|contract| contract.service == service && contract.number == number))
}

async fn is_service_taken(tx: &mut Tx, account: AccountId, service: Service) -> db::Result<bool> {
    let contracts = Contract::of_account(tx, account).await?;
    Ok(contracts.iter().any(|contract| contract.service == service && contract.ended_on.is_none()))
}

/// Signs a contract on an account that is there, and nothing else.
pub async fn sign_on_account(tx: &mut Tx, account: &Account, new: &NewContract) -> db::Result<Result<ContractId, NotSigned>> {
    tx.lock(SIGNING_LOCK, account.premise_id.0).await?;
    let contracts = Contract::of_premise(&mut *tx, account.premise_id).await?;
    if contracts.iter().any(|contract| contract.service == new.service && contract.number == new.number) {
        return Ok(Err(NotSigned::NumberTaken));
    }
    if is_service_taken(tx, account.id, new.service).await? {
        return Ok(Err(NotSigned::ServiceTaken));
    }
    let id = new.sign(tx).await?;
    tally::recount(tx, account.site_id).await?;
    Ok(Ok(id))
}

impl Signing<'_> {
    pub async fn sign(&self, tx: &mut Tx, at: Moment) -> db::Result<Result<Signed, NotSigned>> {
        if is_number_taken(tx, self.premise, self.service, self.number).await? {
            return Ok(Err(NotSigned::NumberTaken));
        }
        let open = Account::of_premise(&mut *tx, self.premise.id).await?;
        let open = open.into_iter().find(|account| account.payer_id == self.payer && account.closed_on.is_none());
        let is_account_new = open.is_none();
        let account = match open {
            Some(account) => account.id,
            None => NewAccount { premise: self.premise.id, payer: self.payer, opened_on: self.signed_on }.open(tx).await?,
        };
        if is_service_taken(tx, account, self.service).await? {
            return Ok(Err(NotSigned::ServiceTaken));
        }
        let meter = match self.meter {
            Some(new) => match new.put_up(tx, at, self.place()).await? {
                Ok((meter, _)) => Some(meter),
                Err(refusal) => return Ok(Err(NotSigned::Meter(refusal))),
            },
            None => None,
        };
        // A premise without an owner is the payer's from the day of the contract.
        ownership::own_if_nobody_does(tx, self.premise.id, self.payer, self.signed_on, self.reason).await?;
        let (number, note) = (self.number.to_owned(), self.note.to_owned());
        let contract = NewContract { account, service: self.service, number, signed_on: self.signed_on, note }.sign(tx).await?;
        tally::recount(tx, self.premise.site_id).await?;
        Ok(Ok(Signed { contract, account, is_account_new, meter }))
    }

    fn place(&self) -> Place {
        Place { site: self.premise.site_id, premise: Some(self.premise.id) }
    }
}
