//! Takes the steps of a plan, each only if what it was planned upon is still so.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    batch::BatchId,
    effect::{Changed, Effect, EffectKind},
    plan::{Action, Bond, NewContract, NewOwner, NewPremise, OwnerChange, OwnerRef, PremiseChange, RowPlan, Step},
    planner::MADE_UP,
    rows::{self, Outcome, RowResult},
};
use crate::{
    audit::{Author, Entry, Subject},
    db::{self, Tx, q},
    estate::{
        account::{Account, AccountId, NewAccount},
        contract::{self, Contract, Service},
        owner::{Owner, OwnerDetails, OwnerId, OwnerKind, Phone},
        ownership::{NewOwnership, Ownership, Share},
        premise::{Premise, PremiseDetails, PremiseId, PremiseKind},
        site::{Site, SiteKind},
    },
    kernel::Moment,
    metering::{Resource, reading},
};

/// What one row is carried out with.
pub struct Applying<'a> {
    pub tx: &'a mut Tx,
    pub site: &'a Site,
    pub batch: BatchId,
    pub position: i64,
    pub author: &'a Author,
    pub at: Moment,
    /// The people brought in so far, by their place in the file.
    pub owners: &'a mut BTreeMap<usize, i64>,
    /// Readings of the portion, with their rows' positions, to be handed over together.
    pub readings: &'a mut Vec<(i64, reading::NewReading)>,
}

/// Was the step taken, or is what it was planned upon gone?
pub(super) type Taken = db::Result<bool>;

