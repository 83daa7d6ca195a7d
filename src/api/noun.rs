//! The six calls that every noun of the registry has: listed, made, shown, changed, taken away, and made by the row.

use axum::{http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::{
    body::Body,
    call::{Call, Listed, Row, Slice},
    calls::{Calls, Op, ROOT, delete, get, post, put},
    error::{Error, Result},
};
use crate::{
    db::{On, Tx},
    kernel::text::Choice,
    staff::user::Permission,
    web::{Access::Can, Keys, list::Sort},
};

/// Rows of one batch.
pub const MOST_ITEMS: usize = 1000;

/// A noun as other programs see it.
pub trait Noun: Sized + 'static {
    /// The path of all of them, `/sites`.
    const PATH: &'static str;
    /// What names one of them in a path.
    const PARAMETER: &'static str = "id";
    const SEE: Permission;
    const EDIT: Permission;
    /// What its calls do, in the order of the path: list, make, show, change, take away, make by the row.
    const SUMMARIES: [&'static str; 6];
    /// What it is made of, and changed to.
    type New: DeserializeOwned + Serialize + ToSchema + Send + Sync;
    type Change: DeserializeOwned + ToSchema + Send + Sync;
    type View: Serialize + ToSchema + Send + Sync;
    type Order: Choice + Send;

    /// Declares by what its list is narrowed.
    fn filters(op: Op) -> Op;

    fn usual_order() -> Sort<Self::Order>;

    /// The key of what the path names.
    fn key(_call: &Call, named: &str) -> impl Future<Output = Result<i64>> + Send {
        let key = named.parse::<i64>().ok().filter(|key| *key > 0).ok_or(Error::NOT_FOUND);
        async move { key }
    }

    fn list(call: &Call, slice: Slice, sort: Sort<Self::Order>) -> impl Future<Output = Result<Listed<Self::View>>> + Send;

    /// One of those that the caller sees.
    fn show(call: &Call, on: On<'_>, key: i64) -> impl Future<Output = Result<Self::View>> + Send;

    /// Makes it, with its entry in the audit.
    fn make(call: &Call, tx: &mut Tx, new: &Self::New) -> impl Future<Output = Result<i64>> + Send;

    fn change(call: &Call, tx: &mut Tx, key: i64, change: &Self::Change) -> impl Future<Output = Result<()>> + Send;

    /// Takes it away while nothing hangs on it.
    fn take_away(call: &Call, tx: &mut Tx, key: i64) -> impl Future<Output = Result<()>> + Send;
}

/// All six calls of a noun.
pub fn calls_of<N: Noun>(tag: &'static str) -> Calls {
    let (see, edit) = (Can(N::SEE), Can(N::EDIT));
    let one = format!("{}/{{{}}}", N::PATH, N::PARAMETER);
    let [listed, made, shown, changed, gone, batch] = N::SUMMARIES;
    Calls::of(tag)
        .call(N::filters(get(N::PATH, see, listed).lists::<N::View>().sorted::<N::Order>()), list::<N>)
        .call(post(N::PATH, edit, made).takes::<N::New>().makes::<N::View>().refuses(StatusCode::CONFLICT), make::<N>)
        .call(get(one.clone(), see, shown).gives::<N::View>(), show::<N>)
        .call(put(one.clone(), edit, changed).takes::<N::Change>().gives::<N::View>().refuses(StatusCode::CONFLICT), change::<N>)
        .call(delete(one, edit, gone), take_away::<N>)
        .call(post(format!("{}/batch", N::PATH), edit, batch).takes_rows::<N::New>().gives::<Outcome>(), make_many::<N>)
}

async fn list<N: Noun>(call: Call) -> Result {
    let (slice, sort) = (call.slice()?, call.sort(N::usual_order())?);
    let listed = N::list(&call, slice, sort).await?;
    Ok(axum::Json(listed).into_response())
}

async fn show<N: Noun>(call: Call, Keys(named): Keys<String>) -> Result {
    let key = N::key(&call, &named).await?;
    Ok(axum::Json(N::show(&call, (&call.db).into(), key).await?).into_response())
}

async fn make<N: Noun>(call: Call, Body(new): Body<N::New>) -> Result {
    let mut turn = call.turn(&new).await?;
    let key = N::make(&call, &mut turn, &new).await?;
    let view = N::show(&call, (&mut *turn).into(), key).await?;
    turn.end(StatusCode::CREATED, &format!("{ROOT}{}/{key}", N::PATH), &view).await
}

async fn change<N: Noun>(call: Call, Keys(named): Keys<String>, Body(change): Body<N::Change>) -> Result {
    let key = N::key(&call, &named).await?;
    let mut tx = call.db.begin().await?;
    // What is not the caller's is as absent, whatever the content.
    N::show(&call, (&mut tx).into(), key).await?;
    N::change(&call, &mut tx, key, &change).await?;
    let view = N::show(&call, (&mut tx).into(), key).await?;
    tx.commit().await?;
    Ok(axum::Json(view).into_response())
}

async fn take_away<N: Noun>(call: Call, Keys(named): Keys<String>) -> Result {
    let key = N::key(&call, &named).await?;
    let mut tx = call.db.begin().await?;
    N::show(&call, (&mut tx).into(), key).await?;
    N::take_away(&call, &mut tx, key).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Rows to be made, each by itself.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Items<T> {
    #[schema(max_items = 1000)]
    pub items: Vec<T>,
}

/// What came of the rows: good ones stay, whatever became of others.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Outcome {
    pub done: i64,
    pub made: Vec<MadeRow>,
    pub failed: Vec<FailedRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MadeRow {
    /// Place among the rows sent, from 0.
    pub index: i64,
    pub id: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FailedRow {
    /// Place among the rows sent, from 0.
    pub index: i64,
    pub code: String,
    pub message: String,
}

impl FailedRow {
    pub fn of(call: &Call, index: i64, error: &Error) -> Self {
        let (code, message) = error.words(call.l);
        Self { index, code, message }
    }
}

/// Every row is a transaction of its own, in which the key keeps it too: what is sent again after a break goes on behind the last row made.
async fn make_many<N: Noun>(call: Call, Body(rows): Body<Items<N::New>>) -> Result {
    if rows.items.len() > MOST_ITEMS {
        return Err(Error::field("items", "api-too-many-items"));
    }
    // Whether it was answered before is asked first; the rows must not wait inside that turn.
    drop(call.turn(&rows).await?);
    let mut outcome = Outcome::default();
    for (index, new) in (0..).zip(&rows.items) {
        match make_row::<N>(&call, index, new).await {
            Ok(id) => outcome.made.push(MadeRow { index, id }),
            Err(error) if error.is_failure() => return Err(error),
            Err(error) => outcome.failed.push(FailedRow::of(&call, index, &error)),
        }
    }
    outcome.done = i64::try_from(outcome.made.len())?;
    call.turn(&rows).await?.end(StatusCode::OK, "", &outcome).await
}

async fn make_row<N: Noun>(call: &Call, index: i64, new: &N::New) -> Result<i64> {
    match call.row(index, new).await? {
        Row::Made(key) => Ok(key),
        Row::New(mut turn) => {
            let key = N::make(call, &mut turn, new).await?;
            turn.made(key).await?;
            Ok(key)
        }
    }
}
