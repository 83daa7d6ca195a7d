//! Owners: people and companies.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        call::{Call, Listed, Slice, in_use},
        calls::Op,
        error::{Error, Result},
        noun::Noun,
    },
    audit::Subject,
    db::{On, Tx},
    estate::{
        owner::{Owner, OwnerDetails, OwnerId, OwnerKind, Phone},
        owner_list::{OwnerFilter, OwnerOrder},
        pages::owner_form::read,
        site::SiteId,
    },
    staff::user::Permission,
    web::{Check, Input, list::Sort},
};

pub struct Owners;

/// What an owner is made of. A company's name stands in `last_name`.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerBody {
    /// A person when it is left out.
    #[serde(default = "person")]
    pub kind: OwnerKind,
    pub last_name: String,
    #[serde(default)]
    pub first_name: String,
    #[serde(default)]
    pub patronymic: String,
    /// In any usual spelling; answered in E.164.
    #[serde(default)]
    pub phones: Vec<String>,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub note: String,
}

fn person() -> OwnerKind {
    OwnerKind::Person
}

#[derive(Debug, Serialize, ToSchema)]
pub struct OwnerView {
    pub id: OwnerId,
    pub kind: OwnerKind,
    pub last_name: String,
    pub first_name: String,
    pub patronymic: String,
    pub full_name: String,
    pub phones: Vec<String>,
    pub email: String,
    pub note: String,
}

impl OwnerView {
    pub fn of((owner, phones): (Owner, Vec<Phone>)) -> Self {
        Self {
            id: owner.id,
            kind: owner.kind,
            last_name: owner.last_name,
            first_name: owner.first_name,
            patronymic: owner.patronymic,
            full_name: owner.full_name,
            phones: phones.iter().map(|phone| phone.as_str().to_owned()).collect(),
            email: owner.email,
            note: owner.note,
        }
    }
}

impl OwnerBody {
    pub fn details(&self) -> Result<OwnerDetails> {
        let input = Input::of([
            ("kind", self.kind.to_string()),
            ("last_name", self.last_name.clone()),
            ("first_name", self.first_name.clone()),
            ("patronymic", self.patronymic.clone()),
            ("phones", self.phones.join("\n")),
            ("email", self.email.clone()),
            ("note", self.note.clone()),
        ]);
        let mut check = Check::new(&input);
        let details = read(&mut check, &input);
        Ok(check.done(details)?)
    }
}

/// The owner, if the caller sees a site where he has or had anything; whoever sees all sites sees also owners of nothing.
pub async fn visible(call: &Call, on: On<'_>, id: OwnerId) -> Result<Option<Owner>> {
    let mut on = on;
    let Some(owner) = Owner::find(&mut on, id).await? else { return Ok(None) };
    let actor = call.actor()?;
    let is_seen = actor.sites.is_none() || Owner::sites(&mut on, id).await?.into_iter().any(|site| actor.sees(site));
    Ok(is_seen.then_some(owner))
}

/// Makes an owner, with its entry in the audit.
pub async fn enter(call: &Call, tx: &mut Tx, details: &OwnerDetails) -> Result<OwnerId> {
    let id = details.create(tx, call.now()).await?;
    let author = call.author()?;
    call.entry(&author, "audit-owner-created", Subject::Owner, id.0, details.full_name()).created(tx, details).await?;
    Ok(id)
}

impl Noun for Owners {
    const PATH: &'static str = "/owners";
    const SEE: Permission = Permission::SeeEstate;
    const EDIT: Permission = Permission::EditEstate;
    const SUMMARIES: [&'static str; 6] = [
        "Owners of anything on the sites that the caller sees",
        "Make an owner",
        "One owner",
        "Change an owner",
        "Delete an owner on whom nothing hangs",
        "Make owners row by row; good rows stay",
    ];
    type New = OwnerBody;
    type Change = OwnerBody;
    type View = OwnerView;
    type Order = OwnerOrder;

    fn filters(op: Op) -> Op {
        op.by::<SiteId>("site_id").by::<String>("q")
    }

    fn usual_order() -> Sort<OwnerOrder> {
        Sort::up(OwnerOrder::Name)
    }

    async fn list(call: &Call, slice: Slice, sort: Sort<OwnerOrder>) -> Result<Listed<OwnerView>> {
        let filter = OwnerFilter { words: call.query.text("q").to_owned(), site: call.asked("site_id")?, ..OwnerFilter::default() };
        let seen = call.seen()?;
        let total = filter.count(&call.db, seen).await?;
        let ids = filter.keys(&call.db, seen, sort.by, sort.is_descending, slice.bounds()).await?;
        Ok(slice.of(Owner::some(&call.db, &ids).await?, total).map(OwnerView::of))
    }

    async fn show(call: &Call, on: On<'_>, key: i64) -> Result<OwnerView> {
        let mut on = on;
        let owner = visible(call, (&mut on).into(), OwnerId(key)).await?.ok_or(Error::NOT_FOUND)?;
        let phones = Owner::phones(on, owner.id).await?;
        Ok(OwnerView::of((owner, phones)))
    }

    async fn make(call: &Call, tx: &mut Tx, new: &OwnerBody) -> Result<i64> {
        Ok(enter(call, tx, &new.details()?).await?.0)
    }

    async fn change(call: &Call, tx: &mut Tx, key: i64, change: &OwnerBody) -> Result<()> {
        let details = change.details()?;
        let id = OwnerId(key);
        let owner = Owner::find(&mut *tx, id).await?.ok_or(Error::NOT_FOUND)?;
        let before = owner.details(Owner::phones(&mut *tx, id).await?);
        details.save(tx, id).await?;
        let author = call.author()?;
        call.entry(&author, "audit-owner-changed", Subject::Owner, key, details.full_name()).changed(tx, &before, &details).await?;
        Ok(())
    }

    async fn take_away(call: &Call, tx: &mut Tx, key: i64) -> Result<()> {
        let owner = Owner::find(&mut *tx, OwnerId(key)).await?.ok_or(Error::NOT_FOUND)?;
        owner.take_away(tx).await.map_err(in_use)?;
        let author = call.author()?;
        Ok(call.entry(&author, "audit-owner-deleted", Subject::Owner, key, owner.full_name).noted(tx).await?)
    }
}
