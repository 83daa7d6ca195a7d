//! A round: the list that is walked in a month, in walking order, split among controllers.

use super::{VisitId, coverage};
use crate::{
    db::{self, On, Tx, insert_many_for_ids, placeholders, q},
    estate::{premise::PremiseId, site::SiteId},
    kernel::{Moment, Period},
    staff::user::UserId,
};

crate::ids! {
    /// Key of a round.
    RoundId,
    /// Key of one premise on a round.
    StopId,
}

crate::text_enum! {
    /// How far a stop is.
    StopState as "stop-state" { Left = "left", Done = "done", Revisit = "revisit" }
}

/// A round as stored, with its progress.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Round {
    pub id: RoundId,
    pub site_id: SiteId,
    pub period: Period,
    pub title: String,
    pub created_at: Moment,
    pub closed_at: Option<Moment>,
    pub done: i64,
    pub revisit: i64,
    pub total: i64,
}

/// A premise that will be walked to.
#[derive(Clone, Debug)]
pub struct NewStop {
    pub premise: PremiseId,
    pub controller: Option<UserId>,
    /// Empty when the premise stands in no array.
    pub array: String,
    /// What is walked in one go: a line of an array, a staircase.
    pub section: String,
}

/// A premise on the way, with what a controller wants to know at a glance.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stop {
    pub id: StopId,
    pub premise_id: PremiseId,
    pub label: String,
    pub owner: String,
    pub section: String,
    pub position: i64,
    pub state: StopState,
    pub has_water: bool,
    pub has_electricity: bool,
}

macro_rules! select_round {
    ($ending:literal) => {
        concat!(
            "select r.id, r.site_id, r.period, r.title, r.created_at, r.closed_at,
                r.done_count as done, r.revisit_count as revisit, r.stop_count as total
            from round r ",
            $ending
        )
    };
}

impl Round {
    pub async fn find(on: impl Into<On<'_>>, id: RoundId) -> db::Result<Option<Self>> {
        q(on, select_round!("where r.id = $1")).bind(id).opt().await
    }

    /// The rounds of a site, the latest first.
    pub async fn of_site(on: impl Into<On<'_>>, site: SiteId) -> db::Result<Vec<Self>> {
        q(on, select_round!("where r.site_id = $1 order by r.period desc, r.id desc limit 60")).bind(site).all().await
    }

    /// The premises that a round of this day would walk: those where a meter stands, in walking order.
    pub async fn premises_to_walk(on: impl Into<On<'_>>, site: SiteId) -> db::Result<Vec<(PremiseId, String, String)>> {
        q(
            on,
            "select p.id, p.part_array, p.part_line
            from premise p
            where p.site_id = $1 and p.ended_on is null
                and exists (select 1 from installation i where i.premise_id = p.id and i.removed_on is null)
            order by p.sort_key, p.id",
        )
        .bind(site)
        .all()
        .await
    }

    /// Makes a round with its stops, in the order given.
    pub async fn create(
        tx: &mut Tx,
        site: SiteId,
        period: Period,
        title: &str,
        by: Option<UserId>,
        at: Moment,
        stops: &[NewStop],
    ) -> db::Result<RoundId> {
        let id: RoundId =
            q(&mut *tx, "insert into round (site_id, period, title, created_by, created_at) values ($1, $2, $3, $4, $5) returning id")
                .bind(site)
                .bind(period)
                .bind(title)
                .bind(by)
                .bind(at)
                .scalar()
                .await?;
        let placed: Vec<(i64, &NewStop)> = (1..).zip(stops).collect();
        insert_many_for_ids(
            tx,
            "round_stop (round_id, premise_id, controller_id, position, part_array, section)",
            &placed,
            |statement, (position, stop)| {
                statement
                    .bind(id)
                    .bind(stop.premise)
                    .bind(stop.controller)
                    .bind(*position)
                    .bind(stop.array.as_str())
                    .bind(stop.section.as_str())
            },
        )
        .await?;
        coverage::recount(tx, id, &unique(stops.iter().map(|stop| stop.section.clone()).collect())).await?;
        Ok(id)
    }

    /// Gives all stops of an array, or of one section of it, to a controller.
    pub async fn assign(tx: &mut Tx, id: RoundId, array: &str, section: Option<&str>, controller: Option<UserId>) -> db::Result<()> {
        coverage::hold(tx, id).await?;
        let changed: Vec<String> = q(
            &mut *tx,
            "update round_stop set controller_id = $4 where round_id = $1 and part_array = $2 and ($3 is null or section = $3) returning section",
        )
        .bind(id)
        .bind(array)
        .bind(section)
        .bind(controller)
        .scalars()
        .await?;
        coverage::recount(tx, id, &unique(changed)).await
    }

    /// Marks premises on the round as done or to be visited again.
    pub async fn mark(tx: &mut Tx, id: RoundId, premises: &[PremiseId], state: StopState) -> db::Result<()> {
        coverage::hold(tx, id).await?;
        let mut changed = Vec::new();
        for chunk in premises.chunks(400) {
            let sql = format!(
                "update round_stop set state = $2 where round_id = $1 and state <> $2 and premise_id in ({}) returning section",
                placeholders(3, chunk.len())
            );
            let statement = q(&mut *tx, sql).bind(id).bind(state);
            changed.extend(chunk.iter().fold(statement, |statement, premise| statement.bind(*premise)).scalars().await?);
        }
        coverage::recount(tx, id, &unique(changed)).await
    }

