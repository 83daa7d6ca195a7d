//! How far a round is, by array and by section: kept beside the stops, so that no page counts thousands of them.
//!
//! The rule: whoever changes stops calls [`recount`] for their sections in the same transaction. `meterbook verify` compares.

use super::round::RoundId;
use crate::{
    db::{self, On, Tx, placeholders, q},
    staff::user::UserId,
};

/// Class of the lock under which stops of a round change and are counted.
const LOCK: i32 = 32;

/// An array of a round, or one section of it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Covered {
    /// Empty for premises that stand in no array.
    pub array: String,
    /// Empty when this is the whole array.
    pub section: String,
    /// How many sections these are.
    pub sections: i64,
    pub done: i64,
    pub revisit: i64,
    pub total: i64,
    /// How many controllers walk it.
    pub controllers: i64,
    /// The only one.
    pub controller_id: Option<UserId>,
    pub controller_name: Option<String>,
}

/// The arrays in walking order; of one controller's stops only, if asked.
pub async fn arrays(on: impl Into<On<'_>>, round: RoundId, controller: Option<UserId>) -> db::Result<Vec<Covered>> {
    covered(on.into(), ["'' as section", "part_array"], round, controller, None).await
}

/// The sections in walking order, of one array if asked; of one controller's stops only, if asked.
pub async fn sections(on: impl Into<On<'_>>, round: RoundId, controller: Option<UserId>, array: Option<&str>) -> db::Result<Vec<Covered>> {
    covered(on.into(), ["section", "part_array, section"], round, controller, array).await
}

async fn covered(
    on: On<'_>,
    [section, key]: [&str; 2],
    round: RoundId,
    controller: Option<UserId>,
    array: Option<&str>,
) -> db::Result<Vec<Covered>> {
    let sql = format!(
        "select c.part_array as array, c.section, c.sections, c.done, c.revisit, c.total, c.controllers,
            u.id as controller_id, u.name as controller_name
        from (
            select part_array, {section},
                count(distinct section) as sections,
                cast(sum(done_count) as bigint) as done,
                cast(sum(revisit_count) as bigint) as revisit,
                cast(sum(stop_count) as bigint) as total,
                count(distinct controller_id) as controllers,
                min(controller_id) as first_controller,
                min(position) as position
            from round_section
            where round_id = $1 and ($2 is null or controller_id = $2) and ($3 is null or part_array = $3)
            group by {key}
        ) c
        left join staff_user u on u.id = c.first_controller and c.controllers = 1
        order by c.position"
    );
    q(on, sql).bind(round).bind(controller).bind(array).all().await
}

/// Lets nobody else change stops of the round until the transaction ends; on PostgreSQL the next one then counts what this one did.
pub async fn hold(tx: &mut Tx, round: RoundId) -> db::Result<()> {
    tx.lock(LOCK, round.0).await
}

/// Counts these sections of a held round anew.
pub async fn recount(tx: &mut Tx, round: RoundId, sections: &[String]) -> db::Result<()> {
    for chunk in sections.chunks(400) {
        let given = placeholders(2, chunk.len());
        for sql in [
            format!("delete from round_section where round_id = $1 and section in ({given})"),
            format!(
                "insert into round_section
                    (round_id, part_array, section, controller_id, position, stop_count, done_count, revisit_count)
                select round_id, part_array, section, controller_id, min(position), count(*),
                    count(case when state = 'done' then 1 end),
                    count(case when state = 'revisit' then 1 end)
                from round_stop
                where round_id = $1 and section in ({given})
                group by round_id, part_array, section, controller_id"
            ),
        ] {
            let statement = q(&mut *tx, sql).bind(round);
            chunk.iter().fold(statement, |statement, section| statement.bind(section.as_str())).run().await?;
        }
    }
    q(
        tx,
        "update round
        set stop_count = c.stops, done_count = c.done, revisit_count = c.revisit
        from (
            select coalesce(sum(stop_count), 0) as stops, coalesce(sum(done_count), 0) as done, coalesce(sum(revisit_count), 0) as revisit
            from round_section
            where round_id = $1
        ) c
        where id = $1",
    )
    .bind(round)
    .run()
    .await?;
    Ok(())
}
