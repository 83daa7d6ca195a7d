//! A round of letters: who gets which, by which way, and writing them down portion by portion.

use std::collections::{HashMap, HashSet};

use super::{
    debtor::{Day, Debtor, DebtorFilter, DebtorOrder, Late, Unpaid},
    ladder::{self, NoticeKind},
    letter::{self, Sender},
    mark::Mark,
    notice::{NewNotice, Notice, NoticeRun, NoticeRunId, Terms, message_key},
};
use crate::{
    admin::settings::Settings,
    app::App,
    db::{self, Db, placeholders, q},
    estate::owner::OwnerId,
    kernel::{Money, text::is_email},
    notify::{self, Channel, MessageKind, NewMessage, Place},
    web::Locale,
};

/// More debtors than any organisation has.
const ALL: i64 = 1_000_000;
/// Letters written in one transaction.
const AT_ONCE: usize = 200;

/// What a round would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    pub by_email: i64,
    pub paper: i64,
    /// Promised to pay, or to be left alone.
    pub left_alone: i64,
    /// The last letter is too fresh, or was the last there is.
    pub not_yet: i64,
    pub debt: Money,
    /// Who gets the first letter, and which.
    pub first: Option<(OwnerId, NoticeKind)>,
}

/// Somebody who gets a letter.
struct Addressee {
    owner: OwnerId,
    name: String,
    kind: NoticeKind,
}

/// Those who get a letter of a round, the largest debt first, and how many of the others do not for which reason.
struct Chosen {
    addressees: Vec<Addressee>,
    left_alone: i64,
    not_yet: i64,
    debt: Money,
}

async fn choose(db: &Db, terms: &Terms, day: Day) -> db::Result<Chosen> {
    let filter = DebtorFilter {
        site: terms.site,
        least: Some(terms.least).filter(|least| least.is_positive()),
        late: Some(Late::Any),
        ..DebtorFilter::default()
    };
    let debtors = filter.page(db, None, day, (DebtorOrder::Debt, true), (ALL, 0)).await?.rows;
    let (marked, last) = (Mark::holding(db, day.today).await?, Notice::last_of_all(db).await?);
    let mut chosen = Chosen { addressees: Vec::new(), left_alone: 0, not_yet: 0, debt: Money::ZERO };
    for Debtor { payer_id, name, debt, .. } in debtors {
        let last = last.get(&payer_id).copied();
        let kind = match terms.kind {
            Some(kind) => Some(kind).filter(|kind| ladder::may_send(*kind, last, terms.step_days, day.today)),
            None => ladder::next(last, terms.step_days, day.today),
        };
        match kind {
            _ if marked.contains(&payer_id) => chosen.left_alone += 1,
            None => chosen.not_yet += 1,
            Some(kind) => {
                chosen.debt += debt;
                chosen.addressees.push(Addressee { owner: payer_id, name, kind });
            }
        }
    }
    Ok(chosen)
}

/// Where these people get mail; those without an address that could be one are left out.
async fn mail_of(db: &Db, owners: &[OwnerId]) -> db::Result<HashMap<OwnerId, String>> {
    let mut mailboxes = HashMap::new();
    for chunk in owners.chunks(400) {
        let sql = format!(
            "select o.id, o.email
            from owner o
            where o.id in ({}) and o.email <> '' and not exists (
                select 1 from unreachable u where u.channel = 'email' and u.address = o.email)",
            placeholders(1, chunk.len())
        );
        let rows: Vec<(OwnerId, String)> = chunk.iter().fold(q(db, sql), |statement, owner| statement.bind(*owner)).all().await?;
        mailboxes.extend(rows.into_iter().filter(|(_, address)| is_email(address)));
    }
    Ok(mailboxes)
}

