//! Tells the story to a database: through the same nouns, the same checks and the same photo store that people's entries go through.

use std::collections::BTreeMap;

use time::Duration;

use super::{
    dial::{self, Dial},
    money, orders,
    story::{self, CONTROLLERS, Plot, SealFate, Size, Story},
    works,
};
use crate::{
    app::App,
    audit::{Author, Entry, Subject},
    db::Tx,
    estate::{
        account::NewAccount,
        contract::{NewContract, Service},
        owner::{OwnerDetails, OwnerId, OwnerKind, Phone},
        ownership::{NewOwnership, Share},
        premise::{PremiseDetails, PremiseId, PremiseKind},
        site::{SiteDetails, SiteId, SiteKind},
        tally,
    },
    files::Kind,
    kernel::{Moment, Period, Quantity, clock::Zone},
    metering::{
        InstallationId, MeterId, ReadingId, Resource, VisitId, Zone as Tariff,
        installation::{Place, Removal},
        meter::{NewMeter, Passport},
        photo::{Kept, NewPhoto, PhotoRole},
        reading::{self, NewReading, Source, State, Way},
        round::{NewStop, Round, RoundId, StopState},
        seal::{NewSeal, NewSealCheck, SealKind, SealState},
        visit::{self, Outcome, PastVisit},
    },
    staff::user::{Role, User, UserDetails, UserId},
    web::Language,
};

/// The password of everybody in the demo.
pub const PASSWORD: &str = "море у калитки 7";

/// Login, name and role of everybody in the demo; the controllers come last, in the order of the story.
pub const PEOPLE: &[(&str, &str, Role)] = &[
    ("anna", "Анна Светлова", Role::Administrator),
    ("mark", "Марк Пристанев", Role::Manager),
    ("vera", "Вера Счётова", Role::Accountant),
    ("semyon", "Семён Мысов", Role::Chair),
    ("kirill", "Кирилл Береговой", Role::Controller),
    ("darya", "Дарья Косова", Role::Controller),
    ("pavel", "Павел Маяков", Role::Controller),
];

/// Makes the demo cooperative. The database must be empty.
pub async fn fill(app: &App, size: Size) -> anyhow::Result<()> {
    let zone = Zone::moscow();
    let now = app.clock.now();
    let story = Story::tell(size, zone.day(now));
    let hash = app.hasher.hash(PASSWORD.to_owned()).await?;
    let mut tx = app.db.begin().await?;
    let begun = zone.noon(story.periods[0].first_day());
    let place = make_site(&mut tx, begun).await?;
    let users = people(&mut tx, place, &hash, begun).await?;
    let mut teller = Teller {
        app,
        story: &story,
        site: place,
        zone,
        controllers: users[users.len() - CONTROLLERS..].to_vec(),
        now,
        meters: Vec::new(),
        premises: Vec::new(),
    };
    teller.registry(&mut tx, begun).await?;
    tally::recount(&mut tx, place).await?;
    tx.commit().await?;
    for month in 0..story.periods.len() {
        let mut tx = app.db.begin().await?;
        teller.month(&mut tx, month).await?;
        tx.commit().await?;
    }
    orders::place(app, place, begun).await?;
    let office: Vec<(UserId, &str)> = users.iter().zip(PEOPLE).map(|(id, (_, name, _))| (*id, *name)).collect();
    works::tell(app, &office[1..users.len() - CONTROLLERS], &teller.premises, begun).await?;
    money::bill(app, place, &story.periods).await
}

async fn make_site(tx: &mut Tx, at: Moment) -> anyhow::Result<SiteId> {
    let details = SiteDetails {
        name: "СНТ «Морской бриз»".to_owned(),
        kind: SiteKind::Garden,
        address: "Краснодарский край, Анапский район, берег Чёрного моря".to_owned(),
        time_zone: "Europe/Moscow".to_owned(),
        check_high_percent: 300,
        check_low_percent: 10,
        check_zero_months: 3,
    };
    let id = details.create(&mut *tx, at).await?;
    let author = Author::program("demo");
    let entry =
        Entry { author: &author, at, action: "audit-site-created", subject: Subject::Site, id: Some(id.0), name: details.name.clone() };
    entry.created(tx, &details).await?;
    Ok(id)
}

async fn people(tx: &mut Tx, site: SiteId, hash: &str, at: Moment) -> anyhow::Result<Vec<UserId>> {
    let mut ids = Vec::new();
    for (login, name, role) in PEOPLE {
        let details = UserDetails {
            login: (*login).to_owned(),
            name: (*name).to_owned(),
            role: *role,
            email: format!("{login}@morskoy-briz.example"),
            language: Language::Russian,
        };
        let id = details.create(&mut *tx, at).await?;
        User::set_password(&mut *tx, id, hash).await?;
        if *role == Role::Controller {
            User::give_sites(&mut *tx, id, &[site]).await?;
        }
        ids.push(id);
    }
    Ok(ids)
}

