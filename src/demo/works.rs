//! Two weeks of work orders in the demo cooperative: opened by the office, done by the controllers, paid every midnight.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use time::{Date, Duration};

use crate::{
    app::App,
    audit::Author,
    db::{Tx, q},
    estate::premise::PremiseId,
    kernel::{Moment, clock::Zone},
    staff::user::UserId,
    works::{NewWorkOrder, Reshuffle, WorkOrder, WorkOrderId, payout},
};

const DAYS: i64 = 14;
/// How many days ago the manager reshuffled.
const RESHUFFLED: i64 = 6;
const SEED: u64 = 20_261_122;

/// What is to be done, the number of its ticket, and whether it is at a plot.
const TASKS: &[(&str, Option<&str>, bool)] = &[
    ("Заменить сорванную пломбу", None, true),
    ("Проверить счётчик: расход вдвое больше обычного", Some("ОБР-118"), true),
    ("Прочистить ливневую канаву у третьего массива", None, false),
    ("Перекрыть воду на время ремонта", Some("ОБР-121"), true),
    ("Сфотографировать счётчик для спора о показаниях", Some("ОБР-124"), true),
    ("Повесить объявление о собрании на щитах у ворот", None, false),
    ("Заменить лампу у въезда", None, false),
    ("Подтянуть сальник на вводе", Some("ОБР-130"), true),
    ("Проверить, живёт ли кто-нибудь на участке", None, true),
    ("Снять контрольные показания общего счётчика", None, false),
    ("Отвезти старые счётчики на поверку", Some("ОБР-133"), false),
    ("Убрать ветки с линии электропередачи", Some("ОБР-135"), true),
];

const NOTES: &[&str] = &["", "Сделано, фото отправил", "Заменил, старую сдал в контору", "", "Хозяин был дома"];

/// Opens, does, reshuffles and pays day by day; `people` are those who open orders, the manager first.
pub async fn tell(app: &App, people: &[(UserId, &str)], premises: &[PremiseId], begun: Moment) -> anyhow::Result<()> {
    let (zone, now) = (Zone::moscow(), app.clock.now());
    let mut dice = StdRng::seed_from_u64(SEED);
    let mut told = 0;
    for ago in (0..=DAYS).rev() {
        let day = zone.day(now).saturating_sub(Duration::days(ago));
        let mut tx = app.db.begin().await?;
        for hour in [9, 11, 14] {
            let at = zone.start_of(day).plus(Duration::hours(hour));
            if at > begun && at < now {
                open(&mut tx, (people, premises), told, &mut dice, at).await?;
                told += 1;
            }
        }
        let noon = zone.noon(day);
        if let Some((id, name)) = people.first().filter(|_| ago == RESHUFFLED && noon > begun) {
            let author = Author { id: Some(*id), name: (*name).to_owned(), address: String::new() };
            Reshuffle::carry_out(&mut tx, SEED, None, &author, noon).await??;
        }
        // of the last two days most is still to be done
        let done_of_six = if ago < 2 { 1 } else { 4 };
        complete(&mut tx, (&mut dice, done_of_six), zone.start_of(day).plus(Duration::hours(16)), now).await?;
        tx.commit().await?;
        if ago > 0 {
            pay(app, day, zone).await?;
        }
    }
    Ok(())
}

async fn open(
    tx: &mut Tx,
    (people, premises): (&[(UserId, &str)], &[PremiseId]),
    number: usize,
    dice: &mut StdRng,
    at: Moment,
) -> anyhow::Result<()> {
    let (title, ticket, is_at_plot) = TASKS[number % TASKS.len()];
    let premise = if is_at_plot && !premises.is_empty() { Some(premises[number * 7 % premises.len()]) } else { None };
    let new = NewWorkOrder {
        title: title.to_owned(),
        ticket: ticket.map(str::to_owned),
        premise,
        key: Some(format!("demo-work-{number}")),
        ..NewWorkOrder::default()
    };
    let by = people.get(number % people.len().max(1)).map(|(id, _)| *id);
    new.open(tx, by, dice, at).await??;
    Ok(())
}

/// So many in six of those open are done the same day, one after the other through the afternoon.
async fn complete(tx: &mut Tx, (dice, of_six): (&mut StdRng, i64), from: Moment, now: Moment) -> anyhow::Result<()> {
    let open: Vec<(WorkOrderId, UserId)> =
        q(&mut *tx, "select id, worker_id from work_order where state = 'open' order by id").all().await?;
    for (place, (id, worker)) in (0..).zip(open) {
        let at = from.plus(Duration::minutes(place * 11));
        let (is_done, note) = (dice.random_range(0..6) < of_six, NOTES[dice.random_range(0..NOTES.len())]);
        if is_done && at < now {
            WorkOrder::complete(tx, id, worker, note, at).await??;
        }
    }
    Ok(())
}

async fn pay(app: &App, day: Date, zone: Zone) -> anyhow::Result<()> {
    let midnight = zone.start_of(day.next_day().unwrap_or(day));
    let mut tx = app.db.begin().await?;
    payout::pay_out(&mut tx, day, &Author::program("payout"), midnight).await??;
    tx.commit().await?;
    Ok(())
}
