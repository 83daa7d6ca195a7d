//! Who owes, by the one definition of debt, and what to write to them.

use axum::{http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::owners;
use crate::{
    admin::settings::Settings,
    api::{
        body::Body,
        call::Call,
        calls::{Calls, get, post},
        error::{Error, Result},
        values,
    },
    audit::Subject,
    debtors::{
        debtor::{Day, Debtor, DebtorFilter, DebtorOrder, Unpaid},
        job,
        ladder::NoticeKind,
        letter::{self, Sender},
        notice::{self, Terms},
        sending::{self, Preview},
    },
    estate::{owner::OwnerId, premise::PremiseId, site::SiteId},
    kernel::{Money, Period},
    notify::Channel,
    staff::user::Permission::{Notify, SeeMoney},
    web::{Access::Can, Keys, list::Sort},
};

/// Somebody who owes, with everything that is unpaid.
#[derive(Debug, Serialize, ToSchema)]
pub struct DebtorView {
    owner_id: OwnerId,
    name: String,
    debt_kopecks: Money,
    /// Of the debt: what is owed but not yet late.
    not_due_kopecks: Money,
    /// The earliest month that is not paid.
    oldest: Period,
    last_paid_on: Option<values::Day>,
    premises: Vec<DebtOfPremise>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DebtOfPremise {
    premise_id: PremiseId,
    site_id: SiteId,
    label: String,
    debt_kopecks: Money,
    unpaid: Vec<UnpaidBill>,
}

/// What is not paid of a bill, or, without one, of an older debt.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnpaidBill {
    /// Number of the account.
    account: String,
    bill_id: Option<i64>,
    number: Option<String>,
    period: Option<Period>,
    owed_since: values::Day,
    debt_kopecks: Money,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LetterView {
    subject: String,
    text: String,
}

/// Whom to write to, and how.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticesBody {
    /// Who owes there; on all sites when it is left out.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// Who owes less gets no letter.
    #[serde(default)]
    pub min_kopecks: Option<Money>,
    /// The next step of each person's ladder when it is left out.
    #[serde(default)]
    pub kind: Option<NoticeKind>,
    /// `email` for those who have an address; the letters of all others are for paper. Without it all are.
    pub channels: Vec<Channel>,
}

/// What a round of letters does.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticesView {
    run_id: i64,
    by_email: i64,
    on_paper: i64,
    /// Promised to pay, or asked to be left alone.
    left_alone: i64,
    /// Had a letter lately.
    not_yet: i64,
}

pub fn calls() -> Calls {
    let list = get("/debtors", Can(SeeMoney), "Who owes, the largest debt first").lists::<DebtorView>().sorted::<DebtorOrder>();
    let letter = get("/debtors/{owner}/letter", Can(SeeMoney), "What to write to somebody who owes, in the caller's language");
    Calls::of("debtors")
        .call(list.by::<SiteId>("site_id").by::<Money>("min_kopecks"), show_all)
        .call(
            post("/notices", Can(Notify), "Write letters to those who are late")
                .takes::<NoticesBody>()
                .answers::<NoticesView>(StatusCode::ACCEPTED),
            send,
        )
        .call(letter.by::<NoticeKind>("kind").gives::<LetterView>().refuses(StatusCode::CONFLICT), write)
}

async fn show_all(call: Call) -> Result {
    let (slice, sort) = (call.slice()?, call.sort(Sort::down(DebtorOrder::Debt))?);
    let least = call.asked::<i64>("min_kopecks")?.map(Money::from_kopecks);
    let filter = DebtorFilter { site: call.asked("site_id")?, least: least.filter(|least| least.is_positive()), ..DebtorFilter::default() };
    let (seen, day) = (call.seen()?, Day::of(&call.db, call.app().today()).await?);
    let mut found = filter.page(&call.db, seen, day, (sort.by, sort.is_descending), slice.bounds()).await?;
    if found.rows.is_empty() {
        // beyond the end there is no row to tell how many there are
        found.people = filter.page(&call.db, seen, day, (sort.by, sort.is_descending), (1, 0)).await?.people;
    }
    let payers: Vec<OwnerId> = found.rows.iter().map(|debtor| debtor.payer_id).collect();
    let unpaid = Unpaid::of_payers(&call.db, seen, filter.site, &payers).await?;
    let listed = slice.of(found.rows, found.people).map(|debtor| {
        let first = unpaid.partition_point(|unpaid| unpaid.payer_id < debtor.payer_id);
        let own = unpaid[first..].chunk_by(|a, b| a.payer_id == b.payer_id).next().unwrap_or_default();
        view(debtor, own)
    });
    Ok(axum::Json(listed).into_response())
}