/// A meter of the story with its keys.
struct Placed {
    plot: usize,
    index: usize,
    meter: MeterId,
    installation: InstallationId,
}

struct Teller<'a> {
    app: &'a App,
    story: &'a Story,
    site: SiteId,
    zone: Zone,
    controllers: Vec<UserId>,
    now: Moment,
    premises: Vec<PremiseId>,
    meters: Vec<Placed>,
}

impl Teller<'_> {
    async fn registry(&mut self, tx: &mut Tx, at: Moment) -> anyhow::Result<()> {
        let details: Vec<PremiseDetails> = self
            .story
            .plots
            .iter()
            .map(|plot| PremiseDetails { kind: PremiseKind::Plot, label: plot.label.clone(), area: Some(plot.area), note: String::new() })
            .collect();
        self.premises = PremiseDetails::create_many(tx, self.site, at, &details).await?;
        let owners = self.owners(tx, at).await?;
        self.rights(tx, &owners).await?;
        self.install(tx, at, 0).await
    }

    async fn owners(&self, tx: &mut Tx, at: Moment) -> anyhow::Result<Vec<OwnerId>> {
        let details: Vec<OwnerDetails> = self
            .story
            .owners
            .iter()
            .map(|person| OwnerDetails {
                kind: OwnerKind::Person,
                last_name: person.last_name.clone(),
                first_name: person.first_name.clone(),
                patronymic: person.patronymic.clone(),
                email: String::new(),
                note: String::new(),
                phones: vec![Phone::stored(&person.phone)],
            })
            .collect();
        Ok(OwnerDetails::create_many(tx, at, &details).await?)
    }

    /// Who owns what, and the contracts that follow from it.
    async fn rights(&self, tx: &mut Tx, owners: &[OwnerId]) -> anyhow::Result<()> {
        let from = self.story.periods[0].plus(-30).first_day();
        let owned: Vec<(&Plot, PremiseId, OwnerId)> =
            self.story.plots.iter().zip(&self.premises).filter_map(|(plot, premise)| Some((plot, *premise, owners[plot.owner?]))).collect();
        let ownerships: Vec<NewOwnership> = owned
            .iter()
            .map(|(_, premise, owner)| NewOwnership { premise: *premise, owner: *owner, share: Share::WHOLE, from, reason: String::new() })
            .collect();
        NewOwnership::create_many(tx, &ownerships).await?;
        let accounts: Vec<NewAccount> =
            owned.iter().map(|(_, premise, owner)| NewAccount { premise: *premise, payer: *owner, opened_on: from }).collect();
        let accounts = NewAccount::open_many(tx, &accounts).await?;
        let contracts: Vec<NewContract> = accounts
            .iter()
            .zip(&owned)
            .flat_map(|(account, (plot, _, _))| {
                let of = |is_water: bool, service, letter: &str| {
                    plot.meters.iter().any(|meter| meter.is_water == is_water).then(|| NewContract {
                        account: *account,
                        service,
                        number: format!("{letter}-{}/{}", plot.label, from.year()),
                        signed_on: from,
                        note: String::new(),
                    })
                };
                [of(true, Service::Water, "В"), of(false, Service::Electricity, "Э")].into_iter().flatten()
            })
            .collect();
        NewContract::sign_many(tx, &contracts).await?;
        Ok(())
    }

    /// Puts up the meters that stand from this month on, each with its seal.
    async fn install(&mut self, tx: &mut Tx, at: Moment, month: usize) -> anyhow::Result<()> {
        let on = if month == 0 { self.story.periods[0].first_day() } else { self.story.periods[month].last_day() };
        let mut places = Vec::new();
        let mut new = Vec::new();
        for (plot, told) in self.story.plots.iter().enumerate() {
            for (index, meter) in told.meters.iter().enumerate().filter(|(_, meter)| meter.from_month == month) {
                places.push((plot, index));
                new.push(NewMeter {
                    passport: passport(meter),
                    place: Place { site: self.site, premise: Some(self.premises[plot]) },
                    installed_on: on,
                    opening: zones(meter).into_iter().zip(meter.opening.iter().copied()).collect(),
                });
            }
        }
        let installed = NewMeter::install_many(tx, at, &new).await?;
        let seals: Vec<NewSeal> = installed
            .iter()
            .zip(&places)
            .map(|((meter, _), (plot, index))| NewSeal {
                meter: *meter,
                number: self.story.plots[*plot].meters[*index].seal.clone(),
                kind: SealKind::Lead,
                place: String::new(),
                placed_on: Some(on),
            })
            .collect();
        NewSeal::place_many(tx, &seals).await?;
        self.meters.extend(installed.into_iter().zip(places).map(|((meter, installation), (plot, index))| Placed {
            plot,
            index,
            meter,
            installation,
        }));
        Ok(())
    }

    /// One month: its round, the visits, what was read, and the meters that were replaced at its end.
    async fn month(&mut self, tx: &mut Tx, month: usize) -> anyhow::Result<()> {
        let period = self.story.periods[month];
        let round = self.round(tx, period).await?;
        let visits = self.visits(tx, round, month).await?;
        self.readings(tx, month, &visits).await?;
        self.seals(tx, month, &visits).await?;
        self.mark(tx, round, month).await?;
        self.replace(tx, month).await?;
        if month + 1 < self.story.periods.len() {
            Round::close(tx, round, self.zone.start_of(period.next().first_day())).await?;
        }
        Ok(())
    }

    async fn round(&self, tx: &mut Tx, period: Period) -> anyhow::Result<RoundId> {
        let share = self.story.plots.len().div_ceil(CONTROLLERS).max(1);
        let stops: Vec<NewStop> = self
            .story
            .plots
            .iter()
            .zip(&self.premises)
            .enumerate()
            .filter(|(_, (plot, _))| !plot.meters.is_empty())
            .map(|(index, (plot, premise))| {
                let (array_and_line, _) = plot.label.rsplit_once('-').unwrap_or((&plot.label, ""));
                let (array, line) = array_and_line.split_once('-').unwrap_or((array_and_line, ""));
                NewStop {
                    premise: *premise,
                    controller: Some(self.controllers[index / share]),
                    array: array.to_owned(),
                    section: format!("Массив {array}, линия {line}"),
                }
            })
            .collect();
        let at = self.zone.noon(period.first_day());
        let title = format!("Обход за {}", crate::web::Locale::from(Language::Russian).period(period));
        Ok(Round::create(tx, self.site, period, &title, None, at, &stops).await?)
    }

    async fn visits(&self, tx: &mut Tx, round: RoundId, month: usize) -> anyhow::Result<BTreeMap<usize, (VisitId, Moment, UserId)>> {
        let mut plots = Vec::new();
        let mut past = Vec::new();
        for (index, plot) in self.story.plots.iter().enumerate() {
            let Some(told) = plot.visits.get(&month) else { continue };
            let visited_at = self.zone.start_of(told.day).plus(Duration::minutes(told.minute));
            plots.push((index, visited_at, self.controllers[told.controller]));
            past.push(PastVisit {
                key: format!("demo-{month}-{index:05}"),
                premise: self.premises[index],
                round,
                controller: self.controllers[told.controller],
                outcome: told.outcome.parse().unwrap_or(Outcome::Other),
                visited_at,
            });
        }
        let ids = visit::note_many(tx, &past).await?;
        Ok(plots.into_iter().zip(ids).map(|((plot, at, by), id)| (plot, (id, at, by))).collect())
    }

    async fn readings(&self, tx: &mut Tx, month: usize, visits: &BTreeMap<usize, (VisitId, Moment, UserId)>) -> anyhow::Result<()> {
        let mut told = Vec::new();
        let mut new = Vec::new();
        for placed in &self.meters {
            let meter = &self.story.plots[placed.plot].meters[placed.index];
            let (Some(values), Some((visit, at, by))) = (meter.readings.get(&month), visits.get(&placed.plot)) else { continue };
            told.push((placed, values));
            new.push(NewReading {
                installation: placed.installation,
                taken_at: *at,
                values: zones(meter).into_iter().zip(values.iter().copied()).collect(),
                author: Some(*by),
                visit: Some(*visit),
                reason: None,
                note: String::new(),
                client_key: Some(format!("demo-{month}-{}", placed.installation)),
            });
        }
        let received = new.iter().map(|reading| reading.taken_at).max().unwrap_or(self.now);
        let way = Way { source: Source::Controller, batch: None };
        let submitted = reading::submit_many(tx, way, received, new.clone()).await?;
        let is_current = month + 1 == self.story.periods.len();
        let is_last = month + 2 == self.story.periods.len();
        let mut photographed = Vec::new();
        let mut settled = Vec::new();
        for (((placed, values), reading), outcome) in told.into_iter().zip(&new).zip(submitted) {
            let Ok(submitted) = outcome else { continue };
            let needs_review = submitted.state == State::InReview;
            if is_current || needs_review && is_last {
                photographed.push((placed, values, reading.clone(), submitted.id));
            }
            if needs_review && !is_current && !is_last {
                settled.push(submitted.id);
            }
        }
        // What looked odd in past months was looked at then.
        crate::metering::review::accept_many(tx, &settled, received).await?;
        self.photos(tx, photographed).await
    }

    async fn photos(&self, tx: &mut Tx, readings: Vec<(&Placed, &Vec<Quantity>, NewReading, ReadingId)>) -> anyhow::Result<()> {
        let mut photos = Vec::new();
        for (placed, values, reading, id) in readings {
            let meter = &self.story.plots[placed.plot].meters[placed.index];
            let (serial, value, digits, decimals, is_water) =
                (meter.serial.clone(), values[0], meter.digits, meter.decimals, meter.is_water);
            let files = self.app.files.clone();
            let kept =
                tokio::task::spawn_blocking(move || keep_photo(&files, &Dial { serial: &serial, value, digits, decimals, is_water }))
                    .await??;
            photos.push(NewPhoto {
                key: None,
                kept,
                role: PhotoRole::Dial,
                premise: Some(self.premises[placed.plot]),
                meter: Some(placed.meter),
                visit: reading.visit,
                reading: Some(id),
                author: reading.author,
                taken_at: reading.taken_at,
            });
        }
        NewPhoto::add_many(tx, &photos, self.now).await?;
        Ok(())
    }

    async fn seals(&self, tx: &mut Tx, month: usize, visits: &BTreeMap<usize, (VisitId, Moment, UserId)>) -> anyhow::Result<()> {
        let is_late = month + 3 >= self.story.periods.len();
        let mut checks = Vec::new();
        for placed in &self.meters {
            let meter = &self.story.plots[placed.plot].meters[placed.index];
            let Some((visit, at, by)) = visits.get(&placed.plot).filter(|_| meter.readings.contains_key(&month)) else { continue };
            let state = match meter.seal_fate {
                SealFate::Broken if is_late => SealState::Broken,
                SealFate::Missing if is_late => SealState::Missing,
                _ => SealState::Intact,
            };
            checks.push(NewSealCheck {
                meter: placed.meter,
                visit: Some(*visit),
                state,
                note: String::new(),
                checked_at: *at,
                checked_by: Some(*by),
            });
        }
        Ok(NewSealCheck::note_many(tx, &checks).await?)
    }

    async fn mark(&self, tx: &mut Tx, round: RoundId, month: usize) -> anyhow::Result<()> {
        for (is_read, state) in [(true, StopState::Done), (false, StopState::Revisit)] {
            let marked: Vec<PremiseId> = self
                .story
                .plots
                .iter()
                .zip(&self.premises)
                .filter(|(plot, _)| plot.visits.get(&month).is_some_and(|visit| (visit.outcome == "read") == is_read))
                .map(|(_, premise)| *premise)
                .collect();
            Round::mark(tx, round, &marked, state).await?;
        }
        Ok(())
    }

    async fn replace(&mut self, tx: &mut Tx, month: usize) -> anyhow::Result<()> {
        let on = self.story.periods[month].last_day();
        for placed in &self.meters {
            let meter = &self.story.plots[placed.plot].meters[placed.index];
            if let Some((_, closing)) = meter.removed.as_ref().filter(|(at, _)| *at == month) {
                let closing: Vec<(Tariff, Quantity)> = zones(meter).into_iter().zip(closing.iter().copied()).collect();
                let removal = Removal { installation: placed.installation, on, reason: "", closing: &closing };
                if let Err(refusal) = removal.carry_out(tx, self.now).await? {
                    anyhow::bail!("{} is not taken away: {}", meter.serial, refusal.key());
                }
            }
        }
        if month > 0 { self.install(tx, self.zone.noon(on), month).await } else { Ok(()) }
    }
}

