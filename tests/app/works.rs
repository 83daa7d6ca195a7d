//! Work orders: given by lot at once and at every reshuffle, paid for by whoever gets them, earned by whoever does them, paid out daily.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use meterbook::{
    admin::settings::Settings,
    app::{NIGHT, SCHEDULE},
    audit::Author,
    db::q,
    estate::{premise::PremiseId, site::SiteId},
    jobs::schedule,
    kernel::{Dice, Money, clock::Zone},
    staff::user::{Role, User, UserId},
    works::{
        NewWorkOrder, Opened, Payout, PayoutState, Refusal, Reshuffle, WorkOrder, WorkOrderId, WorkOrderState, analytics, order::Cause,
        payout, reshuffle::Outcome, worker,
    },
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use time::{Date, Duration, macros::date};

use crate::cast::TestApp;

const TODAY: Date = date!(2026 - 11 - 20);

fn roubles(whole: i64) -> Money {
    Money::from_kopecks(whole * 100)
}

fn author() -> Author {
    Author::program("test")
}

/// Three controllers, the office around them, and the site that the first two see.
struct Crew {
    site: SiteId,
    workers: [UserId; 3],
    manager: UserId,
}

async fn crew(app: &TestApp) -> Crew {
    let site = app.site().await;
    let kirill = app.user("kirill", "Кирилл Береговой", Role::Controller).await;
    let darya = app.user("darya", "Дарья Косова", Role::Controller).await;
    let pavel = app.user("pavel", "Павел Маяков", Role::Controller).await;
    for worker in [kirill, darya] {
        app.give_site(worker, site).await;
    }
    let manager = app.user("mark", "Марк Пристанев", Role::Manager).await;
    for (login, role) in [("anna", Role::Administrator), ("vera", Role::Accountant), ("semyon", Role::Chair), ("robot", Role::Service)] {
        app.user(login, login, role).await;
    }
    Crew { site, workers: [kirill, darya, pavel], manager }
}

fn order(title: &str) -> NewWorkOrder {
    NewWorkOrder { title: title.to_owned(), ..NewWorkOrder::default() }
}

