//! GitLab audit events: the API, streaming destinations, and lines of `audit_json.log`.
//!
//! The API and streams keep what happened in `details`; the file has the same keys at the top,
//! beside dotted ones (`meta.user`, literally). Either way they are one flat set here.
//!
//! | event field | from |
//! |---|---|
//! | id | `id`; without one the digest of the record |
//! | at | `created_at`, else `time` |
//! | operation | `event_name`, `event_type`, else the verb: `custom_message`, `add x`, `remove x`, `change x` |
//! | principal | `gitlab:user/` and `meta.user`, `author_username`, else `author_name`; none for the pseudo authors (id below 1) |
//! | path | `target_details`, else `target_id`, else `entity_path` |
//! | object | the target if it is a project, user or group, else the entity (`gitlab:instance` for the instance) |
//! | project | `entity_id` of a project |
//! | remote_address | `ip_address`, else `meta.remote_ip` |
//! | outcome | denied for a failed login, else allowed: refused changes are not audited |
//! | metadata | every other pair, redacted: `author_id`, `author_class`, `from`, `to`, `change`, `target_type`, ... |

use std::borrow::Cow;

use serde_json::Value;

use crate::model::{
    About, Event, EventKind, Format, Framing, Holds, Outcome, Record, Sample, Sink, Source, System,
    Text, Verdict, id, secret,
};
use crate::source::borrowed::{Pairs, Str};

use super::wire;

/// The format of GitLab audit events.
pub struct AuditEvents;

#[derive(Debug, Default, serde::Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    details: Pairs<'a>,
}

/// Every pair of a record, `details` before the top.
struct Flat<'a> {
    details: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    top: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Flat<'a> {
    fn get(&self, name: &str) -> Option<&str> {
        self.details
            .iter()
            .chain(&self.top)
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_ref())
    }

    /// The record's own id and times stand at the top, whatever `details` says.
    fn own(&self, name: &str) -> Option<&str> {
        self.top
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_ref())
    }

    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    fn has_key(&self, name: &str) -> bool {
        self.details
            .iter()
            .chain(&self.top)
            .any(|(key, _)| key == name)
    }

    /// The event's name, or the verb that the details spell.
    fn operation(&self) -> String {
        if let Some(name) = self.first(&["event_name", "event_type"]) {
            return name.to_owned();
        }
        let verb = ["add", "remove", "change"]
            .into_iter()
            .find_map(|verb| Some(format!("{verb} {}", self.get(verb)?)));
        self.get("custom_message")
            .map(secret::redact)
            .or(verb)
            .or_else(|| self.get("failed_login").map(|_| "failed_login".to_owned()))
            .unwrap_or_default()
    }

    fn object(&self) -> String {
        let target = (
            self.get("target_type").unwrap_or_default(),
            self.get("target_id").unwrap_or_default(),
        );
        match target {
            ("Project", number) if !number.is_empty() => return format!("gitlab:project/{number}"),
            ("Group", number) if !number.is_empty() => return format!("gitlab:group/{number}"),
            ("User", _) => {
                if let Some(name) = self.get("target_details") {
                    return id::gitlab_user(name);
                }
            }
            _ => {}
        }
        let entity = self.get("entity_id").unwrap_or_default();
        match self.get("entity_type").unwrap_or_default() {
            "Project" => format!("gitlab:project/{entity}"),
            "Group" => format!("gitlab:group/{entity}"),
            "User" => id::gitlab_user(self.get("entity_path").unwrap_or(entity)),
            _ => "gitlab:instance".to_owned(),
        }
    }
}

/// Names that have a column of their own, or say nothing about the operation.
const NO_METADATA: &[&str] = &[
    "created_at",
    "details",
    "event_name",
    "event_type",
    "id",
    "ip_address",
    "severity",
    "time",
];

fn is_audit(has: impl Fn(&str) -> bool) -> bool {
    has("author_id") && has("entity_type") && has("entity_id")
}

/// What its files are records of.
const SOURCE: Source = Source {
    name: "gitlab-audit",
    holds: Holds::Log {
        ordered: false,
        continuous: false,
    },
};

impl Format for AuditEvents {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "GitLab audit events",
            framing: Framing::Json,
        }
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample
            .value
            .and_then(Value::as_object)
            .is_some_and(|object| is_audit(|name| object.contains_key(name)))
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let wire: Result<Wire<'_>, _> = sonic_rs::from_slice(record.bytes);
        let top: Result<Pairs<'_>, _> = sonic_rs::from_slice(record.bytes);
        let (Ok(wire), Ok(top)) = (wire, top) else {
            return Verdict::Rejected("not a GitLab audit event: unreadable JSON".into());
        };
        let flat = Flat {
            details: wire.details.0,
            top: top.0,
        };
        if !is_audit(|name| flat.has_key(name)) {
            return Verdict::Foreign;
        }
        let time = ["created_at", "time"]
            .into_iter()
            .find_map(|name| wire::time(&Str(Cow::Borrowed(flat.own(name)?))));
        let Some(at) = time else {
            return Verdict::Rejected("GitLab audit event without a readable time".into());
        };
        let natural_id = match flat.own("id") {
            Some(id) => id.to_owned(),
            None => record.place.sha256.to_string(),
        };
        let mut event = Event::new(
            System::Gitlab,
            EventKind::GitlabAudit,
            Text::Owned(natural_id),
            record.place,
            at,
        );
        let operation = flat.operation();
        let is_refused_login =
            flat.get("failed_login").is_some() || operation.starts_with("login_failed");
        event.outcome = if is_refused_login {
            Outcome::Denied
        } else {
            Outcome::Allowed
        };
        event.operation = Text::Owned(operation);
        let author: Option<i64> = flat.get("author_id").and_then(|id| id.parse().ok());
        event.principal = flat
            .first(&["meta.user", "author_username", "author_name"])
            .filter(|_| author.is_none_or(|id| id > 0))
            .map(|name| Text::Owned(id::gitlab_user(name)));
        event.display_name = flat.get("author_name").map(Text::Borrowed);
        let path = flat.first(&["target_details", "target_id", "entity_path"]);
        event.path = Text::Owned(path.map(secret::redact).unwrap_or_default());
        event.object = Text::Owned(secret::redact(&flat.object()));
        event.remote_address = flat
            .first(&["ip_address", "meta.remote_ip"])
            .map(Text::Borrowed);
        if flat.get("entity_type") == Some("Project") {
            event.project = flat.get("entity_id").map(Text::Borrowed);
        }
        event.metadata = metadata(&flat);
        sink.event(&event);
        Verdict::Parsed
    }
}

/// The remaining pairs in key order; of a key at both levels the one in `details`.
fn metadata<'f>(flat: &'f Flat<'_>) -> Vec<(Text<'f>, Text<'f>)> {
    let mut pairs: Vec<(Text<'f>, Text<'f>)> = flat
        .details
        .iter()
        .chain(&flat.top)
        .filter(|(key, value)| !value.is_empty() && !NO_METADATA.contains(&key.as_ref()))
        .map(|(key, value)| {
            let redacted = secret::redact(value);
            let value = if redacted == *value {
                Text::Borrowed(value.as_ref())
            } else {
                Text::Owned(redacted)
            };
            (Text::Borrowed(key.as_ref()), value)
        })
        .collect();
    // Stable: what came from `details` stays first and is kept.
    pairs.sort_by(|left, right| left.0.cmp(&right.0));
    pairs.dedup_by(|later, first| later.0 == first.0);
    pairs
}
