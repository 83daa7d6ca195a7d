//! The lines of a statement, one after another: which sections they open and close, and which fields they hold.

use super::{LONGEST_LINE_BYTES, LineProblem, MOST_DOCUMENTS, ProblemCode, Refusal, Refused, Statement, draft::Draft};
use crate::kernel::text::clean_line;

/// What has been read so far.
#[derive(Default)]
pub struct Reader<'a> {
    statement: Statement,
    open: Option<Draft<'a>>,
    /// Documents begun, whole or not.
    begun: usize,
    last_line: usize,
    is_ended: bool,
}

impl<'a> Reader<'a> {
    pub fn line(&mut self, number: usize, line: &'a str) -> Result<(), Refused> {
        let refused = |why| Refused { why, line: Some(number) };
        if line.len() > LONGEST_LINE_BYTES {
            return Err(refused(Refusal::TooLongLine));
        }
        self.last_line = number;
        match (field(line), &mut self.open) {
            (Some(("СекцияДокумент", kind)), _) => self.begin(Draft::new(number, kind)).map_err(refused)?,
            (None, _) if line == "КонецДокумента" => self.close(),
            (None, _) if line == "КонецФайла" => self.is_ended = true,
            (None, _) if line.starts_with("Секция") => self.abandon(),
            (Some((key, value)), Some(draft)) => draft.set(number, key, value),
            (None, Some(draft)) => draft.go_on(line).map_err(refused)?,
            (Some(("РасчСчет", account)), None) if self.statement.account.is_none() && !account.is_empty() => {
                self.statement.account = Some(clean_line(account));
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, draft: Draft<'a>) -> Result<(), Refusal> {
        self.abandon();
        self.begun += 1;
        self.open = Some(draft);
        if self.begun > MOST_DOCUMENTS { Err(Refusal::TooManyDocuments) } else { Ok(()) }
    }

    fn close(&mut self) {
        match self.open.take().map(|draft| draft.document()) {
            Some(Ok(document)) => self.statement.documents.push(document),
            Some(Err(problem)) => self.statement.problems.push(problem),
            None => {}
        }
    }

    fn abandon(&mut self) {
        self.statement.problems.extend(self.open.take().map(|draft| draft.not_ended()));
    }

    pub fn end(mut self) -> Statement {
        self.abandon();
        if !self.is_ended {
            let problem = LineProblem { line: self.last_line, code: ProblemCode::FileNotEnded, found: String::new() };
            self.statement.problems.push(problem);
        }
        self.statement
    }
}

/// Key and value of a line. Keys of the format are Russian words with figures, so `PersAcc=` within a purpose is none.
fn field(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let key = key.trim_end();
    let is_key = !key.is_empty() && key.chars().all(|c| matches!(c, 'А'..='я' | 'ё' | '0'..='9'));
    is_key.then_some((key, value.trim()))
}
