//! What of a round stands on a page: every array, and the sections of those that are open.

use crate::{
    metering::{
        coverage::{self, Covered},
        round::RoundId,
    },
    staff::user::UserId,
    web::{Ctx, Locale, Result},
};

/// A round of no more sections is shown whole; of a larger one, one array is open.
const MOST_OPEN: i64 = 40;

pub struct Outline {
    pub arrays: Vec<Covered>,
    pub sections: Vec<Covered>,
}

/// One line of the outline.
pub enum Entry<'a> {
    Array(&'a Covered),
    Section(&'a Covered),
}

impl Outline {
    /// Opens the array that the address names, or else the first that is wanted.
    pub async fn of(ctx: &Ctx, round: RoundId, mine: Option<UserId>, is_wanted: impl Fn(&Covered) -> bool) -> Result<Self> {
        let arrays = coverage::arrays(&ctx.db, round, mine).await?;
        let is_whole = arrays.iter().map(|array| array.sections).sum::<i64>() <= MOST_OPEN;
        let asked = ctx.query.all("array").next();
        let asked = arrays.iter().find(|array| asked.is_some_and(|asked| asked == array.array));
        let open = if is_whole { None } else { asked.or_else(|| arrays.iter().find(|array| is_wanted(array))).or(arrays.first()) };
        let sections = coverage::sections(&ctx.db, round, mine, open.map(|open| open.array.as_str())).await?;
        Ok(Self { arrays, sections })
    }

    pub fn is_open(&self, array: &Covered) -> bool {
        self.sections.iter().any(|section| section.array == array.array)
    }

    /// Arrays, each followed by its sections if it is open. An open array of one section is that section alone.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.arrays.iter().flat_map(|array| {
            let is_open = self.is_open(array);
            let row = (!is_open || array.sections > 1).then_some(Entry::Array(array));
            let sections = self.sections.iter().filter(|section| section.array == array.array);
            row.into_iter().chain(sections.map(Entry::Section))
        })
    }

    pub fn done(&self) -> i64 {
        self.arrays.iter().map(|array| array.done).sum()
    }

    pub fn total(&self) -> i64 {
        self.arrays.iter().map(|array| array.total).sum()
    }
}

/// What people call an array of a round.
pub fn array_name(l: Locale, array: &str) -> String {
    if array.is_empty() { l.t("round-section-other") } else { l.a("premises-array", &[("array", array)]) }
}

/// The address of a page of the round with an array open, and a section of it.
pub fn opening(base: &str, array: &str, others: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("array", array).extend_pairs(others).finish();
    format!("{base}?{query}")
}
