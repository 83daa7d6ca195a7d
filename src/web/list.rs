//! Lists: page numbers with a total, sorting by an enum, and links that keep the rest of the address as it is.

use crate::kernel::text::Choice;

use super::form::Input;

/// Rows on one page of a desk list.
pub const ROWS_PER_PAGE: i64 = 50;
/// No list is that long; keeps `page` times rows inside a number.
const LAST_PAGE: i64 = 1_000_000;

/// Which page of how many.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// From 1.
    pub page: i64,
    pub per_page: i64,
    pub total: i64,
    /// There are more rows than `total`, which were not counted.
    pub is_open: bool,
}

impl Paging {
    /// The page asked for in the address, held inside what there is.
    pub fn of(query: &Input, total: i64) -> Self {
        let asked = query.text("page").parse().unwrap_or(1).clamp(1, LAST_PAGE);
        let paging = Self { page: asked, per_page: ROWS_PER_PAGE, total, is_open: false };
        Self { page: asked.min(paging.pages()), ..paging }
    }

    /// The same of rows that were counted only up to `most`; those beyond are reached by narrowing the list.
    pub fn up_to(query: &Input, counted: i64, most: i64) -> Self {
        Self { is_open: counted > most, ..Self::of(query, counted.min(most)) }
    }

    /// At least 1: an empty list has one empty page.
    pub fn pages(self) -> i64 {
        ((self.total + self.per_page - 1) / self.per_page).max(1)
    }

    pub fn offset(self) -> i64 {
        (self.page - 1) * self.per_page
    }

    /// The message that says which rows are shown.
    pub fn rows_key(self) -> &'static str {
        if self.is_open { "pager-rows-open" } else { "pager-rows" }
    }

    /// Number of the first row shown, from 1; 0 when there is none.
    pub fn first(self) -> i64 {
        if self.total == 0 { 0 } else { self.offset() + 1 }
    }

    /// Number of the last row shown.
    pub fn last(self) -> i64 {
        (self.offset() + self.per_page).min(self.total)
    }
}

/// The page asked for of a list whose rows come together with their number; the last page when that is beyond the end.
///
/// `fetch` takes limit and offset, and answers the rows with how many there are on the whole list, or zero beyond its end.
pub async fn counted<T, E, F>(query: &Input, fetch: impl Fn((i64, i64)) -> F) -> Result<(T, Paging), E>
where
    F: Future<Output = Result<(T, i64), E>>,
{
    let asked = Paging::of(query, i64::MAX / 2);
    let (rows, total) = fetch((asked.per_page, asked.offset())).await?;
    if total > 0 || asked.page == 1 {
        return Ok((rows, Paging::of(query, total)));
    }
    let (_, total) = fetch((1, 0)).await?;
    let last = Paging::of(query, total);
    let (rows, _) = fetch((last.per_page, last.offset())).await?;
    Ok((rows, last))
}

/// A column to sort by and its direction, as in `sort=name` or `sort=-name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort<T> {
    pub by: T,
    pub is_descending: bool,
}

impl<T: Choice> Sort<T> {
    /// What the address asks for; `default` when it asks for nothing we know.
    pub fn of(query: &Input, default: Self) -> Self {
        let text = query.text("sort");
        let (is_descending, word) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        word.parse().map_or(default, |by| Self { by, is_descending })
    }

    pub fn up(by: T) -> Self {
        Self { by, is_descending: false }
    }

    pub fn down(by: T) -> Self {
        Self { by, is_descending: true }
    }

    /// `asc` or `desc`.
    pub fn direction(self) -> &'static str {
        if self.is_descending { "desc" } else { "asc" }
    }
}

/// The address of a list: its path and what it is filtered by. Makes the links of heads, pages and exports.
#[derive(Clone, Debug)]
pub struct Address {
    path: String,
    query: Vec<(String, String)>,
}

impl Address {
    pub fn new(path: impl Into<String>, query: &Input) -> Self {
        Self { path: path.into(), query: query.fields().iter().filter(|(_, value)| !value.is_empty()).cloned().collect() }
    }

    /// This list with one thing changed; an empty value drops the field. Any change but of the page goes back to the first page.
    pub fn with(&self, name: &str, value: impl ToString) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, kept) in &self.query {
            if key != name && (name == "page" || key != "page") {
                query.append_pair(key, kept);
            }
        }
        let value = value.to_string();
        if !value.is_empty() {
            query.append_pair(name, &value);
        }
        let query = query.finish();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }

    /// The link of a column's head: sorts by it, or turns the direction round.
    pub fn sort_by<T: Choice>(&self, column: T, now: Sort<T>) -> String {
        let minus = if now.by == column && !now.is_descending { "-" } else { "" };
        self.with("sort", format!("{minus}{}", column.word()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_beyond_the_end_is_the_last_page() {
        for (asked, shown) in [("1", 1), ("3", 3), ("4", 3), ("-1", 1), ("0", 1), ("x", 1), ("9999999999999999999", 1)] {
            assert_eq!(Paging::of(&Input::of([("page", asked)]), 101).page, shown, "{asked}");
        }
        let empty = Paging::of(&Input::default(), 0);
        assert_eq!((empty.first(), empty.last(), empty.pages()), (0, 0, 1));
    }

    #[test]
    fn links_keep_the_filters_and_go_back_to_the_first_page() {
        let address = Address::new("/owners", &Input::of([("q", "а&б"), ("page", "3"), ("site", "")]));
        assert_eq!(address.with("page", 4), "/owners?q=%D0%B0%26%D0%B1&page=4");
        assert_eq!(address.with("sort", "-name"), "/owners?q=%D0%B0%26%D0%B1&sort=-name");
        assert_eq!(address.with("q", ""), "/owners");
    }
}
