//! A whole site in one call: brought in with everything on it, and read back page by page in the same shape.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use axum::{http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use time::Date;
use utoipa::ToSchema;

use super::{
    card::StandingView,
    contracts::usual_number,
    meters::{self, MeterBody},
    owners::OwnerBody,
    premises::PremiseBody,
    sites::SiteBody,
};
use crate::{
    api::{
        body::Body,
        call::{Call, Turn},
        calls::{Calls, get, post},
        error::{Error, Result},
        values::{Day, DialDigits, Within},
    },
    audit::Subject,
    billing::charge::{self, LastCharge},
    db::Tx,
    estate::{
        account::{AccountId, NewAccount},
        contract::{NewContract, Service},
        import::names,
        owner::{Owner, OwnerDetails, OwnerId, OwnerKind},
        ownership::{NewOwnership, Ownership, Share},
        premise::{Premise, PremiseDetails, PremiseId, PremiseKind},
        premise_list::{self, PremiseFilter, PremiseOrder},
        registering::Hand,
        site::{Site, SiteId, SiteKind},
        tally,
    },
    kernel::{Money, Period, Quantity},
    metering::{
        Resource, Zone,
        installation::{NewInstallation, Place},
        meter::{self, NewMeter},
        standing::Standing,
    },
    staff::user::Permission::{EditEstate, SeeMoney},
    web::{Access::Can, Keys},
};

/// Premises of one call.
const MOST_PREMISES: usize = 20_000;

/// Sites with everything on them.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportBody {
    #[schema(max_items = 100)]
    sites: Vec<WholeSite>,
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WholeSite {
    name: String,
    kind: SiteKind,
    #[serde(default)]
    address: String,
    /// IANA name; Moscow when it is left out.
    #[serde(default)]
    time_zone: Option<String>,
    /// From which day everything on it holds; the first day of the current year when it is left out, so that any month of it can be billed.
    #[serde(default)]
    since: Option<Day>,
    premises: Vec<WholePremise>,
    /// Every premise gets a contract about each, besides those for what its meters measure.
    #[serde(default)]
    services: BTreeSet<Service>,
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WholePremise {
    label: String,
    /// A plot in a garden, an apartment in a building.
    #[serde(default)]
    kind: Option<PremiseKind>,
    #[serde(default)]
    area_m2: Option<Quantity>,
    owner: WholeOwner,
    #[serde(default)]
    meters: Vec<WholeMeter>,
}

/// The same name, phone and address twice is one owner of several premises.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema, PartialEq, Eq, Hash)]
#[serde(deny_unknown_fields)]
pub struct WholeOwner {
    name: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
}

#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WholeMeter {
    resource: Resource,
    serial: String,
    #[serde(default = "meters::five")]
    dial_digits: DialDigits,
    /// Those of `opening` when it is left out.
    #[serde(default)]
    registers: Option<Vec<Zone>>,
    opening: BTreeMap<Zone, Quantity>,
}