    /// Closes a round; false when it was closed before.
    pub async fn close(tx: &mut Tx, id: RoundId, at: Moment) -> db::Result<bool> {
        let changed = q(tx, "update round set closed_at = $2 where id = $1 and closed_at is null").bind(id).bind(at).run().await?;
        Ok(changed == 1)
    }
}

fn unique(mut sections: Vec<String>) -> Vec<String> {
    sections.sort_unstable();
    sections.dedup();
    sections
}

macro_rules! select_stop {
    ($ending:literal) => {
        concat!(
            "select s.id, s.premise_id, p.label, s.section, s.position, s.state,
                coalesce((
                    select o.full_name
                    from ownership w
                    join owner o on o.id = w.owner_id
                    where w.premise_id = p.id and w.until_on is null
                    order by w.id
                    limit 1
                ), '') as owner,
                exists (
                    select 1 from installation i join meter m on m.id = i.meter_id
                    where i.premise_id = p.id and i.removed_on is null and m.resource = 'water'
                ) as has_water,
                exists (
                    select 1 from installation i join meter m on m.id = i.meter_id
                    where i.premise_id = p.id and i.removed_on is null and m.resource = 'electricity'
                ) as has_electricity
            from round_stop s
            join premise p on p.id = s.premise_id ",
            $ending
        )
    };
}

impl Stop {
    /// The stops of a section in walking order; of one controller's, and of one state, if asked.
    pub async fn of_section(
        on: impl Into<On<'_>>,
        round: RoundId,
        section: &str,
        controller: Option<UserId>,
        state: Option<StopState>,
    ) -> db::Result<Vec<Self>> {
        q(
            on,
            select_stop!(
                "where s.round_id = $1 and s.section = $2 and ($3 is null or s.controller_id = $3) and ($4 is null or s.state = $4)
                order by s.position
                limit 500"
            ),
        )
        .bind(round)
        .bind(section)
        .bind(controller)
        .bind(state)
        .all()
        .await
    }

    /// The stops whose label holds the digits typed.
    pub async fn search(on: impl Into<On<'_>>, round: RoundId, controller: Option<UserId>, typed: &str) -> db::Result<Vec<Self>> {
        let Some((from, before)) = crate::search::bounds(typed).into_iter().next() else { return Ok(Vec::new()) };
        q(
            on,
            select_stop!(
                "where s.round_id = $1 and ($2 is null or s.controller_id = $2)
                    and s.premise_id in (select entity_id from search_term where kind || '' = 'premise' and term >= $3 and term < $4)
                order by s.position
                limit 60"
            ),
        )
        .bind(round)
        .bind(controller)
        .bind(from)
        .bind(before)
        .all()
        .await
    }

    pub async fn find(on: impl Into<On<'_>>, round: RoundId, premise: PremiseId) -> db::Result<Option<Self>> {
        q(on, select_stop!("where s.round_id = $1 and s.premise_id = $2")).bind(round).bind(premise).opt().await
    }

    /// The first premises to visit again, in walking order.
    pub async fn revisits(on: impl Into<On<'_>>, round: RoundId, limit: i64) -> db::Result<Vec<Self>> {
        q(on, select_stop!("where s.round_id = $1 and s.state = 'revisit' order by s.position limit $2"))
            .bind(round)
            .bind(limit)
            .all()
            .await
    }

    /// Is the stop one of this controller's?
    pub async fn is_of(on: impl Into<On<'_>>, id: StopId, controller: Option<UserId>) -> db::Result<bool> {
        let count: i64 =
            q(on, "select count(*) from round_stop where id = $1 and controller_id = $2").bind(id).bind(controller).scalar().await?;
        Ok(count == 1)
    }

    /// The next stop that is left after a position, or, at the end of the way, the first one left.
    pub async fn next(on: impl Into<On<'_>>, round: RoundId, controller: Option<UserId>, position: i64) -> db::Result<Option<Self>> {
        q(
            on,
            select_stop!(
                "where s.round_id = $1 and ($2 is null or s.controller_id = $2) and s.state = 'left' and s.position <> $3
                order by case when s.position > $3 then 0 else 1 end, s.position
                limit 1"
            ),
        )
        .bind(round)
        .bind(controller)
        .bind(position)
        .opt()
        .await
    }
}

/// The open round in which a controller walks to each of these premises, at most 500; the latest when there are several.
pub async fn open_for(on: impl Into<On<'_>>, controller: UserId, premises: &[PremiseId]) -> db::Result<Vec<(PremiseId, RoundId)>> {
    if premises.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select s.premise_id, max(r.id)
        from round_stop s
        join round r on r.id = s.round_id
        where s.controller_id = $1 and s.premise_id in ({}) and r.closed_at is null
        group by s.premise_id",
        placeholders(2, premises.len())
    );
    premises.iter().fold(q(on, sql).bind(controller), |statement, premise| statement.bind(*premise)).all().await
}

/// What happened on a visit, in a line of a premise's card.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PastVisit {
    pub id: VisitId,
    pub outcome: super::visit::Outcome,
    pub note: String,
    pub visited_at: Moment,
    pub controller: String,
}

/// The last visits to a premise, newest first.
pub async fn visits_to(on: impl Into<On<'_>>, premise: PremiseId) -> db::Result<Vec<PastVisit>> {
    q(
        on,
        "select v.id, v.outcome, v.note, v.visited_at, u.name as controller
        from visit v
        join staff_user u on u.id = v.controller_id
        where v.premise_id = $1
        order by v.visited_at desc, v.id desc
        limit 12",
    )
    .bind(premise)
    .all()
    .await
}
