//! Takes the steps of a plan, each only if what it was planned upon is still so.

use std::collections::BTreeMap;

use serde_json::json;
use time::Date;

use super::{
    batch::BatchId,
    effect::{Changed, Effect, EffectKind},
    plan::{Bond, NewContract, NewOwner, NewPremise, OwnerChange, OwnerRef, PremiseChange, RowPlan, Step},
    rows::{self, Outcome, RowResult},
};
use crate::{
    audit::{Author, Entry, Subject},
    db::{self, Tx, q},
    estate::site::{Site, SiteKind},
    kernel::{
        Moment, Quantity,
        text::{fold, natural_key},
    },
    metering::reading,
    search::{self, Found},
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
    pub(super) async fn premise_id(&mut self, label: &str) -> db::Result<Option<i64>> {
        q(&mut *self.tx, "select id from premise where site_id = $1 and label = $2 and ended_on is null")
            .bind(self.site.id)
            .bind(label.to_owned())
            .scalar_opt()
            .await
    }

    async fn premise(&mut self, premise: &NewPremise) -> Taken {
        let is_taken: i64 = q(&mut *self.tx, "select count(*) from premise where site_id = $1 and label = $2")
            .bind(self.site.id)
            .bind(premise.label.clone())
            .scalar()
            .await?;
        if is_taken > 0 {
            return Ok(false);
        }
        let kind = if self.site.details.kind == SiteKind::Garden { "plot" } else { "apartment" };
        let id: i64 = q(
            &mut *self.tx,
            "insert into premise (site_id, kind, label, sort_key, part_array, part_line, part_sector, area_thousandths, note, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            returning id",
        )
        .bind(self.site.id)
        .bind(kind)
        .bind(premise.label.clone())
        .bind(natural_key(&premise.label))
        .bind(premise.array.clone())
        .bind(premise.line.clone())
        .bind(premise.sector.clone())
        .bind(premise.area)
        .bind(premise.note.clone())
        .bind(self.at)
        .scalar()
        .await?;
        search::index(self.tx, Found::Premise, id, &[&premise.label]).await?;
        self.made(EffectKind::Premise, id).await?;
        self.note_made(Subject::Premise, id, &premise.label, premise).await?;
        Ok(true)
    }

    async fn premise_change(&mut self, change: &PremiseChange) -> Taken {
        let sql = "select label, area_thousandths, note from premise where id = $1 and ended_on is null";
        let found: Option<(String, Option<Quantity>, String)> = q(&mut *self.tx, sql).bind(change.id).opt().await?;
        let Some((label, area, note)) = found else {
            return Ok(false);
        };
        let is_as_planned =
            change.area.as_ref().is_none_or(|change| change.old == area) && change.note.as_ref().is_none_or(|change| change.old == note);
        if !is_as_planned {
            return Ok(false);
        }
        let (new_area, new_note) =
            (change.area.as_ref().map_or(area, |change| change.new), change.note.as_ref().map_or(&note, |change| &change.new));
        let changed = Changed { before: json!({"area": area, "note": note}), after: json!({"area": new_area, "note": new_note}) };
        q(&mut *self.tx, "update premise set area_thousandths = $2, note = $3 where id = $1")
            .bind(change.id)
            .bind(new_area)
            .bind(new_note.clone())
            .run()
            .await?;
        self.changed(EffectKind::Premise, change.id, &changed).await?;
        self.note_changed(Subject::Premise, change.id, &label, &changed).await?;
        Ok(true)
    }

    async fn owner(&mut self, owner: &NewOwner) -> db::Result<i64> {
        let full = owner.name.full();
        let id: i64 = q(
            &mut *self.tx,
            "insert into owner (kind, last_name, first_name, patronymic, full_name, sort_key, email, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            returning id",
        )
        .bind(if owner.name.is_company { "company" } else { "person" })
        .bind(owner.name.last_name.clone())
        .bind(owner.name.first_name.clone())
        .bind(owner.name.patronymic.clone())
        .bind(full.clone())
        .bind(fold(&full))
        .bind(owner.email.clone())
        .bind(self.at)
        .scalar()
        .await?;
        self.made(EffectKind::Owner, id).await?;
        self.add_phones(id, &owner.phones).await?;
        self.index_owner(id, &full).await?;
        self.note_made(Subject::Owner, id, &full, &json!({"name": full, "phones": owner.phones, "email": owner.email})).await?;
        Ok(id)
    }

    async fn add_phones(&mut self, owner: i64, phones: &[String]) -> db::Result<()> {
        let known: i64 = q(&mut *self.tx, "select count(*) from owner_phone where owner_id = $1").bind(owner).scalar().await?;
        for (phone, position) in phones.iter().zip(known..) {
            let id: Option<i64> = q(
                &mut *self.tx,
                "insert into owner_phone (owner_id, phone, position)
                values ($1, $2, $3)
                on conflict (owner_id, phone) do nothing
                returning id",
            )
            .bind(owner)
            .bind(phone.clone())
            .bind(position)
            .scalar_opt()
            .await?;
            if let Some(id) = id {
                self.made(EffectKind::OwnerPhone, id).await?;
            }
        }
        Ok(())
    }

    async fn index_owner(&mut self, id: i64, full: &str) -> db::Result<()> {
        let phones: Vec<String> = q(&mut *self.tx, "select phone from owner_phone where owner_id = $1").bind(id).scalars().await?;
        let texts: Vec<&str> = std::iter::once(full).chain(phones.iter().map(String::as_str)).collect();
        search::index(self.tx, Found::Owner, id, &texts).await
    }

    async fn owner_change(&mut self, change: &OwnerChange) -> Taken {
        let found: Option<(String, String)> =
            q(&mut *self.tx, "select full_name, email from owner where id = $1").bind(change.id).opt().await?;
        let Some((full, email)) = found.filter(|(_, email)| change.email.as_ref().is_none_or(|change| change.old == *email)) else {
            return Ok(false);
        };
        if let Some(new) = &change.email {
            q(&mut *self.tx, "update owner set email = $2 where id = $1").bind(change.id).bind(new.new.clone()).run().await?;
            let changed = Changed { before: json!({"email": email}), after: json!({"email": new.new}) };
            self.changed(EffectKind::Owner, change.id, &changed).await?;
            self.note_changed(Subject::Owner, change.id, &full, &changed).await?;
        }
        if !change.phones.is_empty() {
            self.add_phones(change.id, &change.phones).await?;
            let changed = Changed { before: json!({}), after: json!({"phones": change.phones}) };
            self.note_changed(Subject::Owner, change.id, &full, &changed).await?;
            self.index_owner(change.id, &full).await?;
        }
        Ok(true)
    }

    /// Somebody of an earlier step, or somebody known who is still there.
    async fn owner_id(&mut self, owner: OwnerRef) -> db::Result<Option<i64>> {
        match owner {
            OwnerRef::New(place) => self.new_owner_id(place).await,
            OwnerRef::Known(id) => q(&mut *self.tx, "select id from owner where id = $1").bind(id).scalar_opt().await,
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
        let owned: i64 =
            q(&mut *self.tx, "select count(*) from ownership where premise_id = $1 and until_on is null").bind(premise).scalar().await?;
        if owned > 0 {
            return Ok(false);
        }
        let id: i64 = q(&mut *self.tx, "insert into ownership (premise_id, owner_id, from_on) values ($1, $2, $3) returning id")
            .bind(premise)
            .bind(owner)
            .bind(bond.from)
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
        let number = self.free_account_number(premise).await?;
        let id: i64 =
            q(&mut *self.tx, "insert into account (number, premise_id, payer_id, opened_on) values ($1, $2, $3, $4) returning id")
                .bind(number.clone())
                .bind(premise)
                .bind(payer)
                .bind(bond.from)
                .scalar()
                .await?;
        self.made(EffectKind::Account, id).await?;
        self.note_made(Subject::Account, id, &number, &json!({"number": number, "premise": bond.label})).await?;
        Ok(true)
    }

    async fn open_account(&mut self, premise: i64) -> db::Result<Option<i64>> {
        q(&mut *self.tx, "select id from account where premise_id = $1 and closed_on is null order by id limit 1")
            .bind(premise)
            .scalar_opt()
            .await
    }

    /// The premise's own number, or, where it had an account before, that one with the next letter of the count.
    async fn free_account_number(&mut self, premise: i64) -> db::Result<String> {
        let earlier: i64 = q(&mut *self.tx, "select count(*) from account where premise_id = $1").bind(premise).scalar().await?;
        let plain = format!("{:06}", 100_000 + premise);
        Ok(if earlier == 0 { plain } else { format!("{plain}-{}", earlier + 1) })
    }

    async fn contract(&mut self, contract: &NewContract) -> Taken {
        let Some(premise) = self.premise_id(&contract.label).await? else {
            return Ok(false);
        };
        let Some(account) = self.open_account(premise).await? else {
            return Ok(false);
        };
        let service = contract.resource.as_str();
        let signed: i64 = q(&mut *self.tx, "select count(*) from contract where account_id = $1 and service = $2 and ended_on is null")
            .bind(account)
            .bind(service)
            .scalar()
            .await?;
        if signed > 0 {
            return Ok(false);
        }
        let id = self.insert_contract(account, service, contract.signed_on).await?;
        self.made(EffectKind::Contract, id).await?;
        self.note_made(Subject::Contract, id, &contract.label, &json!({"service": service, "premise": contract.label})).await?;
        Ok(true)
    }

    async fn insert_contract(&mut self, account: i64, service: &str, signed_on: Date) -> db::Result<i64> {
        q(&mut *self.tx, "insert into contract (account_id, service, number, signed_on) values ($1, $2, $3, $4) returning id")
            .bind(account)
            .bind(service.to_owned())
            .bind(super::planner::MADE_UP)
            .bind(signed_on)
            .scalar()
            .await
    }
}

fn result_of(plan: &RowPlan) -> RowResult {
    use super::plan::Action;
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
            Self::Reading(_) => "reading",
        }
    }
}
