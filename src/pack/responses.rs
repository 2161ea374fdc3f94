//! What was answered to exceptions: `data/exceptions.csv` of an earlier pack, filled in.

use std::collections::BTreeMap;

use csv::StringRecord;

use crate::model::{Disposition, Finding, Response, Status, Timestamp};

/// The column that names an exception.
const ID: &str = "exception_id";

/// Columns that whoever answers for the control fills in.
const ANSWER: [&str; 8] = [
    "disposition",
    "owner",
    "response",
    "ticket",
    "cause",
    "effect",
    "reviewed_by",
    "reviewed_at",
];

/// Responses, by the id of the exception.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Responses(BTreeMap<String, Response>);

/// Where a worksheet of exceptions has its columns.
pub(super) struct Columns {
    id: usize,
    answer: [Option<usize>; ANSWER.len()],
}

impl Columns {
    /// The columns, where the header is one of exceptions.
    ///
    /// # Errors
    ///
    /// Nothing in it can be answered.
    pub(super) fn of(header: &StringRecord) -> Option<Result<Columns, String>> {
        let column = |name: &str| header.iter().position(|found| found == name);
        let id = column(ID)?;
        let answer = ANSWER.map(column);
        Some(if answer.iter().all(Option::is_none) {
            Err(format!("has none of the columns {}", ANSWER.join(", ")))
        } else {
            Ok(Columns { id, answer })
        })
    }
}

impl Responses {
    /// Takes a row, if something was answered in it.
    ///
    /// # Errors
    ///
    /// What is wrong with the row.
    pub(super) fn row(&mut self, columns: &Columns, row: &StringRecord) -> Result<(), String> {
        let cell = |at: usize| row.get(at).unwrap_or("").trim();
        let cells = columns.answer.map(|at| at.map_or("", cell));
        let [disposition, rest @ ..] = cells;
        let disposition = match disposition {
            "" => Disposition::Open,
            word => Disposition::parse(word).ok_or_else(|| {
                let known = Disposition::ALL.map(Disposition::as_str).join(", ");
                format!("`{word}` is no disposition: {known}")
            })?,
        };
        let [_, _, _, cause, effect, by, at] = rest;
        // What the pack itself wrote of a waiver is no answer.
        let own = match disposition {
            Disposition::AcceptedRisk => [cause, effect, by, at].concat(),
            _ => rest.concat(),
        };
        if own.is_empty() && matches!(disposition, Disposition::Open | Disposition::AcceptedRisk) {
            return Ok(());
        }
        let id = cell(columns.id);
        if id.is_empty() {
            return Err(format!("answers, and has no `{ID}`"));
        }
        let closes = matches!(
            disposition,
            Disposition::FalsePositive | Disposition::Remediated
        );
        if closes && by.is_empty() {
            let word = disposition.as_str();
            return Err(format!("says `{word}`, and `reviewed_by` names nobody"));
        }
        if !at.is_empty() && Timestamp::parse_date_or_time(at).is_none() {
            return Err(format!("`{at}` is no date and no time"));
        }
        let answered = answered(disposition, rest);
        let known = self.0.insert(id.to_owned(), answered.clone());
        if known.is_some_and(|known| known != answered) {
            return Err(format!(
                "answers the exception `{id}` otherwise than another row"
            ));
        }
        Ok(())
    }

    /// Every response, by the id of the exception.
    pub(super) fn all(&self) -> &BTreeMap<String, Response> {
        &self.0
    }

    /// What of it does not hold of `findings`, in words.
    pub(super) fn unmatched(&self, findings: &[Finding]) -> Vec<String> {
        let by_id: BTreeMap<&str, &Status> = findings
            .iter()
            .map(|finding| (finding.id.as_str(), &finding.status))
            .collect();
        let gone = self.0.keys().filter(|id| !by_id.contains_key(id.as_str()));
        let accepted = self.0.iter().filter(|(id, response)| {
            response.disposition == Disposition::AcceptedRisk
                && by_id.get(id.as_str()) == Some(&&Status::Open)
        });
        let (gone, accepted) = (gone.count(), accepted.count());
        let exceptions = |count: usize, one: &str, many: &str| match count {
            1 => one.to_owned(),
            more => format!("{more} {many}"),
        };
        let mut said = Vec::new();
        if gone > 0 {
            let what = exceptions(gone, "1 answered exception is", "answered exceptions are");
            said.push(format!(
                "{what} not in this pack: what was found there is gone, or was found of something else."
            ));
        }
        if accepted > 0 {
            let what = exceptions(accepted, "1 exception is", "exceptions are");
            said.push(format!(
                "{what} said to be accepted and no waiver accepts it: open here, until a [[waiver]] names an owner and an end."
            ));
        }
        said
    }
}

/// A response of these cells, in the order of [`ANSWER`] behind the disposition.
fn answered(disposition: Disposition, cells: [&str; ANSWER.len() - 1]) -> Response {
    let mut said = Response {
        disposition,
        ..Response::default()
    };
    let fields = [
        &mut said.owner,
        &mut said.response,
        &mut said.ticket,
        &mut said.cause,
        &mut said.effect,
        &mut said.reviewed_by,
        &mut said.reviewed_at,
    ];
    for (field, cell) in fields.into_iter().zip(cells) {
        cell.clone_into(field);
    }
    said
}
