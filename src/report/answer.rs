//! What an exception is told to have become: by its waiver, else by whoever answered it.

use std::borrow::Cow;

use crate::model::{Disposition, Response, Status, Timestamp};

/// Disposition and response of one finding, whoever gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer<'a> {
    pub(super) disposition: Disposition,
    pub(super) owner: &'a str,
    pub(super) response: &'a str,
    pub(super) ticket: &'a str,
    pub(super) expires: Option<Timestamp>,
    pub(super) cause: &'a str,
    pub(super) effect: &'a str,
    pub(super) reviewed_by: &'a str,
    pub(super) reviewed_at: Cow<'a, str>,
}

impl<'a> Answer<'a> {
    /// What holds of a finding. Only a waiver in force accepts a risk: it has an owner and an end.
    pub(super) fn of(status: &'a Status, response: Option<&'a Response>) -> Answer<'a> {
        let told = |text: fn(&Response) -> &str| response.map_or("", text);
        let reviewed = Answer {
            disposition: Disposition::Open,
            owner: "",
            response: "",
            ticket: "",
            expires: None,
            cause: told(|it| &it.cause),
            effect: told(|it| &it.effect),
            reviewed_by: told(|it| &it.reviewed_by),
            reviewed_at: told(|it| &it.reviewed_at).into(),
        };
        match (status, response) {
            (Status::Waived(accepted), _) => Answer {
                disposition: Disposition::AcceptedRisk,
                owner: &accepted.owner,
                response: &accepted.reason,
                ticket: &accepted.ticket,
                expires: Some(accepted.expires),
                ..match (accepted.approved_by.as_str(), accepted.approved_on) {
                    ("", None) => reviewed,
                    // Whoever approved the waiver has looked at what it accepts.
                    (by, on) => Answer {
                        reviewed_by: by,
                        reviewed_at: on.map(Timestamp::date).unwrap_or_default().into(),
                        ..reviewed
                    },
                }
            },
            (Status::Open, Some(it)) if it.disposition != Disposition::AcceptedRisk => Answer {
                disposition: it.disposition,
                owner: &it.owner,
                response: &it.response,
                ticket: &it.ticket,
                ..reviewed
            },
            (Status::Open, _) => reviewed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Acceptance;

    fn response(disposition: Disposition) -> Response {
        Response {
            disposition,
            owner: "ann".to_owned(),
            response: "taken away".to_owned(),
            ticket: "T-1".to_owned(),
            cause: "by hand".to_owned(),
            effect: "four hours".to_owned(),
            reviewed_by: "ben".to_owned(),
            reviewed_at: "2026-10-02".to_owned(),
        }
    }

    #[test]
    fn a_waiver_decides_before_a_reviewer_and_a_reviewer_accepts_no_risk() {
        let waived = |approved_by: &str, approved_on| {
            Status::Waived(Acceptance {
                owner: "cy".to_owned(),
                reason: "until the split".to_owned(),
                expires: Timestamp::UNKNOWN,
                ticket: String::new(),
                approved_by: approved_by.to_owned(),
                approved_on,
            })
        };
        let mended = response(Disposition::Remediated);
        let status = waived("", None);
        let told = Answer::of(&status, Some(&mended));
        assert_eq!(
            (told.disposition, told.owner, told.ticket, told.cause),
            (Disposition::AcceptedRisk, "cy", "", "by hand")
        );
        assert_eq!(
            (told.reviewed_by, &*told.reviewed_at),
            ("ben", "2026-10-02")
        );
        let status = waived("dee", Timestamp::parse_date_or_time("2026-09-15"));
        let told = Answer::of(&status, Some(&mended));
        assert_eq!(
            (told.reviewed_by, &*told.reviewed_at),
            ("dee", "2026-09-15")
        );
        let told = Answer::of(&Status::Open, Some(&mended));
        assert_eq!(
            (told.disposition, told.owner, told.response),
            (Disposition::Remediated, "ann", "taken away")
        );
        let accepted = response(Disposition::AcceptedRisk);
        let told = Answer::of(&Status::Open, Some(&accepted));
        assert_eq!(
            (told.disposition, told.owner, told.effect),
            (Disposition::Open, "", "four hours")
        );
    }
}