/// What was made, in the order in which it was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Imported {
    sites: Vec<ImportedSite>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedSite {
    id: SiteId,
    name: String,
    premises: Vec<ImportedPremise>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImportedPremise {
    id: PremiseId,
    label: String,
    owner_id: OwnerId,
    account_id: AccountId,
    /// The number of the account.
    account: String,
}

/// A page of a whole site.
#[derive(Debug, Serialize, ToSchema)]
pub struct FullSite {
    id: SiteId,
    name: String,
    kind: SiteKind,
    address: String,
    time_zone: String,
    premises: Vec<FullPremise>,
    page: i64,
    per_page: i64,
    /// Premises of all pages together.
    total: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FullPremise {
    id: PremiseId,
    label: String,
    kind: PremiseKind,
    area_m2: Option<Quantity>,
    /// The first of those who own it today.
    owner: Option<FullOwner>,
    meters: Vec<StandingView>,
    services: Vec<Service>,
    last_charges: Vec<ChargeView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FullOwner {
    id: OwnerId,
    name: String,
    phone: String,
    email: String,
}

/// What a service came to in the last month charged.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChargeView {
    service: Service,
    period: Period,
    amount_kopecks: Money,
}

pub fn calls() -> Calls {
    let import = post("/sites/import", Can(EditEstate), "Bring in whole sites, in one transaction: all of it or nothing");
    let full = get("/sites/{id}/full", Can(SeeMoney), "A whole site, page by page, in the shape in which it is brought in");
    Calls::of("sites")
        .call(import.many().takes::<ImportBody>().answers::<Imported>(StatusCode::CREATED).refuses(StatusCode::CONFLICT), bring_in)
        .call(full.paged().gives::<FullSite>(), show)
}

/// What is wrong stands at a place of the body.
fn at(place: &str, error: Error) -> Error {
    error.inside(place)
}

async fn bring_in(call: Call, Body(body): Body<ImportBody>) -> Result {
    if body.sites.len() > 100 || body.sites.iter().map(|site| site.premises.len()).sum::<usize>() > MOST_PREMISES {
        return Err(Error::field("sites", "api-too-many-items"));
    }
    let mut turn = call.turn(&body).await?;
    let mut sites = Vec::with_capacity(body.sites.len());
    for (place, whole) in body.sites.iter().enumerate() {
        let made = bring_one(&call, &mut turn, whole).await.map_err(|error| at(&format!("sites[{place}]"), error))?;
        sites.push(made);
    }
    end(turn, sites).await
}

async fn end(turn: Turn, sites: Vec<ImportedSite>) -> Result {
    turn.end(StatusCode::CREATED, "", &Imported { sites }).await
}

async fn bring_one(call: &Call, tx: &mut Tx, whole: &WholeSite) -> Result<ImportedSite> {
    let body = SiteBody {
        name: whole.name.clone(),
        kind: whole.kind,
        address: whole.address.clone(),
        time_zone: whole.time_zone.clone().unwrap_or_else(|| "Europe/Moscow".to_owned()),
    };
    let details = body.details(None)?;
    let author = call.author()?;
    let entered = Hand { author: &author, at: call.now() }.enter_site(tx, None, &details).await?;
    let id = entered.map_err(|reason| Error::taken(reason.field(), reason.key()))?;
    let today = call.today(&mut *tx, id).await?;
    let since = whole.since.map_or_else(|| today.replace_ordinal(1).unwrap_or(today), |day| day.0);
    if since > today {
        return Err(Error::field("since", "reading-refused-future"));
    }
    let judged = judged(whole, id, since)?;
    let made = Filling { call, site: id, since, whole, judged: &judged }.fill(tx).await?;
    tally::recount(tx, id).await?;
    let values = serde_json::json!({ "premises": made.len() });
    call.entry(&author, "audit-site-filled", Subject::Site, id.0, details.name.clone()).created(tx, &values).await?;
    Ok(ImportedSite { id, name: details.name, premises: made })
}

/// What the rules of each noun made of the premises, in their order.
struct Judged {
    premises: Vec<PremiseDetails>,
    /// Each owner once, and which of them each premise has.
    owners: Vec<OwnerDetails>,
    owner_of: Vec<usize>,
    meters: Vec<Vec<NewInstallation>>,
}

fn judged(whole: &WholeSite, site: SiteId, since: Date) -> Result<Judged> {
    let mut judged = Judged { premises: Vec::new(), owners: Vec::new(), owner_of: Vec::new(), meters: Vec::new() };
    let mut known: HashMap<&WholeOwner, usize> = HashMap::new();
    let (mut labels, mut serials) = (BTreeSet::new(), BTreeSet::new());
    let usual = if whole.kind == SiteKind::Garden { PremiseKind::Plot } else { PremiseKind::Apartment };
    for (place, one) in whole.premises.iter().enumerate() {
        let here = |error| at(&format!("premises[{place}]"), error);
        let body = PremiseBody {
            site_id: site,
            kind: one.kind.unwrap_or(usual),
            label: one.label.clone(),
            area_m2: one.area_m2,
            note: String::new(),
        };
        let details = body.details().map_err(here)?;
        if !labels.insert(details.label.clone()) {
            return Err(here(Error::taken("label", "premise-label-taken")));
        }
        judged.premises.push(details);
        let owner = if let Some(owner) = known.get(&one.owner) {
            *owner
        } else {
            judged.owners.push(owner_details(&one.owner).map_err(|error| here(at("owner", error)))?);
            known.insert(&one.owner, judged.owners.len() - 1);
            judged.owners.len() - 1
        };
        judged.owner_of.push(owner);
        let mut meters = Vec::with_capacity(one.meters.len());
        for (place, meter) in one.meters.iter().enumerate() {
            let there = |error| here(at(&format!("meters[{place}]"), error));
            let new = meter_body(meter).installation(since).map_err(there)?;
            if !serials.insert((meter.resource, new.passport.serial.clone())) {
                return Err(there(Error::taken("serial", "meter-serial-taken")));
            }
            meters.push(new);
        }
        judged.meters.push(meters);
    }
    Ok(judged)
}

fn owner_details(owner: &WholeOwner) -> Result<OwnerDetails> {
    let name = names::parse(&owner.name);
    let body = OwnerBody {
        kind: if name.is_company { OwnerKind::Company } else { OwnerKind::Person },
        last_name: name.last_name,
        first_name: name.first_name,
        patronymic: name.patronymic,
        phones: if owner.phone.trim().is_empty() { Vec::new() } else { vec![owner.phone.clone()] },
        email: owner.email.clone(),
        note: String::new(),
    };
    body.details()
        .map_err(|error| error.renamed(&[("last_name", "name"), ("first_name", "name"), ("patronymic", "name"), ("phones", "phone")]))
}

fn meter_body(meter: &WholeMeter) -> MeterBody {
    MeterBody {
        premise_id: None,
        site_id: None,
        resource: meter.resource,
        serial: meter.serial.clone(),
        model: String::new(),
        dial_digits: meter.dial_digits,
        dial_decimals: Within(0),
        registers: meter.registers.clone(),
        opening: meter.opening.clone(),
        installed_on: None,
        verified_on: None,
        verify_by: None,
        note: String::new(),
    }
}

/// A site that is filled with what was judged.
struct Filling<'a> {
    call: &'a Call,
    site: SiteId,
    since: Date,
    whole: &'a WholeSite,
    judged: &'a Judged,
}

impl Filling<'_> {
    async fn fill(&self, tx: &mut Tx) -> Result<Vec<ImportedPremise>> {
        let now = self.call.now();
        let premises = PremiseDetails::create_many(tx, self.site, now, &self.judged.premises).await?;
        let owners = OwnerDetails::create_many(tx, now, &self.judged.owners).await?;
        let of: Vec<OwnerId> = self.judged.owner_of.iter().map(|place| owners[*place]).collect();
        let pairs: Vec<(PremiseId, OwnerId)> = premises.iter().copied().zip(of.iter().copied()).collect();
        let ownership = |(premise, owner): &(PremiseId, OwnerId)| NewOwnership {
            premise: *premise,
            owner: *owner,
            share: Share::WHOLE,
            from: self.since,
            reason: String::new(),
        };
        NewOwnership::create_many(tx, &pairs.iter().map(ownership).collect::<Vec<_>>()).await?;
        let account = |(premise, payer): &(PremiseId, OwnerId)| NewAccount { premise: *premise, payer: *payer, opened_on: self.since };
        let accounts = NewAccount::open_many_numbered(tx, &pairs.iter().map(account).collect::<Vec<_>>()).await?;
        self.put_meters_up(tx, &premises).await?;
        NewContract::sign_many(tx, &self.contracts(&accounts)).await?;
        let made = pairs.iter().zip(accounts).zip(&self.judged.premises);
        Ok(made
            .map(|(((premise, owner), (account, number)), details)| ImportedPremise {
                id: *premise,
                label: details.label.clone(),
                owner_id: *owner,
                account_id: account,
                account: number,
            })
            .collect())
    }

    async fn put_meters_up(&self, tx: &mut Tx, premises: &[PremiseId]) -> Result<()> {
        let all = premises.iter().zip(&self.judged.meters);
        let new: Vec<NewMeter> = all
            .flat_map(|(premise, meters)| {
                meters.iter().map(|meter| NewMeter {
                    passport: meter.passport.clone(),
                    place: Place { site: self.site, premise: Some(*premise) },
                    installed_on: meter.on,
                    opening: meter.opening.clone(),
                })
            })
            .collect();
        let serials: Vec<(Resource, &str)> = new.iter().map(|meter| (meter.passport.resource, meter.passport.serial.as_str())).collect();
        if let Some((_, serial)) = meter::first_known(&mut *tx, &serials).await? {
            let place = self.judged.meters.iter().enumerate().find_map(|(premise, meters)| {
                let meter = meters.iter().position(|meter| meter.passport.serial == serial)?;
                Some(format!("premises[{premise}].meters[{meter}]"))
            });
            return Err(at(&place.unwrap_or_default(), Error::taken("serial", "meter-serial-taken")));
        }
        NewMeter::install_many(tx, self.call.now(), &new).await?;
        Ok(())
    }

    /// A contract for what is measured at a premise, and for every service named.
    fn contracts(&self, accounts: &[(AccountId, String)]) -> Vec<NewContract> {
        let mut contracts = Vec::new();
        for ((account, number), meters) in accounts.iter().zip(&self.judged.meters) {
            let metered = meters.iter().map(|meter| match meter.passport.resource {
                Resource::Water => Service::Water,
                Resource::Electricity => Service::Electricity,
            });
            let services: BTreeSet<Service> = metered.chain(self.whole.services.iter().copied()).collect();
            contracts.extend(services.into_iter().map(|service| NewContract {
                account: *account,
                service,
                number: usual_number(number, service),
                signed_on: self.since,
                note: String::new(),
            }));
        }
        contracts
    }
}

