//! Who is who among the rows: people are one when name and telephone agree; a name alone is a weaker witness and is said so.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{names::Name, words::ProblemCode};
use crate::kernel::text::fold;

/// An owner as the whole file describes him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub name: Name,
    pub phones: Vec<String>,
    pub email: Option<String>,
}

/// The owner as one row names him, and the plot it stands at.
#[derive(Clone, Debug)]
pub struct Mention {
    /// The row's place in the registry.
    pub row: usize,
    pub label: String,
    pub name: Name,
    pub phones: Vec<String>,
    pub email: Option<String>,
}

/// The people of a file, and for every mention whom it means, with a remark where only the name says so.
#[derive(Debug, Default)]
pub struct Merged {
    pub owners: Vec<Owner>,
    /// By row.
    pub found: HashMap<usize, (usize, Option<ProblemCode>)>,
}

/// The form in which names are compared: letter case, `ё` and quotation marks do not matter.
#[must_use]
pub fn name_key(name: &Name) -> String {
    text_key(&name.full())
}

/// The same of a name that is already one text.
#[must_use]
pub fn text_key(full_name: &str) -> String {
    let bare: String = full_name.chars().map(|c| if matches!(c, '«' | '»' | '"' | '“' | '”' | '„') { ' ' } else { c }).collect();
    fold(&bare)
}

/// First everyone with a telephone, then those without, who can only be matched by name or by the plot.
#[must_use]
pub fn merge(mentions: Vec<Mention>) -> Merged {
    let mut merged = Merging::default();
    let (known, nameless): (Vec<_>, Vec<_>) = mentions.into_iter().partition(|mention| !mention.phones.is_empty());
    for mention in known {
        let owner = merged.by_phone(&mention).unwrap_or_else(|| merged.add(&mention));
        merged.note(mention, owner, None);
    }
    for mention in nameless {
        let (owner, remark) = merged.by_name(&mention);
        merged.note(mention, owner, remark);
    }
    merged.result
}

#[derive(Default)]
struct Merging {
    result: Merged,
    by_name_and_phone: HashMap<(String, String), usize>,
    by_name: HashMap<String, Vec<usize>>,
    by_label: HashMap<(String, String), usize>,
}

impl Merging {
    fn add(&mut self, mention: &Mention) -> usize {
        let owner = self.result.owners.len();
        self.result.owners.push(Owner { name: mention.name.clone(), phones: Vec::new(), email: None });
        self.by_name.entry(name_key(&mention.name)).or_default().push(owner);
        owner
    }

    fn by_phone(&self, mention: &Mention) -> Option<usize> {
        let key = name_key(&mention.name);
        mention.phones.iter().find_map(|phone| self.by_name_and_phone.get(&(key.clone(), phone.clone())).copied())
    }

    fn by_name(&mut self, mention: &Mention) -> (usize, Option<ProblemCode>) {
        let key = name_key(&mention.name);
        if let Some(owner) = self.by_label.get(&(mention.label.clone(), key.clone())) {
            return (*owner, None);
        }
        match self.by_name.get(&key).map_or(&[][..], Vec::as_slice) {
            [] => (self.add(mention), None),
            [one] => (*one, Some(ProblemCode::MergedByName)),
            _ => (self.add(mention), Some(ProblemCode::NamesakeWithoutPhone)),
        }
    }

    fn note(&mut self, mention: Mention, owner: usize, remark: Option<ProblemCode>) {
        let key = name_key(&mention.name);
        let known = &mut self.result.owners[owner];
        for phone in mention.phones {
            self.by_name_and_phone.entry((key.clone(), phone.clone())).or_insert(owner);
            if !known.phones.contains(&phone) {
                known.phones.push(phone);
            }
        }
        known.email = known.email.take().or(mention.email);
        self.by_label.entry((mention.label, key)).or_insert(owner);
        self.result.found.insert(mention.row, (owner, remark));
    }
}