async fn opened(app: &TestApp, new: &NewWorkOrder, by: UserId, dice: &Dice) -> Result<Opened, Refusal> {
    let mut tx = app.db.begin().await.unwrap();
    let outcome = new.open(&mut tx, Some(by), &mut dice.generator(), app.clock.now()).await.unwrap();
    if outcome.is_ok() {
        tx.commit().await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
    outcome
}

async fn completed(app: &TestApp, id: WorkOrderId, by: UserId) -> Result<WorkOrder, Refusal> {
    let mut tx = app.db.begin().await.unwrap();
    let outcome = WorkOrder::complete(&mut tx, id, by, "готово", app.clock.now()).await.unwrap();
    if outcome.is_ok() {
        tx.commit().await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
    outcome
}

async fn reshuffled(app: &TestApp, seed: u64, shown: Option<&str>) -> Result<Outcome, Refusal> {
    let mut tx = app.db.begin().await.unwrap();
    let outcome = Reshuffle::carry_out(&mut tx, seed, shown, &author(), app.clock.now()).await.unwrap();
    if outcome.is_ok() {
        tx.commit().await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
    outcome
}

async fn paid_out(app: &TestApp, day: Date) -> Result<Vec<Payout>, payout::Refusal> {
    let mut tx = app.db.begin().await.unwrap();
    let outcome = payout::pay_out(&mut tx, day, &author(), app.clock.now()).await.unwrap();
    if outcome.is_ok() {
        tx.commit().await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
    outcome
}

async fn settle(app: &TestApp, change: impl FnOnce(&mut Settings)) {
    let mut tx = app.db.begin().await.unwrap();
    let mut settings = Settings::load(&mut tx).await.unwrap();
    change(&mut settings);
    settings.save(&mut tx, &author(), app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn balance(app: &TestApp, worker: UserId) -> Money {
    worker::balance(&app.db, worker).await.unwrap()
}

async fn found(app: &TestApp, id: WorkOrderId) -> WorkOrder {
    WorkOrder::find(&app.db, id).await.unwrap().unwrap()
}

async fn block(app: &TestApp, worker: UserId, is_blocked: bool) {
    let mut tx = app.db.begin().await.unwrap();
    User::set_blocked(&mut tx, worker, is_blocked).await.unwrap();
    tx.commit().await.unwrap();
}

both_engines! {
    async fn an_order_goes_to_a_controller_at_once_and_never_to_the_office(app: TestApp) {
        let crew = crew(&app).await;
        let dice = Dice::seeded(1);
        let plot = app.plot(crew.site, "1-1-1").await;
        let (mut anywhere, mut there) = (BTreeSet::new(), BTreeSet::new());
        for number in 0..40 {
            let free = opened(&app, &order(&format!("Наряд {number}")), crew.manager, &dice).await.unwrap().order;
            assert!((1000..=2000).contains(&free.fee.kopecks()) && (2000..=4000).contains(&free.reward.kopecks()));
            assert_eq!((free.fee.kopecks() % 100, free.reward.kopecks() % 100), (0, 0), "limits in whole roubles draw whole roubles");
            anywhere.insert(free.worker_id);
            let at_plot = NewWorkOrder { premise: Some(plot), ..order("На участке") };
            there.insert(opened(&app, &at_plot, crew.manager, &dice).await.unwrap().order.worker_id);
        }
        assert_eq!(anywhere, BTreeSet::from(crew.workers));
        assert_eq!(there, BTreeSet::from([crew.workers[0], crew.workers[1]]), "only those who see the site");
        for worker in crew.workers {
            block(&app, worker, true).await;
        }
        assert_eq!(opened(&app, &order("Некому"), crew.manager, &dice).await.unwrap_err(), Refusal::NoWorker);
        block(&app, crew.workers[2], false).await;
        let at_plot = NewWorkOrder { premise: Some(plot), ..order("На участке") };
        assert_eq!(opened(&app, &at_plot, crew.manager, &dice).await.unwrap_err(), Refusal::NoWorker);
        let nowhere = NewWorkOrder { premise: Some(PremiseId(9999)), ..order("Нигде") };
        assert_eq!(opened(&app, &nowhere, crew.manager, &dice).await.unwrap_err(), Refusal::NoPremise);
        assert_eq!(app.count("work_order").await, 80);
        app.agrees().await;
    }

    async fn prices_stay_for_an_orders_life_and_limits_change_only_later_ones(app: TestApp) {
        let crew = crew(&app).await;
        let dice = Dice::seeded(2);
        let first = opened(&app, &order("Первый"), crew.manager, &dice).await.unwrap().order;
        settle(&app, |settings| {
            (settings.works.fee_least, settings.works.fee_most) = (Money::from_kopecks(151), Money::from_kopecks(152));
            (settings.works.reward_least, settings.works.reward_most) = (roubles(500), roubles(500));
        })
        .await;
        let second = opened(&app, &order("Второй"), crew.manager, &dice).await.unwrap().order;
        assert!((151..=152).contains(&second.fee.kopecks()));
        assert_eq!(second.reward, roubles(500));
        for seed in 0..5 {
            reshuffled(&app, seed, None).await.unwrap();
        }
        for order in [&first, &second] {
            let now = found(&app, order.id).await;
            assert_eq!((now.fee, now.reward), (order.fee, order.reward));
            assert_eq!(completed(&app, order.id, now.worker_id).await.unwrap().reward, order.reward);
        }
        app.agrees().await;
    }

    async fn the_fee_is_taken_at_each_change_of_person_and_the_reward_goes_to_who_has_it_then(app: TestApp) {
        let crew = crew(&app).await;
        let order = opened(&app, &order("Снять показания"), crew.manager, &Dice::seeded(3)).await.unwrap().order;
        let mut model: BTreeMap<UserId, Money> = crew.workers.map(|worker| (worker, Money::ZERO)).into();
        *model.get_mut(&order.worker_id).unwrap() = Money::ZERO - order.fee;
        let (mut holder, mut changes) = (order.worker_id, 0);
        for seed in 0..12 {
            let outcome = reshuffled(&app, seed, None).await.unwrap();
            let now = found(&app, order.id).await.worker_id;
            assert_eq!(outcome.changed, i64::from(now != holder));
            assert_eq!(outcome.charged, if now == holder { Money::ZERO } else { order.fee });
            if now != holder {
                *model.get_mut(&now).unwrap() = model[&now] - order.fee;
                (holder, changes) = (now, changes + 1);
            }
            for (worker, expected) in &model {
                assert_eq!(balance(&app, *worker).await, *expected, "seed {seed}");
            }
        }
        assert!((4..12).contains(&changes), "of three people about two in three draws change the person");
        let other = crew.workers.into_iter().find(|worker| *worker != holder).unwrap();
        assert_eq!(completed(&app, order.id, other).await.unwrap_err(), Refusal::NotYours);
        assert_eq!(completed(&app, order.id, crew.manager).await.unwrap_err(), Refusal::NotYours);
        assert_eq!(completed(&app, order.id, holder).await.unwrap().state, WorkOrderState::Done);
        assert_eq!(completed(&app, order.id, holder).await.unwrap_err(), Refusal::Done);
        assert_eq!(balance(&app, holder).await, model[&holder] + order.reward);
        assert_eq!(reshuffled(&app, 99, None).await, Ok(Outcome::default()), "what is done stays with who did it");
        let log: Vec<String> = q(&app.db, "select what from work_order_step order by id").scalars().await.unwrap();
        assert_eq!(log.len(), 3 + changes);
        assert_eq!((log[0].as_str(), log[1].as_str(), log[log.len() - 1].as_str()), ("created", "assigned", "completed"));
        let named: i64 = q(&app.db, "select count(*) from transfer where subject = 'work_order' and subject_id = $1").bind(order.id).scalar().await.unwrap();
        assert_eq!(named, i64::try_from(changes).unwrap() + 2, "each transfer names the order");
        app.agrees().await;
    }

    async fn the_same_key_is_the_same_order(app: TestApp) {
        let crew = crew(&app).await;
        let dice = Dice::seeded(4);
        let new = NewWorkOrder { key: Some("v-0001".to_owned()), ticket: Some("UBERPOP-42".to_owned()), ..order("Починить замок") };
        let first = opened(&app, &new, crew.manager, &dice).await.unwrap();
        let again = opened(&app, &new, crew.manager, &dice).await.unwrap();
        assert_eq!((first.is_new, again.is_new, first.order.id), (true, false, again.order.id));
        let other = NewWorkOrder { title: "Другое".to_owned(), ..new };
        assert_eq!(opened(&app, &other, crew.manager, &dice).await.unwrap_err(), Refusal::KeyReused);
        assert_eq!((app.count("work_order").await, app.count("transfer").await), (1, 1));
    }

    async fn a_reshuffle_is_done_exactly_as_it_was_shown_or_not_at_all(app: TestApp) {
        let crew = crew(&app).await;
        let dice = Dice::seeded(5);
        for number in 0..9 {
            opened(&app, &order(&format!("Наряд {number}")), crew.manager, &dice).await.unwrap();
        }
        let shown = Reshuffle::draw(&app.db, 17).await.unwrap();
        assert!(!shown.moves.is_empty());
        let before = app.count("transfer").await;
        let late = opened(&app, &order("Ещё один"), crew.manager, &dice).await.unwrap().order;
        assert_eq!(reshuffled(&app, 17, Some(&shown.fingerprint)).await, Err(Refusal::Changed));
        assert_eq!(app.count("transfer").await, before + 1, "a refused reshuffle moves nothing");
        completed(&app, late.id, late.worker_id).await.unwrap();
        let outcome = reshuffled(&app, 17, Some(&shown.fingerprint)).await.unwrap();
        assert_eq!((outcome.changed, outcome.charged), (i64::try_from(shown.moves.len()).unwrap(), shown.charged()));
        for moved in &shown.moves {
            assert_eq!(found(&app, moved.order).await.worker_id, moved.to);
        }
        assert_eq!(reshuffled(&app, 17, Some(&shown.fingerprint)).await, Err(Refusal::Changed), "sent twice it is done once");
        let shown = Reshuffle::draw(&app.db, 18).await.unwrap();
        block(&app, crew.workers[0], true).await;
        assert_eq!(reshuffled(&app, 18, Some(&shown.fingerprint)).await, Err(Refusal::Changed), "a worker has left meanwhile");
        reshuffled(&app, 19, None).await.unwrap();
        let held: i64 = q(&app.db, "select count(*) from work_order where state = 'open' and worker_id = $1").bind(crew.workers[0]).scalar().await.unwrap();
        assert_eq!(held, 0, "what a blocked worker had is with others now");
        app.agrees().await;
    }

    async fn a_day_is_paid_down_to_zero_once_and_what_is_below_carries_over(app: TestApp) {
        let crew = crew(&app).await;
        let dice = Dice::seeded(6);
        let done = opened(&app, &order("Сделанный"), crew.manager, &dice).await.unwrap().order;
        completed(&app, done.id, done.worker_id).await.unwrap();
        let open = loop {
            let open = opened(&app, &order("Открытый"), crew.manager, &dice).await.unwrap().order;
            if open.worker_id != done.worker_id {
                break open;
            }
            completed(&app, open.id, open.worker_id).await.unwrap();
        };
        let (earned, owed) = (balance(&app, done.worker_id).await, balance(&app, open.worker_id).await);
        assert!(earned.is_positive() && owed.is_negative());
        assert_eq!(paid_out(&app, TODAY.next_day().unwrap()).await.unwrap_err(), payout::Refusal::Future);
        let made = paid_out(&app, TODAY).await.unwrap();
        assert_eq!(made.iter().map(|payout| (payout.worker_id, payout.sum, payout.state)).collect::<Vec<_>>(), [(done.worker_id, earned, PayoutState::Paid)]);
        assert_eq!(paid_out(&app, TODAY).await.unwrap().len(), 0);
        assert_eq!((balance(&app, done.worker_id).await, balance(&app, open.worker_id).await), (Money::ZERO, owed));
        app.clock.advance(Duration::days(1));
        completed(&app, open.id, open.worker_id).await.unwrap();
        assert_eq!(paid_out(&app, TODAY).await.unwrap().len(), 0, "what came after the day is paid with the next");
        let made = paid_out(&app, TODAY.next_day().unwrap()).await.unwrap();
        assert_eq!(made.len(), 1);
        assert_eq!(made[0].sum, open.reward + owed);
        app.agrees().await;
    }

    async fn one_day_is_paid_once_however_many_pay_it_at_the_same_time(app: TestApp) {
        let crew = crew(&app).await;
        let dice = Dice::seeded(7);
        for number in 0..12 {
            let open = opened(&app, &order(&format!("Наряд {number}")), crew.manager, &dice).await.unwrap().order;
            completed(&app, open.id, open.worker_id).await.unwrap();
        }
        let mut runs = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let app = app.clone();
            runs.spawn(async move { paid_out(&app, TODAY).await.unwrap().len() });
        }
        let made: usize = runs.join_all().await.into_iter().sum();
        let expected = app.count("payout").await;
        assert_eq!((i64::try_from(made).unwrap(), expected), (expected, 3));
        for worker in crew.workers {
            assert_eq!(balance(&app, worker).await, Money::ZERO);
        }
        app.agrees().await;
    }

    async fn midnight_pays_for_the_day_that_ended(app: TestApp) {
        let crew = crew(&app).await;
        let done = opened(&app, &order("Вечерний"), crew.manager, &Dice::seeded(8)).await.unwrap().order;
        completed(&app, done.id, done.worker_id).await.unwrap();
        schedule::enqueue_due(&app.db, SCHEDULE, app.clock.now()).await.unwrap();
        let until_midnight = Zone::moscow().start_of(TODAY.next_day().unwrap()).since(app.clock.now());
        app.clock.advance(until_midnight - Duration::seconds(1));
        assert_eq!(schedule::enqueue_due(&app.db, SCHEDULE, app.clock.now()).await.unwrap(), 0);
        app.clock.advance(Duration::seconds(1));
        assert_eq!(schedule::enqueue_due(&app.db, SCHEDULE, app.clock.now()).await.unwrap(), 1);
        assert_eq!(schedule::last(&app.db, NIGHT).await.unwrap(), None);
        app.work().await;
        let paid: Vec<(UserId, Date)> = q(&app.db, "select worker_id, day from payout where state = 'paid'").all().await.unwrap();
        assert_eq!(paid, [(done.worker_id, TODAY)]);
        assert_eq!(balance(&app, done.worker_id).await, Money::ZERO);
        app.agrees().await;
    }

    async fn a_large_payout_waits_for_another_person(app: TestApp) {
        let crew = crew(&app).await;
        let (anna, vera) = (app.user("anna", "", Role::Administrator).await, app.user("vera", "", Role::Accountant).await);
        settle(&app, |settings| settings.works.payout_limit = Some(Money::from_kopecks(1))).await;
        let dice = Dice::seeded(9);
        let first = opened(&app, &order("Первый"), crew.manager, &dice).await.unwrap().order;
        completed(&app, first.id, first.worker_id).await.unwrap();
        let sum = balance(&app, first.worker_id).await;
        let by = |id| Author { id: Some(id), ..author() };
        let mut tx = app.db.begin().await.unwrap();
        let made = payout::pay_out(&mut tx, TODAY, &by(anna), app.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!((made[0].state, balance(&app, first.worker_id).await), (PayoutState::Waiting, sum));
        app.clock.advance(Duration::days(1));
        assert_eq!(paid_out(&app, TODAY.next_day().unwrap()).await.unwrap().len(), 0, "what waits is not paid twice");
        let approve = async |by_id| {
            let mut tx = app.db.begin().await.unwrap();
            let outcome = Payout::approve(&mut tx, made[0].id, by_id, &by(by_id), app.clock.now()).await.unwrap();
            if outcome.is_ok() { tx.commit().await.unwrap() } else { tx.rollback().await.unwrap() }
            outcome.map(|payout| payout.state)
        };
        assert_eq!(approve(anna).await, Err(payout::Refusal::SamePerson));
        assert_eq!(approve(vera).await, Ok(PayoutState::Paid));
        assert_eq!(approve(vera).await, Err(payout::Refusal::NotWaiting));
        assert_eq!(balance(&app, first.worker_id).await, Money::ZERO);
        let second = opened(&app, &order("Второй"), crew.manager, &dice).await.unwrap().order;
        completed(&app, second.id, second.worker_id).await.unwrap();
        app.clock.advance(Duration::days(1));
        let waiting = paid_out(&app, date!(2026 - 11 - 21)).await.unwrap();
        let mut tx = app.db.begin().await.unwrap();
        assert_eq!(Payout::decline(&mut tx, waiting[0].id, &by(vera), app.clock.now()).await.unwrap().unwrap().state, PayoutState::Declined);
        tx.commit().await.unwrap();
        assert!(balance(&app, second.worker_id).await.is_positive(), "what is declined stays with the worker");
        assert_eq!(paid_out(&app, date!(2026 - 11 - 22)).await.unwrap()[0].sum, waiting[0].sum);
        app.agrees().await;
    }

    async fn the_company_earns_fees_less_rewards_and_knows_its_dearest_order(app: TestApp) {
        let crew = crew(&app).await;
        let dice = Dice::seeded(10);
        let mut days = Vec::new();
        for number in 0..4 {
            let first = opened(&app, &order(&format!("Наряд {number}")), crew.manager, &dice).await.unwrap().order;
            let second = opened(&app, &order(&format!("Открытый {number}")), crew.manager, &dice).await.unwrap().order;
            completed(&app, first.id, first.worker_id).await.unwrap();
            days.push((app.today(), first.fee + second.fee - first.reward, first));
            app.clock.advance(Duration::days(1));
        }
        for (day, earned, order) in &days {
            assert_eq!(analytics::earnings(&app.db, *day, *day).await.unwrap(), *earned);
            assert_eq!(analytics::dearest(&app.db, *day, *day).await.unwrap().unwrap().id, order.id);
        }
        let (from, until) = (days[0].0, days[3].0);
        assert_eq!(analytics::earnings(&app.db, from, until).await.unwrap(), days.iter().map(|(_, earned, _)| *earned).sum());
        let most = days.iter().map(|(_, _, order)| order.reward).max().unwrap();
        assert_eq!(analytics::dearest(&app.db, from, until).await.unwrap().unwrap().reward, most);
        assert!(analytics::dearest(&app.db, date!(2020 - 01 - 01), date!(2020 - 01 - 31)).await.unwrap().is_none());
        let mut below = 0;
        for worker in crew.workers {
            below += i64::from(balance(&app, worker).await.is_negative());
        }
        assert_eq!(analytics::below_zero(&app.db).await.unwrap(), below);
    }

    async fn random_work_comes_to_what_a_simple_model_says(app: TestApp) {
        let crew = crew(&app).await;
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random::<u64>);
        let (mut dice, lots) = (StdRng::seed_from_u64(seed), Dice::seeded(seed));
        let mut model = Model::default();
        for step in 0..120 {
            match dice.random_range(0..8) {
                0..=2 => {
                    let new = opened(&app, &order(&format!("Наряд {step}")), crew.manager, &lots).await.unwrap().order;
                    model.give(new.id, new.worker_id, new.fee, new.reward);
                }
                3..=4 => {
                    let Some(id) = model.some(&mut dice) else { continue };
                    let by = if dice.random_range(0..4) == 0 { crew.workers[dice.random_range(0..3)] } else { model.open[&id].0 };
                    assert_eq!(completed(&app, id, by).await.is_ok(), model.complete(id, by), "SEED={seed} step {step}");
                }
                5 => {
                    let outcome = reshuffled(&app, dice.random(), None).await.unwrap();
                    let mut changed = 0;
                    for id in model.open.keys().copied().collect::<Vec<_>>() {
                        changed += i64::from(model.pass(id, found(&app, id).await.worker_id));
                    }
                    assert_eq!(outcome.changed, changed, "SEED={seed} step {step}");
                }
                6 => {
                    let made = paid_out(&app, app.today()).await.unwrap();
                    let sums: BTreeMap<UserId, i64> = made.iter().map(|payout| (payout.worker_id, payout.sum.kopecks())).collect();
                    assert_eq!(sums, model.pay(app.today()), "SEED={seed} step {step}");
                }
                _ => app.clock.advance(Duration::hours(dice.random_range(1..30))),
            }
            for worker in crew.workers {
                let expected = model.balances.get(&worker).copied().unwrap_or(0);
                assert_eq!(balance(&app, worker).await.kopecks(), expected, "SEED={seed} step {step}");
            }
            let earned = analytics::earnings(&app.db, TODAY, app.today()).await.unwrap().kopecks();
            assert_eq!(earned, model.earned, "SEED={seed} step {step}");
        }
        app.agrees().await;
    }

    async fn an_order_is_opened_and_done_on_pages(app: TestApp) {
        let crew = crew(&app).await;
        app.plot(crew.site, "1-1-1").await;
        let vera = app.accountant().await;
        vera.get("/work-orders").await.shows("Нарядов пока нет").hides("/work-orders/reshuffle");
        vera.get("/work-orders/new").await.is(StatusCode::OK).shows("Выдать наряд");
        let (key, site) = (("key", "v-00000000000000000000000000000001"), crew.site.to_string());
        let wrong = [("title", "[UBERPOP-42] Замок"), ("ticket", ""), ("text", "у ворот"), ("site", site.as_str()), ("label", "9-9-9"), key];
        let page = vera.post("/work-orders", &wrong).await;
        page.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Уберите квадратные скобки").shows("Такого участка").shows("[UBERPOP-42] Замок").shows("у ворот");
        vera.post("/work-orders", &[("title", ""), key]).await.is(StatusCode::UNPROCESSABLE_ENTITY);
        let fields = [("title", "Починить замок"), ("ticket", "UBERPOP-42"), ("text", "у ворот"), ("site", site.as_str()), ("label", "1 - 1 - 1"), key];
        let page = vera.post_and_follow("/work-orders", &fields).await;
        page.shows("Наряд № 1").shows("Наряд выдан").shows("Починить замок").shows("UBERPOP-42").shows("1-1-1").hides("/work-orders/1/complete");
        vera.post("/work-orders", &fields).await.is(StatusCode::SEE_OTHER);
        assert_eq!(app.count("work_order").await, 1, "a form sent twice is one order");
        let order = found(&app, WorkOrderId(1)).await;
        let (holder, other) = if order.worker_id == crew.workers[0] { ("kirill", "darya") } else { ("darya", "kirill") };
        let (holder, other) = (app.browser_of_login(holder).await, app.browser_of_login(other).await);
        other.get("/work-orders/1").await.is(StatusCode::NOT_FOUND);
        other.post("/work-orders/1/complete", &[("note", "")]).await.is(StatusCode::NOT_FOUND);
        other.get("/work-orders").await.shows("Открытых нарядов у вас нет").hides("Починить замок");
        app.chair().await.get("/work-orders/1").await.is(StatusCode::NOT_FOUND);
        app.manager().await.post("/work-orders/1/complete", &[]).await.is(StatusCode::FORBIDDEN);
        app.administrator().await.post("/work-orders/1/complete", &[]).await.is(StatusCode::CONFLICT).shows("у другого исполнителя");
        holder.get("/work-orders").await.shows("Починить замок").shows("1-1-1");
        holder.get("/").await.shows("1 открытый наряд");
        holder.get("/work-orders/1").await.shows("/work-orders/1/complete");
        let page = holder.post_and_follow("/work-orders/1/complete", &[("note", "Новый замок")]).await;
        page.shows("Наряд исполнен, начислено").shows("Новый замок").hides("/work-orders/1/complete");
        holder.post_and_follow("/work-orders/1/complete", &[("note", "ещё раз")]).await.shows("Новый замок");
        holder.get("/workers/me").await.shows("Вознаграждение за наряд").shows("Починить замок").shows("к выплате");
        let mark = app.manager().await;
        mark.get("/work-orders?q=замок&state=done").await.shows("1 наряд").shows("Починить замок");
        mark.get("/work-orders?q=uberpop").await.shows("Починить замок");
        mark.get("/work-orders?state=open").await.shows("Ничего не нашлось");
        assert_eq!(&mark.get("/work-orders.xlsx").await.is(StatusCode::OK).bytes[..2], b"PK");
        mark.get("/premises/1").await.shows("/work-orders/new?premise=1");
        mark.get("/work-orders/new?premise=1").await.shows("value=\"1-1-1\"");
        let history: Vec<String> = q(&app.db, "select action from audit where subject_kind = 'work_order' order by id").scalars().await.unwrap();
        assert_eq!(history, ["audit-work-order-opened", "audit-work-order-done"]);
        app.agrees().await;
    }

    async fn with_nobody_to_give_it_to_the_form_says_so(app: TestApp) {
        app.site().await;
        let mark = app.manager().await;
        let page = mark.post("/work-orders", &[("title", "Никому"), ("key", "v-00000000000000000000000000000001")]).await;
        page.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Некому выдать").shows("Никому");
        assert_eq!((app.count("work_order").await, app.count("transfer").await), (0, 0));
    }

    async fn a_manager_sees_who_loses_and_gets_what_before_it_is_done(app: TestApp) {
        let crew = crew(&app).await;
        let mark = app.manager().await;
        mark.get("/work-orders/reshuffle").await.shows("Открытых нарядов нет");
        for number in 0..6 {
            opened(&app, &order(&format!("Работа {number}")), crew.manager, &Dice::seeded(number)).await.unwrap();
        }
        let shown = mark.get("/work-orders/reshuffle").await;
        shown.shows("Кто что теряет и получает").shows("Кирилл Береговой").shows("из 6 открытых нарядов");
        let before: Vec<UserId> = q(&app.db, "select worker_id from work_order order by id").scalars().await.unwrap();
        let (seed, fingerprint) = (hidden(&shown.text, "seed"), hidden(&shown.text, "fingerprint"));
        let fields = [("seed", seed.as_str()), ("fingerprint", fingerprint.as_str())];
        let drawn = Reshuffle::draw(&app.db, seed.parse().unwrap()).await.unwrap();
        mark.post_and_follow("/work-orders/reshuffle", &fields).await.shows(&format!("сменило исполнителя: {}", drawn.moves.len()));
        let after: Vec<UserId> = q(&app.db, "select worker_id from work_order order by id").scalars().await.unwrap();
        assert_eq!(before.iter().zip(&after).filter(|(before, after)| before != after).count(), drawn.moves.len());
        if !drawn.moves.is_empty() {
            mark.post("/work-orders/reshuffle", &fields).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("изменились");
        }
        mark.post("/work-orders/reshuffle", &[("seed", "x")]).await.is(StatusCode::BAD_REQUEST);
        app.agrees().await;
    }

    async fn the_accountant_sees_all_entries_pays_and_decides_and_the_chair_sees_what_it_came_to(app: TestApp) {
        let crew = crew(&app).await;
        let (anna, vera, semyon) = (app.administrator().await, app.accountant().await, app.chair().await);
        vera.get("/workers").await.shows("Операций нет").shows("Кирилл Береговой");
        vera.get("/payouts").await.shows("Выплат ещё не было");
        semyon.get("/works").await.shows("Нарядов за эти дни не было").shows("ничего не исполнено");
        let terms = [("works_fee_least", "5"), ("works_fee_most", "5"), ("works_reward_least", "100"), ("works_reward_most", "100"), ("works_payout_limit", "50"), ("works_causes", "seal")];
        anna.post_and_follow("/admin/works", &terms).await.shows("value=\"100.00\"").shows("value=\"seal\" checked");
        let wrong = [("works_fee_least", "9"), ("works_fee_most", "5"), ("works_reward_least", "1"), ("works_reward_most", "1")];
        anna.post("/admin/works", &wrong).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Верхняя граница меньше нижней");
        let dear = NewWorkOrder { ticket: Some("T-1".to_owned()), ..order("Дорогой") };
        let order = opened(&app, &dear, crew.manager, &Dice::seeded(1)).await.unwrap().order;
        completed(&app, order.id, order.worker_id).await.unwrap();
        vera.get("/workers").await.shows("Дорогой, T-1").shows("−5,00").shows("95,00").shows("−95,00\u{a0}₽");
        vera.get(&format!("/workers?worker={}&from=2026-11-01&until=2026-11-30", order.worker_id)).await.shows("2 операции");
        vera.get("/workers?from=2020-01-01&until=2020-01-31").await.shows("Операций нет");
        assert_eq!(&vera.get("/workers.xlsx").await.is(StatusCode::OK).bytes[..2], b"PK");
        vera.post("/payouts", &[("day", "2026-11-21")]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("ещё не наступил");
        vera.post_and_follow("/payouts", &[("day", "2026-11-20")]).await.shows("Оформлена 1 выплата").shows("Ждёт одобрения").shows("/payouts/1/approve");
        vera.post_and_follow("/payouts/1/approve", &[]).await.shows("Одобрить должен другой человек");
        anna.post_and_follow("/payouts/1/approve", &[]).await.shows("Выплачено 95,00\u{a0}₽").hides("/payouts/1/approve");
        anna.post_and_follow("/payouts/1/decline", &[]).await.shows("уже решили");
        vera.get("/payouts?state=paid").await.shows("1 выплата на 95,00").shows("anna, 20.11.2026");
        assert_eq!(&vera.get("/payouts.xlsx").await.is(StatusCode::OK).bytes[..2], b"PK");
        vera.get("/journal?kind=payout&book=payroll").await.shows("Исполнитель: ").shows("Выплата № 1");
        vera.get("/turnover").await.shows("Расчёты с исполнителями").shows("Дебет и кредит сходятся");
        semyon.get("/works").await.shows("Дорогой").shows("100,00").shows("−95,00\u{a0}₽").shows("<svg");
        semyon.get("/workers").await.is(StatusCode::FORBIDDEN);
        app.manager().await.get("/payouts").await.is(StatusCode::FORBIDDEN);
        app.agrees().await;
    }

    async fn what_a_controller_sees_opens_orders_by_itself_where_that_is_switched_on(app: TestApp) {
        let walk = crate::visits::walk(&app).await;
        let (field, seal) = (format!("value-{}-single", walk.installation), format!("seal-{}", walk.meter));
        let visit = async |key: &str, state: &str| {
            let parts: [(&str, &str, &[u8]); 4] =
                [("key", "", key.as_bytes()), ("outcome", "", b"read"), (&field, "", b"1134"), (&seal, "", state.as_bytes())];
            walk.kirill.upload(&walk.path(), &parts).await.is(StatusCode::SEE_OTHER);
            app.clock.advance(Duration::hours(1));
        };
        visit("visit-00000001", "broken").await;
        assert_eq!(app.count("work_order").await, 0, "switched off");
        settle(&app, |settings| settings.works.causes = vec![Cause::Seal, Cause::Stopped]).await;
        visit("visit-00000002", "intact").await;
        assert_eq!(app.count("work_order").await, 0);
        visit("visit-00000003", "missing").await;
        visit("visit-00000003", "missing").await;
        visit("visit-00000004", "broken").await;
        assert_eq!(app.count("work_order").await, 1, "one for the meter until it is done");
        let order = found(&app, WorkOrderId(1)).await;
        assert_eq!((order.cause, order.meter_id, order.creator_name.as_deref()), (Some(Cause::Seal), Some(walk.meter), None));
        walk.kirill.get("/work-orders/1").await.shows("Заменить пломбу счётчика 00412345").shows(&format!("/meters/{}", walk.meter)).shows("3-12-7");
        app.manager().await.get("/premises/1").await.shows("Заменить пломбу счётчика 00412345");
        completed(&app, order.id, order.worker_id).await.unwrap();
        let stopped: [(&str, &str, &[u8]); 2] = [("key", "", b"visit-00000005"), ("outcome", "", b"stopped")];
        walk.kirill.upload(&walk.path(), &stopped).await.is(StatusCode::SEE_OTHER);
        let causes: Vec<Cause> = q(&app.db, "select cause from work_order order by id").scalars().await.unwrap();
        assert_eq!(causes, [Cause::Seal, Cause::Stopped]);
        app.agrees().await;
    }

    async fn what_was_altered_behind_the_books_is_found(app: TestApp) {
        let crew = crew(&app).await;
        let order = opened(&app, &order("Наряд"), crew.manager, &Dice::seeded(11)).await.unwrap().order;
        app.agrees().await;
        let other = crew.workers.into_iter().find(|worker| *worker != order.worker_id).unwrap();
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, "update work_order set worker_id = $1").bind(other).run().await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(app.broken().await, ["every work order was created once, is with whom it was given to last, and is done when its log says so"]);
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, "update work_order set worker_id = $1, fee_kopecks = fee_kopecks + 1").bind(order.worker_id).run().await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(app.broken().await, ["every assignment of a work order has its fee, every one done its reward, and nothing else has"]);
    }
}

/// What a hidden field of a page holds.
fn hidden(page: &str, name: &str) -> String {
    let field = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1;
    field.split('"').next().unwrap().to_owned()
}

/// What work orders should do to money, written as plainly as possible; in kopecks.
#[derive(Default)]
struct Model {
    balances: BTreeMap<UserId, i64>,
    earned: i64,
    /// Who has it, its fee, its reward.
    open: BTreeMap<WorkOrderId, (UserId, i64, i64)>,
    paid: BTreeSet<(UserId, Date)>,
}

impl Model {
    fn some(&self, dice: &mut StdRng) -> Option<WorkOrderId> {
        let all: Vec<WorkOrderId> = self.open.keys().copied().collect();
        (!all.is_empty()).then(|| all[dice.random_range(0..all.len())])
    }

    fn give(&mut self, id: WorkOrderId, worker: UserId, fee: Money, reward: Money) {
        self.open.insert(id, (worker, fee.kopecks(), reward.kopecks()));
        *self.balances.entry(worker).or_default() -= fee.kopecks();
        self.earned += fee.kopecks();
    }

    fn pass(&mut self, id: WorkOrderId, to: UserId) -> bool {
        let (holder, fee, _) = self.open.get_mut(&id).unwrap();
        let is_other = *holder != to;
        if is_other {
            *holder = to;
            *self.balances.entry(to).or_default() -= *fee;
            self.earned += *fee;
        }
        is_other
    }

    fn complete(&mut self, id: WorkOrderId, by: UserId) -> bool {
        let (holder, _, reward) = self.open[&id];
        if holder != by {
            return false;
        }
        self.open.remove(&id);
        *self.balances.entry(by).or_default() += reward;
        self.earned -= reward;
        true
    }

    fn pay(&mut self, day: Date) -> BTreeMap<UserId, i64> {
        let mut made = BTreeMap::new();
        for (worker, balance) in &mut self.balances {
            if *balance > 0 && self.paid.insert((*worker, day)) {
                made.insert(*worker, std::mem::take(balance));
            }
        }
        made
    }
}