fn passport(meter: &story::Meter) -> Passport {
    Passport {
        serial: meter.serial.clone(),
        resource: if meter.is_water { Resource::Water } else { Resource::Electricity },
        model: meter.model.to_owned(),
        dial_digits: meter.digits.into(),
        dial_decimals: meter.decimals.into(),
        verified_on: Some(meter.verified_on),
        verify_by: Some(meter.verify_by),
        note: String::new(),
    }
}

fn zones(meter: &story::Meter) -> Vec<Tariff> {
    if meter.is_two_zone { vec![Tariff::Day, Tariff::Night] } else { vec![Tariff::Single] }
}

/// A drawn picture needs no darkroom: it is small and carries no metadata.
fn keep_photo(files: &crate::files::Files, dial: &Dial<'_>) -> anyhow::Result<Kept> {
    let (jpeg, thumbnail) = dial::draw_with_thumbnail(dial)?;
    let hash = files.put_now(Kind::Photo, &jpeg)?;
    let path = files.path(Kind::Thumbnail, &hash);
    std::fs::create_dir_all(path.parent().unwrap_or(files.root()))?;
    std::fs::write(path, thumbnail)?;
    Ok(Kept { hash, width: dial::WIDTH, height: dial::HEIGHT, size_bytes: i64::try_from(jpeg.len())? })
}