impl Applying<'_> {
    /// Takes the steps in order; those that cannot be taken any more are named, the others stand.
    pub async fn row(&mut self, plan: &RowPlan) -> db::Result<Outcome> {
        let mut outcome = Outcome::of(result_of(plan));
        for step in &plan.steps {
            if !self.step(step, &mut outcome).await? {
                outcome.miss(step.name());
            }
        }
        Ok(outcome)
    }

    async fn step(&mut self, step: &Step, outcome: &mut Outcome) -> Taken {
        match step {
            Step::Premise(premise) => self.premise(premise).await,
            Step::PremiseChange(change) => self.premise_change(change).await,
            Step::Owner(owner) => {
                let id = self.owner(owner).await?;
                self.owners.insert(owner.place, id);
                outcome.owners.insert(owner.place, id);
                Ok(true)
            }
            Step::OwnerChange(change) => self.owner_change(change).await,
            Step::Ownership(bond) => self.ownership(bond).await,
            Step::Account(bond) => self.account(bond).await,
            Step::Contract(contract) => self.contract(contract).await,
            Step::Meter(meter) => self.meter(meter).await,
            Step::MeterChange(change) => self.meter_change(change).await,
            Step::Opening(opening) => self.earlier_opening(opening).await,
            Step::Reading(reading) => self.reading(reading).await,
        }
    }

    pub(super) async fn made(&mut self, kind: EffectKind, id: i64) -> db::Result<()> {
        Effect::made(self.tx, self.batch, self.position, kind, id).await
    }

    pub(super) async fn changed(&mut self, kind: EffectKind, id: i64, changed: &Changed) -> db::Result<()> {
        Effect::changed(self.tx, self.batch, self.position, kind, id, changed).await
    }

    pub(super) async fn note_made(&mut self, subject: Subject, id: i64, name: &str, after: &impl serde::Serialize) -> db::Result<()> {
        let entry =
            Entry { author: self.author, at: self.at, action: "audit-import-created", subject, id: Some(id), name: name.to_owned() };
        entry.created(self.tx, after).await
    }

    pub(super) async fn note_changed(&mut self, subject: Subject, id: i64, name: &str, changed: &Changed) -> db::Result<()> {
        let entry =
            Entry { author: self.author, at: self.at, action: "audit-import-changed", subject, id: Some(id), name: name.to_owned() };
        entry.changed(self.tx, &changed.before, &changed.after).await
    }

    /// The premise of this site with the label; none when it has ended.
    pub(super) async fn premise_id(&mut self, label: &str) -> db::Result<Option<PremiseId>> {
        let found = Premise::by_label(&mut *self.tx, self.site.id, label).await?;
        Ok(found.filter(|premise| premise.ended_on.is_none()).map(|premise| premise.id))
    }

    async fn premise(&mut self, premise: &NewPremise) -> Taken {
        if Premise::by_label(&mut *self.tx, self.site.id, &premise.label).await?.is_some() {
            return Ok(false);
        }
        let kind = if self.site.details.kind == SiteKind::Garden { PremiseKind::Plot } else { PremiseKind::Apartment };
        let details = PremiseDetails { kind, label: premise.label.clone(), area: premise.area, note: premise.note.clone() };
        let id = details.create(self.tx, self.site.id, self.at).await?;
        self.made(EffectKind::Premise, id.0).await?;
        self.note_made(Subject::Premise, id.0, &premise.label, &details).await?;
        Ok(true)
    }

    async fn premise_change(&mut self, change: &PremiseChange) -> Taken {
        let found = Premise::find(&mut *self.tx, PremiseId(change.id)).await?;
        let Some(premise) = found.filter(|premise| premise.ended_on.is_none() && change.fits(premise)) else {
            return Ok(false);
        };
        let mut details = premise.details();
        if let Some(area) = &change.area {
            details.area = area.new;
        }
        if let Some(note) = &change.note {
            details.note.clone_from(&note.new);
        }
        let changed = Changed {
            before: json!({"area": premise.area, "note": premise.note}),
            after: json!({"area": details.area, "note": details.note}),
        };
        details.save(self.tx, premise.id).await?;
        self.changed(EffectKind::Premise, change.id, &changed).await?;
        self.note_changed(Subject::Premise, change.id, &premise.label, &changed).await?;
        Ok(true)
    }

    async fn owner(&mut self, owner: &NewOwner) -> db::Result<i64> {
        let details = OwnerDetails {
            kind: if owner.name.is_company { OwnerKind::Company } else { OwnerKind::Person },
            last_name: owner.name.last_name.clone(),
            first_name: owner.name.first_name.clone(),
            patronymic: owner.name.patronymic.clone(),
            email: owner.email.clone(),
            note: String::new(),
            phones: owner.phones.iter().map(|phone| Phone::stored(phone)).collect(),
        };
        let id = details.create(self.tx, self.at).await?;
        self.made(EffectKind::Owner, id.0).await?;
        self.note_made(Subject::Owner, id.0, &details.full_name(), &details).await?;
        Ok(id.0)
    }

    async fn owner_change(&mut self, change: &OwnerChange) -> Taken {
        let found = Owner::find(&mut *self.tx, OwnerId(change.id)).await?;
        let Some(owner) = found.filter(|owner| change.email.as_ref().is_none_or(|change| change.old == owner.email)) else {
            return Ok(false);
        };
        let phones = Owner::phones(&mut *self.tx, owner.id).await?;
        let mut details = details_of(&owner, phones);
        let before = reachable(&details);
        let new: Vec<Phone> =
            change.phones.iter().map(|phone| Phone::stored(phone)).filter(|phone| !details.phones.contains(phone)).collect();
        details.phones.extend(new);
        if let Some(email) = &change.email {
            details.email.clone_from(&email.new);
        }
        let changed = Changed { before, after: reachable(&details) };
        details.save(self.tx, owner.id).await?;
        self.changed(EffectKind::Owner, change.id, &changed).await?;
        self.note_changed(Subject::Owner, change.id, &owner.full_name, &changed).await?;
        Ok(true)
    }

    /// Somebody of an earlier step, or somebody known who is still there.
    async fn owner_id(&mut self, owner: OwnerRef) -> db::Result<Option<OwnerId>> {
        match owner {
            OwnerRef::New(place) => Ok(self.new_owner_id(place).await?.map(OwnerId)),
            OwnerRef::Known(id) => Ok(Owner::find(&mut *self.tx, OwnerId(id)).await?.map(|owner| owner.id)),
        }
    }

    /// Somebody that this batch brought in, perhaps in a portion that another process carried out.
    async fn new_owner_id(&mut self, place: usize) -> db::Result<Option<i64>> {
        if !self.owners.contains_key(&place) {
            *self.owners = rows::owners_made(&mut *self.tx, self.batch).await?;
        }
        Ok(self.owners.get(&place).copied())
    }

    async fn ownership(&mut self, bond: &Bond) -> Taken {
        let (Some(premise), Some(owner)) = (self.premise_id(&bond.label).await?, self.owner_id(bond.owner).await?) else {
            return Ok(false);
        };
        let is_owned = Ownership::of_premise(&mut *self.tx, premise).await?.iter().any(|standing| standing.until_on.is_none());
        let new = NewOwnership { premise, owner, share: Share::WHOLE, from: bond.from, reason: String::new() };
        if is_owned || new.create(self.tx).await?.is_err() {
            return Ok(false);
        }
        let id: i64 = q(&mut *self.tx, "select max(id) from ownership where premise_id = $1 and owner_id = $2")
            .bind(premise)
            .bind(owner)
            .scalar()
            .await?;
        self.made(EffectKind::Ownership, id).await?;
        Ok(true)
    }

    async fn account(&mut self, bond: &Bond) -> Taken {
        let (Some(premise), Some(payer)) = (self.premise_id(&bond.label).await?, self.owner_id(bond.owner).await?) else {
            return Ok(false);
        };
        if self.open_account(premise).await?.is_some() {
            return Ok(false);
        }
        let id = NewAccount { premise, payer, opened_on: bond.from }.open(self.tx).await?;
        self.made(EffectKind::Account, id.0).await?;
        self.note_made(Subject::Account, id.0, &bond.label, &json!({"premise": bond.label})).await?;
        Ok(true)
    }

    async fn open_account(&mut self, premise: PremiseId) -> db::Result<Option<AccountId>> {
        let accounts = Account::of_premise(&mut *self.tx, premise).await?;
        Ok(accounts.into_iter().find(|account| account.closed_on.is_none()).map(|account| account.id))
    }

    async fn contract(&mut self, contract: &NewContract) -> Taken {
        let Some(premise) = self.premise_id(&contract.label).await? else {
            return Ok(false);
        };
        let Some(account) = self.open_account(premise).await? else {
            return Ok(false);
        };
        let service = match contract.resource {
            Resource::Water => Service::Water,
            Resource::Electricity => Service::Electricity,
        };
        let signed = Contract::of_premise(&mut *self.tx, premise).await?;
        if signed.iter().any(|standing| standing.service == service && standing.ended_on.is_none()) {
            return Ok(false);
        }
        let new =
            contract::NewContract { account, service, number: MADE_UP.to_owned(), signed_on: contract.signed_on, note: String::new() };
        let id = new.sign(self.tx).await?;
        self.made(EffectKind::Contract, id.0).await?;
        self.note_made(Subject::Contract, id.0, &contract.label, &json!({"service": service, "premise": contract.label})).await?;
        Ok(true)
    }
}

