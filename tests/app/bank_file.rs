//! The bank's statement of the cooperative beside its register: who is found surely, who is only proposed, who is asked about.

use meterbook::{
    estate::import::{
        guess::{self, Remembered},
        registry,
    },
    kernel::Money,
    payments::{
        bank_file::{self, Document, ProblemCode, Statement, duplicates},
        matching::{Confidence, Holder, Known, Proposal},
        purpose,
    },
};
use time::macros::date;

use crate::import_files::{data, read};

fn statement() -> Statement {
    bank_file::read(&std::fs::read(data("bank-statement.txt")).unwrap()).unwrap()
}

fn expected() -> serde_json::Value {
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(data("expected.json")).unwrap()).unwrap();
    expected["bank"].clone()
}

/// The plots and owners of the old program; the account's key is the place of its row.
async fn register() -> Vec<Holder<usize>> {
    let today = date!(2026 - 11 - 30);
    let workbook = read(&data("old-system-export.xlsx")).await.unwrap();
    let registry = registry::read(&workbook, &guess::guess(&workbook, &Remembered::new(), today), today);
    let holder = |(account, row): (usize, &registry::RegistryRow)| Holder {
        account,
        number: format!("{account:09}"),
        label: row.label.label.clone(),
        payer: registry.owners[row.owner.unwrap()].name.full(),
        is_open: true,
        debt: Money::ZERO,
    };
    registry.rows.iter().enumerate().map(holder).collect()
}

/// The documents without duplicates, each with what is proposed.
fn proposals(statement: &Statement, holders: &[Holder<usize>]) -> Vec<(Document, Proposal<usize>)> {
    let known = Known::new(holders.to_vec(), []);
    let twice = duplicates(&statement.documents);
    let first = statement.documents.iter().zip(twice).filter(|(_, first)| first.is_none());
    first.map(|(document, _)| (document.clone(), known.propose(document, &purpose::read(&document.purpose)))).collect()
}

#[test]
fn the_banks_statement_is_read_whole_and_the_repeated_document_is_noticed() {
    let (statement, expected) = (statement(), expected());
    assert_eq!((statement.account.as_deref(), &statement.problems[..]), (Some("40703810900000000123"), &[][..]));
    assert_eq!(statement.documents.len(), expected["documents"]);
    assert!(statement.documents.iter().all(|document| statement.is_incoming(document)));
    let twice = duplicates(&statement.documents);
    let unique: Vec<&Document> =
        statement.documents.iter().zip(&twice).filter(|(_, first)| first.is_none()).map(|(document, _)| document).collect();
    assert_eq!(unique.len(), expected["unique"]);
    assert_eq!(unique.iter().map(|document| document.amount).sum::<Money>().kopecks(), expected["total_kopecks_unique"]);
    assert_eq!(twice[60], Some(4));
    assert_eq!(statement.documents[60].fingerprint(), statement.documents[4].fingerprint());
    let connor = &statement.documents[23];
    assert_eq!((connor.payer.as_str(), connor.dated_on, connor.amount.kopecks()), ("О'Коннор Шон", date!(2026 - 11 - 01), 516_496));
}

#[tokio::test]
async fn a_plot_named_is_matched_and_a_name_alone_waits_for_a_person() {
    let (statement, expected, holders) = (statement(), expected(), register().await);
    let proposals = proposals(&statement, &holders);
    let by = |confidence| proposals.iter().filter(move |(_, proposal)| proposal.confidence == confidence);
    assert_eq!(by(Confidence::Certain).count(), expected["kinds"]["plot"]);
    for (document, proposal) in by(Confidence::Certain) {
        let holder = &holders[proposal.account.unwrap()];
        assert_eq!(holder.payer, document.payer, "{}", document.purpose);
        assert_eq!(purpose::read(&document.purpose).labels, [holder.label.as_str()], "{}", document.purpose);
    }
    // the bank tells the payer's name also where the purpose says nothing; 8 of the 24 have several plots
    assert_eq!((by(Confidence::Likely).count(), by(Confidence::Possible).count(), by(Confidence::Unknown).count()), (0, 16, 8));
    for (document, proposal) in by(Confidence::Possible) {
        assert_eq!(holders[proposal.account.unwrap()].payer, document.payer);
    }
    for (document, proposal) in by(Confidence::Unknown) {
        assert!(proposal.account.is_none() && proposal.candidates.len() > 1);
        assert!(proposal.candidates.iter().all(|account| holders[*account].payer == document.payer));
    }
    let waiting = proposals.iter().filter(|(_, proposal)| !proposal.confidence.is_enough_alone());
    let (named, unnamed): (Vec<_>, Vec<_>) = waiting.partition(|(document, _)| document.purpose.contains(&document.payer));
    assert_eq!((named.len().into(), unnamed.len().into()), (expected["kinds"]["name"].clone(), expected["kinds"]["unknown"].clone()));
}

#[test]
fn a_statement_cut_anywhere_gives_only_whole_documents_and_says_so() {
    let bytes = std::fs::read(data("bank-statement.txt")).unwrap();
    let whole = statement();
    for end in (500..bytes.len() - 12).step_by(997) {
        let cut = bank_file::read(&bytes[..end]).unwrap();
        assert_eq!(cut.documents[..], whole.documents[..cut.documents.len()], "{end}");
        assert_eq!(cut.problems.last().map(|problem| problem.code), Some(ProblemCode::FileNotEnded), "{end}");
    }
}
