//! Shapes that GitLab's API objects and webhooks share, read without failing on odd values.

use crate::model::Timestamp;
use crate::source::borrowed::{Str, Strs};

/// `user` of jobs, pipelines and hooks.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow, default)]
    pub(super) id: Str<'a>,
    #[serde(borrow, default)]
    pub(super) username: Str<'a>,
}

/// `commit`; in hooks `id` is the pipeline's.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Commit<'a> {
    #[serde(borrow, default)]
    pub(super) id: Str<'a>,
    #[serde(borrow, default)]
    pub(super) sha: Str<'a>,
}

/// `runner` and `runner_manager`.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Runner<'a> {
    #[serde(borrow, default)]
    pub(super) id: Str<'a>,
    #[serde(borrow, default)]
    pub(super) description: Str<'a>,
    #[serde(borrow, default)]
    pub(super) ip_address: Str<'a>,
    #[serde(borrow, default)]
    pub(super) tags: Strs<'a>,
}

/// `environment` of a job; older versions write the bare name.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Environment<'a> {
    #[serde(borrow, default)]
    pub(super) name: Str<'a>,
}

/// A positive id written as a number or a string.
pub(super) fn id(text: &Str<'_>) -> Option<u64> {
    text.get()?.parse().ok().filter(|id| *id > 0)
}

/// A time as the API writes it, or as hooks do (`2016-08-12 15:23:28 UTC`, `... +0200`). Programs in
/// Go that hand on a record write the year 1 where there is none.
pub(super) fn time(text: &Str<'_>) -> Option<Timestamp> {
    let text = text.get()?;
    written(text).filter(|time| *time > Timestamp::UNKNOWN)
}

/// What the zero time of Go begins with, however it is written.
const YEAR_1: &str = "0001-";

/// Whether something stands where a time should, and it is none that a job can have.
pub(super) fn is_no_time(text: &Str<'_>) -> bool {
    text.get().is_some_and(|text| !text.starts_with(YEAR_1)) && time(text).is_none()
}

fn written(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).or_else(|| {
        let (date, rest) = text.split_once(' ')?;
        let (clock, zone) = rest.split_once(' ')?;
        let zone = match zone {
            "UTC" => "Z".to_owned(),
            offset => match offset.split_at_checked(3) {
                Some((hours, minutes)) if minutes.len() == 2 => format!("{hours}:{minutes}"),
                _ => return None,
            },
        };
        Timestamp::parse(&format!("{date}T{clock}{zone}"))
    })
}

/// The project path of a page below a project: `https://host/group/name/-/jobs/1`.
pub(super) fn project_path(web_url: &str) -> Option<&str> {
    let below = below_host(web_url)?;
    let end = below.find("/-/")?;
    below.get(..end).filter(|path| !path.is_empty())
}

/// What stands behind the host of an URL, without slashes at its ends.
pub(super) fn below_host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let (_, below) = rest.split_once('/')?;
    Some(below.trim_matches('/'))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[test]
    fn hook_times_are_read() {
        for (text, expected) in [
            ("2016-08-12 15:23:28 UTC", "2016-08-12T15:23:28.000000Z"),
            ("2016-08-12 15:23:28 +0200", "2016-08-12T13:23:28.000000Z"),
            ("2021-02-23T02:41:37.886Z", "2021-02-23T02:41:37.886000Z"),
        ] {
            let time = time(&Str(Cow::Borrowed(text))).map(|time| time.to_string());
            assert_eq!(time.as_deref(), Some(expected));
        }
        for text in ["", "soon", "2016-08-12 15:23:28 é+1", "2016-08-12 15:23:28"] {
            assert_eq!(time(&Str(Cow::Borrowed(text))), None, "{text}");
        }
    }

    #[test]
    fn a_project_path_is_read_from_a_page_below_it() {
        assert_eq!(
            project_path("https://gitlab.example/a/b/c/-/jobs/1"),
            Some("a/b/c")
        );
        assert_eq!(project_path("https://gitlab.example/-/jobs/1"), None);
        assert_eq!(project_path("no url"), None);
    }
}