async fn show(call: Call, Keys(id): Keys<i64>) -> Result {
    let site = call.visible(Site::find(&call.db, SiteId(id)).await?, |site| site.id)?;
    let slice = call.slice()?;
    let filter = PremiseFilter { site: Some(site.id), ..PremiseFilter::default() };
    let seen = call.seen()?;
    let total = filter.tally(&call.db, seen).await?.premises;
    let ids = filter.keys(&call.db, seen, PremiseOrder::Label, false, slice.bounds()).await?;
    let premises = full_premises(&call, &ids).await?;
    let listed = slice.of(premises, total);
    let full = FullSite {
        id: site.id,
        name: site.details.name,
        kind: site.details.kind,
        address: site.details.address,
        time_zone: site.details.time_zone,
        premises: listed.items,
        page: listed.page,
        per_page: listed.per_page,
        total,
    };
    Ok(axum::Json(full).into_response())
}

async fn full_premises(call: &Call, ids: &[PremiseId]) -> Result<Vec<FullPremise>> {
    let premises = Premise::some(&call.db, ids).await?;
    let owners: HashMap<PremiseId, OwnerId> = Ownership::first_of(&call.db, ids).await?;
    let known: Vec<OwnerId> = owners.values().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let known: HashMap<OwnerId, FullOwner> = Owner::some(&call.db, &known)
        .await?
        .into_iter()
        .map(|(owner, phones)| {
            let phone = phones.first().map_or_else(String::new, |phone| phone.as_str().to_owned());
            (owner.id, FullOwner { id: owner.id, name: owner.full_name, phone, email: owner.email })
        })
        .collect();
    let mut meters: HashMap<PremiseId, Vec<StandingView>> = HashMap::new();
    for standing in Standing::at_premises(&call.db, ids, call.now()).await? {
        meters.entry(standing.premise.unwrap_or(PremiseId(0))).or_default().push(StandingView::from(&standing));
    }
    let rows = premise_list::rows(&call.db, ids).await?;
    let services: HashMap<PremiseId, Vec<Service>> = rows.into_iter().map(|row| (row.id, row.services)).collect();
    let mut charges: HashMap<PremiseId, Vec<ChargeView>> = HashMap::new();
    for LastCharge { premise_id, service, period, amount } in charge::last_of(&call.db, ids).await? {
        charges.entry(premise_id).or_default().push(ChargeView { service, period, amount_kopecks: amount });
    }
    let full = |premise: Premise| {
        let owner = owners.get(&premise.id).and_then(|owner| known.get(owner));
        FullPremise {
            owner: owner.map(|owner| FullOwner {
                id: owner.id,
                name: owner.name.clone(),
                phone: owner.phone.clone(),
                email: owner.email.clone(),
            }),
            meters: meters.remove(&premise.id).unwrap_or_default(),
            services: services.get(&premise.id).cloned().unwrap_or_default(),
            last_charges: charges.remove(&premise.id).unwrap_or_default(),
            id: premise.id,
            label: premise.label,
            kind: premise.kind,
            area_m2: premise.area,
        }
    };
    Ok(premises.into_iter().map(full).collect())
}