fn view(debtor: Debtor, unpaid: &[Unpaid]) -> DebtorView {
    DebtorView {
        owner_id: debtor.payer_id,
        name: debtor.name,
        debt_kopecks: debtor.debt,
        not_due_kopecks: debtor.aged.not_due,
        oldest: debtor.oldest,
        last_paid_on: debtor.last_paid_on.map(values::Day),
        premises: unpaid.chunk_by(|a, b| a.premise_id == b.premise_id).map(of_premise).collect(),
    }
}

fn sum(unpaid: &[Unpaid]) -> Money {
    unpaid.iter().map(|unpaid| unpaid.debt).sum()
}

fn of_premise(unpaid: &[Unpaid]) -> DebtOfPremise {
    let bills = unpaid.chunk_by(|a, b| a.bill_id.is_some() && a.bill_id == b.bill_id);
    let bill = |of_bill: &[Unpaid]| UnpaidBill {
        account: of_bill[0].account_number.clone(),
        bill_id: of_bill[0].bill_id,
        number: of_bill[0].bill_number.clone(),
        period: of_bill[0].period,
        owed_since: values::Day(of_bill[0].owed_since),
        debt_kopecks: sum(of_bill),
    };
    DebtOfPremise {
        premise_id: unpaid[0].premise_id,
        site_id: unpaid[0].site_id,
        label: unpaid[0].premise_label.clone(),
        debt_kopecks: sum(unpaid),
        unpaid: bills.map(bill).collect(),
    }
}

async fn send(call: Call, Body(body): Body<NoticesBody>) -> Result {
    if let Some(site) = body.site_id {
        call.site(&call.db, site).await?;
    }
    let terms = Terms {
        kind: body.kind,
        site: body.site_id,
        least: body.min_kopecks.unwrap_or_default(),
        step_days: notice::STEP_DAYS,
        by_email: body.channels.contains(&Channel::Email),
    };
    let found = sending::preview(&call.db, &terms, Day::of(&call.db, call.app().today()).await?).await?;
    let mut turn = call.turn(&body).await?;
    let author = call.author()?;
    let run = terms.begin(&mut turn, call.key_of("notices")?.as_deref(), author.id, call.now()).await?;
    job::ask(&mut turn, run, String::new(), author.id, call.now()).await?;
    call.entry(&author, "audit-notices-written", Subject::Debtor, run.0, "").created(&mut turn, &terms).await?;
    let Preview { by_email, paper, left_alone, not_yet, .. } = found;
    let view = NoticesView { run_id: run.0, by_email, on_paper: paper, left_alone, not_yet };
    turn.end(StatusCode::ACCEPTED, "", &view).await
}

async fn write(call: Call, Keys(owner): Keys<i64>) -> Result {
    let owner = owners::visible(&call, (&call.db).into(), OwnerId(owner)).await?.ok_or(Error::NOT_FOUND)?;
    let day = Day::of(&call.db, call.app().today()).await?;
    let unpaid = Unpaid::of_payers(&call.db, call.seen()?, None, &[owner.id]).await?;
    if unpaid.is_empty() {
        return Err(Error::conflict("api-no-debt"));
    }
    let kind = call.asked("kind")?.unwrap_or(NoticeKind::DebtLetter);
    let sender = Sender::of(Settings::load(&call.db).await?);
    let letter = letter::compose(call.l, kind, &owner.full_name, &sender, &unpaid, day);
    Ok(axum::Json(LetterView { subject: letter.subject, text: letter.text }).into_response())
}
