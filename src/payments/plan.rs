//! What is to be done with each document of a file, decided before anything is done. Pure.
//!
//! Only a certain match is credited without a person; everything else is proposed, and goes to unknown money unless somebody says whose it is.

use std::collections::BTreeSet;

use time::Date;

use super::{
    bank_file::{self, Document, LineProblem},
    known::Bills,
    matching::{Confidence, Known},
    purpose::{self, Said},
};
use crate::{
    estate::account::AccountId,
    kernel::{Money, Period},
    ledger::Named,
};

crate::text_enum! {
    /// Why a document is not credited at all.
    Problem as "payment-problem" {
        /// The organisation itself paid.
        Outgoing = "outgoing",
        /// It stands in the same file before.
        Duplicate = "duplicate",
        /// It was credited from another file.
        Known = "known",
        Unreadable = "unreadable",
    }
}

crate::text_enum! {
    /// What will be done with a document.
    Decision as "payment-decision" { Credit = "credit", Suspense = "suspense", Skip = "skip" }
}

/// A document with what is planned for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub problem: Option<Problem>,
    /// The number of the equal document before, or what stands where nothing could be read.
    pub detail: String,
    pub amount: Money,
    pub received_on: Option<Date>,
    pub payer: String,
    pub memo: String,
    pub named: Named,
    pub reference: String,
    pub fingerprint: Option<String>,
    pub confidence: Confidence,
    /// Words of what speaks for the proposal and against it.
    pub reasons: Vec<&'static str>,
    pub account: Option<AccountId>,
    pub decision: Decision,
}

/// What the purposes of the documents say, in their order.
#[must_use]
pub fn read(documents: &[Document]) -> Vec<Said> {
    documents.iter().map(|document| purpose::read(&document.purpose)).collect()
}

/// The numbers of bills that are named.
#[must_use]
pub fn named_bills(said: &[Said]) -> BTreeSet<String> {
    said.iter().filter_map(|said| said.bill.clone()).collect()
}

/// One plan for each document and each problem, in the order of the file.
///
/// `said` is what [`read`] found in the documents, `before` the fingerprints of those that were credited from other files.
#[must_use]
pub fn plan(
    (documents, said): (&[Document], &[Said]),
    problems: &[LineProblem],
    is_incoming: impl Fn(&Document) -> bool,
    known: &Known<AccountId>,
    bills: &Bills,
    before: &BTreeSet<String>,
) -> Vec<Planned> {
    let duplicates = bank_file::duplicates(documents);
    let mut lines: Vec<(usize, Planned)> = problems.iter().map(|problem| (problem.line, unreadable(problem))).collect();
    for ((document, said), equal) in documents.iter().zip(said).zip(&duplicates) {
        let proposal = known.propose(document, said);
        let fingerprint = document.fingerprint();
        let problem = match equal {
            _ if !is_incoming(document) => Some(Problem::Outgoing),
            Some(_) => Some(Problem::Duplicate),
            None if before.contains(&fingerprint) => Some(Problem::Known),
            None => None,
        };
        let decision = match problem {
            Some(_) => Decision::Skip,
            None if proposal.confidence.is_enough_alone() => Decision::Credit,
            None => Decision::Suspense,
        };
        let planned = Planned {
            problem,
            detail: equal.map_or_else(String::new, |place| documents[place].number.clone()),
            amount: document.amount,
            received_on: Some(document.received_on.unwrap_or(document.dated_on)),
            payer: document.payer.clone(),
            memo: document.purpose.clone(),
            named: named(said, bills),
            reference: document.number.clone(),
            fingerprint: Some(fingerprint),
            confidence: proposal.confidence,
            reasons: proposal.reasons.iter().map(|reason| reason.as_str()).collect(),
            account: proposal.account,
            decision,
        };
        lines.push((document.line, planned));
    }
    lines.sort_by_key(|(line, _)| *line);
    lines.into_iter().map(|(_, planned)| planned).collect()
}

fn named(said: &Said, bills: &Bills) -> Named {
    Named {
        bill: said.bill.as_ref().and_then(|number| bills.get(number)).map(|(bill, _)| *bill),
        period: said.period.and_then(|(year, month)| Period::new(year, month).ok()),
        service: said.service.and_then(|word| word.parse().ok()),
    }
}

fn unreadable(problem: &LineProblem) -> Planned {
    Planned {
        problem: Some(Problem::Unreadable),
        detail: problem.found.clone(),
        amount: Money::ZERO,
        received_on: None,
        payer: String::new(),
        memo: String::new(),
        named: Named::default(),
        reference: String::new(),
        fingerprint: None,
        confidence: Confidence::Unknown,
        reasons: vec![problem.code.as_str()],
        account: None,
        decision: Decision::Skip,
    }
}
