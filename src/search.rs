//! Finding by any part of a word in any letter case, through an index, on both engines alike.
//!
//! Every ending of every word is kept as a row, so that "any part" becomes "a prefix of an ending", which an ordinary index answers.

use std::collections::BTreeSet;

use crate::{
    db::{self, Tx, insert_many, q},
    kernel::text::fold,
};

crate::text_enum! {
    /// What a term leads to.
    Found as "found" { Premise = "premise", Owner = "owner", Meter = "meter", Contract = "contract" }
}

/// The longest ending kept, in characters; longer words are found by any part of so many.
const LONGEST: usize = 24;
/// The most words of a query that are looked at.
const MOST_WORDS: usize = 6;

/// Replaces what one thing is found by.
pub async fn index(tx: &mut Tx, kind: Found, id: i64, texts: &[&str]) -> db::Result<()> {
    q(&mut *tx, "delete from search_term where kind = $1 and entity_id = $2").bind(kind).bind(id).run().await?;
    index_new(tx, kind, &[(id, endings(texts))]).await
}

/// Adds what many new things are found by, in few statements.
pub async fn index_new(tx: &mut Tx, kind: Found, things: &[(i64, BTreeSet<String>)]) -> db::Result<()> {
    let rows: Vec<(i64, &String)> = things.iter().flat_map(|(id, terms)| terms.iter().map(move |term| (*id, term))).collect();
    insert_many(tx, "search_term (term, kind, entity_id)", &rows, |statement, (id, term)| {
        statement.bind(term.as_str()).bind(kind).bind(*id)
    })
    .await
}

/// Every ending of every word in the texts, folded. Words are split at spaces; a label such as `3-12-7` also at its dashes.
pub fn endings(texts: &[&str]) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for text in texts {
        for word in fold(text).split(' ').filter(|word| !word.is_empty()) {
            let characters: Vec<char> = word.chars().collect();
            for start in 0..characters.len() {
                terms.insert(characters[start..].iter().take(LONGEST).collect());
            }
        }
    }
    terms
}

/// The first text after every text that begins with `prefix`, in code-point order.
fn after(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// The words of a typed query, each with the bounds of its terms: `term >= from and term < before`.
pub fn bounds(query: &str) -> Vec<(String, String)> {
    let folded = fold(query);
    let words = folded.split(' ').filter(|word| !word.is_empty()).take(MOST_WORDS);
    words.map(|word| word.chars().take(LONGEST).collect::<String>()).map(|word| (word.clone(), after(&word))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(texts: &[&str], query: &str) -> bool {
        let terms = endings(texts);
        bounds(query).iter().all(|(from, before)| terms.range(from.clone()..before.clone()).next().is_some())
    }

    #[test]
    fn any_part_of_any_word_finds_in_any_letter_case() {
        let texts = ["Королёв Пётр О'Нил-Смит", "3-12-7", "+79181590830"];
        for query in ["королев", "РОЛ", "петр  кор", "нил", "12-7", "918159", "0830", ""] {
            assert!(finds(&texts, query), "{query}");
        }
        for query in ["королев иван", "%", "_", "3-12-8"] {
            assert!(!finds(&texts, query), "{query}");
        }
    }
}