impl PremiseChange {
    /// Is the premise as it was when the plan was made?
    fn fits(&self, premise: &Premise) -> bool {
        self.area.as_ref().is_none_or(|change| change.old == premise.area)
            && self.note.as_ref().is_none_or(|change| change.old == premise.note)
    }
}

/// An owner's details as they are now.
pub(super) fn details_of(owner: &Owner, phones: Vec<Phone>) -> OwnerDetails {
    OwnerDetails {
        kind: owner.kind,
        last_name: owner.last_name.clone(),
        first_name: owner.first_name.clone(),
        patronymic: owner.patronymic.clone(),
        email: owner.email.clone(),
        note: owner.note.clone(),
        phones,
    }
}

/// What an import may change of an owner.
fn reachable(details: &OwnerDetails) -> serde_json::Value {
    json!({"email": details.email, "phones": details.phones})
}

fn result_of(plan: &RowPlan) -> RowResult {
    match plan.action() {
        Action::Create => RowResult::Created,
        Action::Change => RowResult::Changed,
        Action::Same | Action::Problem | Action::Skip => RowResult::Same,
    }
}

impl Step {
    /// The word for what is missed when the step cannot be taken.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Premise(_) => "premise",
            Self::PremiseChange(_) => "area",
            Self::Owner(_) | Self::OwnerChange(_) => "owner",
            Self::Ownership(_) => "ownership",
            Self::Account(_) => "account",
            Self::Contract(_) => "contract",
            Self::Meter(_) | Self::MeterChange(_) => "meter",
            Self::Opening(_) => "opening",
            Self::Reading(_) => "reading",
        }
    }
}