/// What a round on these terms would do today.
pub async fn preview(db: &Db, terms: &Terms, day: Day) -> db::Result<Preview> {
    let chosen = choose(db, terms, day).await?;
    let owners: Vec<OwnerId> = chosen.addressees.iter().map(|addressee| addressee.owner).collect();
    let by_email = if terms.by_email { mail_of(db, &owners).await?.len() } else { 0 };
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(Preview {
        by_email: count(by_email),
        paper: count(owners.len() - by_email),
        left_alone: chosen.left_alone,
        not_yet: chosen.not_yet,
        debt: chosen.debt,
        first: chosen.addressees.first().map(|addressee| (addressee.owner, addressee.kind)),
    })
}

/// Writes the letters of a round that are not written yet; `kept` is told how many are, after each portion. Answers how many there are.
pub async fn write<Kept: Future<Output = anyhow::Result<()>>>(
    app: &App,
    run: NoticeRunId,
    terms: &Terms,
    mut kept: impl FnMut(i64, i64) -> Kept,
) -> anyhow::Result<i64> {
    let day = Day::of(&app.db, app.today()).await?;
    let sender = Sender::of(Settings::load(&app.db).await?);
    let written: HashSet<OwnerId> = Notice::written(&app.db, run).await?.into_iter().collect();
    // Who has a letter of this round has a fresh one, so none of them is chosen again; the filter says so even when the days of a step are none.
    let mut addressees = choose(&app.db, terms, day).await?.addressees;
    addressees.retain(|addressee| !written.contains(&addressee.owner));
    let mut done = i64::try_from(written.len())?;
    let all = done + i64::try_from(addressees.len())?;
    for portion in addressees.chunks(AT_ONCE) {
        let owners: Vec<OwnerId> = portion.iter().map(|addressee| addressee.owner).collect();
        let mailboxes = if terms.by_email { mail_of(&app.db, &owners).await? } else { HashMap::new() };
        let unpaid = Unpaid::of_payers(&app.db, None, terms.site, &owners).await?;
        let mut notices = Vec::with_capacity(portion.len());
        for addressee in portion {
            let first = unpaid.partition_point(|unpaid| unpaid.payer_id < addressee.owner);
            // Paid while the round was being written.
            let Some(own) =
                unpaid[first..].chunk_by(|a, b| a.payer_id == b.payer_id).next().filter(|own| own[0].payer_id == addressee.owner)
            else {
                continue;
            };
            let letter = letter::compose(Locale::from(sender.language), addressee.kind, &addressee.name, &sender, own, day);
            notices.push(NewNotice {
                owner: addressee.owner,
                kind: addressee.kind,
                debt: own.iter().map(|unpaid| unpaid.debt).sum(),
                subject: letter.subject,
                text: letter.text,
                is_paper: !mailboxes.contains_key(&addressee.owner),
            });
        }
        let messages: Vec<NewMessage> =
            notices.iter().filter_map(|notice| Some(message(run, notice, mailboxes.get(&notice.owner)?))).collect();
        let now = app.clock.now();
        let mut tx = app.db.begin().await?;
        NewNotice::keep(&mut tx, run, &notices, day.today).await?;
        notify::write(&mut tx, &messages, now).await?;
        tx.commit().await?;
        done += i64::try_from(portion.len())?;
        kept(done, all).await?;
    }
    let mut tx = app.db.begin().await?;
    NoticeRun::finish(&mut tx, run, app.clock.now()).await?;
    tx.commit().await?;
    Ok(all)
}

fn message(run: NoticeRunId, notice: &NewNotice, address: &str) -> NewMessage {
    NewMessage {
        to: Place { channel: Channel::Email, address: address.to_owned() },
        otherwise: None,
        kind: match notice.kind {
            NoticeKind::Reminder => MessageKind::Reminder,
            NoticeKind::DebtLetter => MessageKind::DebtLetter,
            NoticeKind::PreCourt => MessageKind::PreCourt,
        },
        subject: notice.subject.clone(),
        text: notice.text.clone(),
        owner: Some(notice.owner),
        user: None,
        key: Some(message_key(run, notice.owner)),
    }
}
