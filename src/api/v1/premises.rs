//! Premises: plots and apartments.

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
    db::{On, Tx},
    estate::{
        pages::premise_form::read,
        premise::{Premise, PremiseDetails, PremiseId, PremiseKind},
        premise_list::{PremiseFilter, PremiseOrder},
        registering::{Hand, NotEntered},
        site::SiteId,
    },
    kernel::Quantity,
    staff::user::Permission,
    web::{Check, Input, list::Sort},
};

pub struct Premises;

/// What a premise is made of. Its site never changes.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PremiseBody {
    pub site_id: SiteId,
    /// A plot when it is left out.
    #[serde(default = "plot")]
    pub kind: PremiseKind,
    /// What people know it by: `3-12-7`, `кв. 5`.
    pub label: String,
    #[serde(default)]
    pub area_m2: Option<Quantity>,
    #[serde(default)]
    pub note: String,
}

fn plot() -> PremiseKind {
    PremiseKind::Plot
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PremiseView {
    pub id: PremiseId,
    pub site_id: SiteId,
    pub kind: PremiseKind,
    pub label: String,
    pub area_m2: Option<Quantity>,
    pub note: String,
    pub ended_on: Option<Day>,
}

impl From<Premise> for PremiseView {
    fn from(premise: Premise) -> Self {
        Self {
            id: premise.id,
            site_id: premise.site_id,
            kind: premise.kind,
            label: premise.label,
            area_m2: premise.area,
            note: premise.note,
            ended_on: premise.ended_on.map(Day),
        }
    }
}

impl PremiseBody {
    pub fn details(&self) -> Result<PremiseDetails> {
        let input = Input::of([
            ("kind", self.kind.to_string()),
            ("label", self.label.clone()),
            ("area", self.area_m2.map_or_else(String::new, |area| area.to_string())),
            ("note", self.note.clone()),
        ]);
        let mut check = Check::new(&input);
        let details = read(&mut check);
        Ok(check.done(details).map_err(|errors| errors.renamed(&[("area", "area_m2")]))?)
    }
}

/// A refusal to enter something, by the names of fields here.
pub fn refused(reason: NotEntered) -> Error {
    match reason {
        NotEntered::NoSite => Error::field("site_id", reason.key()),
        _ => Error::taken(reason.field(), reason.key()),
    }
}

impl Noun for Premises {
    const PATH: &'static str = "/premises";
    const SEE: Permission = Permission::SeeEstate;
    const EDIT: Permission = Permission::EditEstate;
    const SUMMARIES: [&'static str; 6] = [
        "Premises of the sites that the caller sees",
        "Make a premise",
        "One premise",
        "Change a premise",
        "Delete a premise on which nothing hangs",
        "Make premises row by row; good rows stay",
    ];
    type New = PremiseBody;
    type Change = PremiseBody;
    type View = PremiseView;
    type Order = PremiseOrder;

    fn filters(op: Op) -> Op {
        op.by::<SiteId>("site_id").by::<String>("q")
    }

    fn usual_order() -> Sort<PremiseOrder> {
        Sort::up(PremiseOrder::Label)
    }

    async fn list(call: &Call, slice: Slice, sort: Sort<PremiseOrder>) -> Result<Listed<PremiseView>> {
        let filter = PremiseFilter { words: call.query.text("q").to_owned(), site: call.asked("site_id")?, ..PremiseFilter::default() };
        let seen = call.seen()?;
        let total = filter.tally(&call.db, seen).await?.premises;
        let ids = filter.keys(&call.db, seen, sort.by, sort.is_descending, slice.bounds()).await?;
        Ok(slice.of(Premise::some(&call.db, &ids).await?, total).map(PremiseView::from))
    }

    async fn show(call: &Call, on: On<'_>, key: i64) -> Result<PremiseView> {
        Ok(call.visible(Premise::find(on, PremiseId(key)).await?, |premise| premise.site_id)?.into())
    }

    async fn make(call: &Call, tx: &mut Tx, new: &PremiseBody) -> Result<i64> {
        let details = new.details()?;
        let site = call.site(&mut *tx, new.site_id).await?;
        let author = call.author()?;
        let entered = Hand { author: &author, at: call.now() }.enter_premise(tx, site.id, &details).await?;
        entered.map(|id| id.0).map_err(refused)
    }

    async fn change(call: &Call, tx: &mut Tx, key: i64, change: &PremiseBody) -> Result<()> {
        let details = change.details()?;
        let premise = Premise::find(&mut *tx, PremiseId(key)).await?.ok_or(Error::NOT_FOUND)?;
        if premise.site_id != change.site_id {
            return Err(Error::field("site_id", "api-never-changes"));
        }
        let author = call.author()?;
        Hand { author: &author, at: call.now() }.change_premise(tx, &premise, &details).await?.map_err(refused)
    }

    async fn take_away(call: &Call, tx: &mut Tx, key: i64) -> Result<()> {
        let premise = Premise::find(&mut *tx, PremiseId(key)).await?.ok_or(Error::NOT_FOUND)?;
        let author = call.author()?;
        Hand { author: &author, at: call.now() }.take_premise_away(tx, &premise).await.map_err(in_use)
    }
}
