//! Letters in the background: rounds that somebody asked for, and every morning those that a site's schedule asks for.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::{
    debtor::{Day, DebtorFilter, DebtorOrder},
    notice::{NoticeRun, NoticeRunId, Plan},
    sending,
};
use crate::{
    admin::settings::Settings,
    app::App,
    db::{self, Tx},
    estate::site::Site,
    jobs::{self, JobId, Kind, NewJob, Work},
    kernel::{Moment, clock::Zone, text::is_email},
    notify::{self, Channel, MessageKind, NewMessage, Place},
    staff::user::{Role, User, UserId},
    web::Locale,
};

#[derive(Serialize, Deserialize)]
struct Arguments {
    run: NoticeRunId,
}

/// Queues the writing of a round, once.
pub async fn ask(tx: &mut Tx, run: NoticeRunId, title: String, by: Option<UserId>, now: Moment) -> db::Result<JobId> {
    jobs::enqueue(tx, NewJob::new(Kind::Notices, &Arguments { run }).once(format!("notices:{run}")).about(title).by(by), now).await
}

pub async fn run(app: App, work: Work) -> anyhow::Result<String> {
    let Arguments { run } = work.arguments().context("which round")?;
    let round = NoticeRun::find(&app.db, run).await?.context("the round is gone")?;
    sending::write(&app, run, &round.terms, |done, all| work.kept(done, all)).await?;
    Ok(format!("/notices/{run}"))
}

/// Begins the rounds that are due today, and tells the management what is owed.
pub async fn morning(app: App, _work: Work) -> anyhow::Result<String> {
    let now = app.clock.now();
    let today = app.today();
    for plan in Plan::all(&app.db).await?.into_iter().filter(|plan| plan.is_on) {
        let Some(site) = Site::find(&app.db, plan.site).await? else { continue };
        let local = site.zone().day(now);
        if i64::from(local.day()) != plan.month_day {
            continue;
        }
        let mut tx = app.db.begin().await?;
        let run = plan.terms().begin(&mut tx, Some(&format!("schedule:{}:{local}", plan.site)), None, now).await?;
        ask(&mut tx, run, site.details.name.clone(), None, now).await?;
        notify::write(&mut tx, &totals(&app, &site, Day::of(&app.db, today).await?).await?, now).await?;
        tx.commit().await?;
    }
    Ok("/notices".to_owned())
}

/// What the chair and the managers are told of a site on the day of its letters.
async fn totals(app: &App, site: &Site, day: Day) -> anyhow::Result<Vec<NewMessage>> {
    let l = Locale::from(Settings::load(&app.db).await?.language);
    let filter = DebtorFilter { site: Some(site.id), ..DebtorFilter::default() };
    let found = filter.page(&app.db, None, day, (DebtorOrder::Debt, true), (10, 0)).await?;
    let mut lines =
        vec![l.a("totals-owed", &[("people", l.n("debtors-count", found.people)), ("sum", l.money(found.debt))]), String::new()];
    lines.extend(found.rows.iter().map(|debtor| l.a("totals-line", &[("name", debtor.name.clone()), ("sum", l.money(debtor.debt))])));
    let subject = l.a("totals-subject", &[("site", site.details.name.clone()), ("date", l.date(Zone::moscow().day(app.clock.now())))]);
    let people = User::all(&app.db).await?.into_iter();
    let told = people.filter(|user| !user.is_blocked && matches!(user.role, Role::Chair | Role::Manager) && is_email(&user.email));
    Ok(told
        .map(|user| NewMessage {
            to: Place { channel: Channel::Email, address: user.email },
            otherwise: None,
            kind: MessageKind::Totals,
            subject: subject.clone(),
            text: lines.join("\n"),
            owner: None,
            user: Some(user.id),
            key: Some(format!("totals:{}:{}:{}", site.id, day.today, user.id)),
        })
        .collect())
}
