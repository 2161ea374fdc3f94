//! Access logs in formats that a mesh's owner wrote, as its policies state them.

use serde_json::{Map, Value};

use super::call::{Call, Told};
use super::header::{bare, behind};
use super::json;
use super::layout::{Layout, Layouts};
use super::{LINES, NO_FORMAT, SOURCE, push, tried};
use crate::model::{About, AccessLogFormat, AccessLogLine, Format, Record, Sample, Sink, Verdict};

/// The formats that read what policies have proxies write; none where none of `stated` tells when
/// who called whom.
#[must_use]
pub fn written(stated: &[AccessLogFormat]) -> Vec<Box<dyn Format>> {
    let mut stated = stated.to_vec();
    stated.sort();
    stated.dedup();
    let mesh = |of: &AccessLogFormat| {
        let same = stated.iter().filter(|other| other.line == of.line).count();
        (same == 1).then(|| of.mesh.clone())
    };
    let (mut lines, mut objects) = (Vec::new(), Vec::new());
    for one in &stated {
        let mesh = mesh(one);
        match &one.line {
            AccessLogLine::Plain(text) => match fields_of(text) {
                Some(fields) => objects.extend(Fields::of(&fields, mesh.as_deref())),
                None => {
                    let layout = Layout::of(text.trim_end(), mesh.as_deref());
                    lines.extend(layout.filter(|layout| names_a_call(&|told| layout.tells(told))));
                }
            },
            AccessLogLine::Json(fields) => objects.extend(Fields::of(fields, mesh.as_deref())),
        }
    }
    let mut formats: Vec<Box<dyn Format>> = Vec::new();
    if !lines.is_empty() {
        formats.push(Box::new(WrittenLines(Layouts::of(lines))));
    }
    if !objects.is_empty() {
        formats.push(Box::new(WrittenObjects(objects)));
    }
    formats
}

/// Whether what a format tells makes a call: when, in which mesh, by whom or to whom.
fn names_a_call(tells: &dyn Fn(Told) -> bool) -> bool {
    tells(Told::Start) && tells(Told::Mesh) && (tells(Told::Source) || tells(Told::Destination))
}

/// The members of an object that a format writes out as a text.
fn fields_of(text: &str) -> Option<Vec<(String, String)>> {
    let members: Map<String, Value> = serde_json::from_str(text).ok()?;
    let field = |(key, value): (String, Value)| Some((key, value.as_str()?.to_owned()));
    members.into_iter().map(field).collect()
}

/// Access logs of lines in formats of one's own. A file that begins in one may go on in Kuma's.
struct WrittenLines(Layouts);

impl WrittenLines {
    fn call<'l>(&self, line: &'l str) -> Option<Call<'l>> {
        let kuma = Layouts::of_kuma();
        let own = self.0.call(line);
        own.or_else(|| kuma.and_then(|kuma| kuma.call(line)))
    }
}

impl Format for WrittenLines {
    fn about(&self) -> &About {
        &LINES
    }

    /// A format may be little more than blanks between words: most of the lines must be of it, with
    /// a time, from the first one on.
    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let is_call = |line: &&str| {
            let dated = behind(line, |line| self.0.call(line).filter(Call::is_dated));
            dated.is_some()
        };
        let lines: Vec<&str> = tried(sample)
            .filter(|line| !line.trim_end().is_empty())
            .skip_while(|line| !is_call(line))
            .collect();
        let calls = lines.iter().filter(|line| is_call(line)).count();
        calls > 0 && calls * 2 >= lines.len()
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(text) = std::str::from_utf8(record.bytes) else {
            return Verdict::Rejected("invalid UTF-8".into());
        };
        match behind(text, |line| self.call(line)) {
            Some(call) => push(&call, record, sink),
            None if self.0.begins(text.trim_end()) || self.0.begins(bare(text)) => {
                Verdict::Rejected(NO_FORMAT.into())
            }
            None => Verdict::Foreign,
        }
    }
}

/// What the members of an object hold.
struct Fields(Vec<(String, Layout)>);

impl Fields {
    fn of(fields: &[(String, String)], mesh: Option<&str>) -> Option<Fields> {
        let layout =
            |(key, value): &(String, String)| Some((key.clone(), Layout::of(value, mesh)?));
        let fields: Vec<(String, Layout)> = fields.iter().filter_map(layout).collect();
        let tells = |told| fields.iter().any(|(_, layout)| layout.tells(told));
        names_a_call(&tells).then_some(Fields(fields))
    }

    /// What an object says that has no other members than these, most of them, and a time.
    fn call(&self, members: &Map<String, Value>) -> Option<Call<'static>> {
        let layout = |key: &str| self.0.iter().find(|(own, _)| own == key);
        let all = members.keys().all(|key| layout(key).is_some());
        if !all || members.len() * 2 < self.0.len() {
            return None;
        }
        let mut call = Call::default();
        for (key, value) in members {
            let (_, layout) = layout(key)?;
            if let Some(text) = json::text(value)
                && let Some(part) = layout.call(&text)
            {
                call.absorb(part);
            }
        }
        call.is_dated().then_some(call)
    }
}

/// Access logs of objects in formats of one's own.
struct WrittenObjects(Vec<Fields>);

impl WrittenObjects {
    fn call(&self, members: &Map<String, Value>) -> Option<Call<'static>> {
        self.0.iter().find_map(|fields| fields.call(members))
    }
}

impl Format for WrittenObjects {
    fn about(&self) -> &About {
        const ABOUT: About = About::json(&SOURCE, "Kuma access log in JSON");
        &ABOUT
    }

    fn recognises(&self, sample: &Sample<'_>) -> bool {
        let members = sample.value.and_then(Value::as_object);
        members.is_some_and(|members| self.call(members).is_some())
    }

    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        let Ok(value) = serde_json::from_slice::<Value>(record.bytes) else {
            return Verdict::Rejected("invalid JSON".into());
        };
        match value.as_object().and_then(|members| self.call(members)) {
            Some(call) => push(&call, record, sink),
            None => Verdict::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kept;

    fn plain(mesh: &str, text: &str) -> AccessLogFormat {
        let line = AccessLogLine::Plain(text.to_owned());
        let mesh = mesh.to_owned();
        AccessLogFormat { mesh, line }
    }

    fn read(stated: &[AccessLogFormat], line: &str) -> (Verdict, String) {
        let formats = written(stated);
        assert_eq!(formats.len(), 1, "{stated:?}");
        let (verdict, kept) = Kept::of(&*formats[0], "access.log", line);
        (verdict, kept.events.join(""))
    }

    fn recognised(stated: &[AccessLogFormat], head: &str) -> bool {
        let value: Option<Value> = serde_json::from_str(head).ok();
        let sample = Sample {
            path: "x",
            value: value.as_ref(),
            head: head.as_bytes(),
        };
        written(stated)
            .iter()
            .any(|format| format.recognises(&sample))
    }

    const OWN: &str = "%START_TIME(%s.%3f)% %KUMA_SOURCE_SERVICE% > %KUMA_DESTINATION_SERVICE% %REQ(:METHOD)% \"%REQ(:PATH)%\" %RESPONSE_CODE% %REQ(USER-AGENT):40% peer=%DOWNSTREAM_PEER_URI_SAN%\n";
    const LINE: &str = r#"1772445600.123 web > api GET "/orders?token=abc" 403 curl/8 (x "y") peer=spiffe://shop/web"#;

    #[test]
    fn a_line_is_read_as_the_policy_writes_it() {
        let own = [plain("shop", OWN)];
        let (verdict, event) = read(&own, LINE);
        assert_eq!(verdict, Verdict::Parsed);
        for part in [
            r#"principal: Some("mesh:service/shop/web")"#,
            r#"object: "mesh:service/shop/api""#,
            r#"path: "/orders""#,
            "outcome: Denied",
            r#"("peer", "spiffe://shop/web")"#,
        ] {
            assert!(event.contains(part), "{part} is not in {event}");
        }
        assert!(recognised(&own, &format!("starting\n{LINE}\n{LINE}\n")));
        let text = format!("{LINE}\nsome\nother\ntext\n");
        assert!(!recognised(&own, &text));
        assert!(matches!(read(&own, &LINE[..40]).0, Verdict::Rejected(_)));
        assert_eq!(read(&own, "starting").0, Verdict::Foreign);
    }

    #[test]
    fn what_a_caller_sends_forges_nothing_in_it() {
        let own = [plain("shop", OWN)];
        let forged = LINE.replace("curl/8", r#"x peer=spiffe://shop/admin"#);
        let (verdict, event) = read(&own, &forged);
        assert_eq!(verdict, Verdict::Parsed);
        assert!(
            event.contains(r#"("peer", "spiffe://shop/web")"#),
            "{event}"
        );
        let forged = LINE.replace("/orders", r#"/" 200 x"#);
        let (_, event) = read(&own, &forged);
        assert!(event.contains("outcome: Unknown"), "{event}");
        assert!(event.contains(r#"("ambiguous", "true")"#), "{event}");
    }

    #[test]
    fn the_mesh_is_the_policys_where_it_is_one() {
        let two = [plain("shop", OWN), plain("bank", OWN)];
        assert!(written(&two).is_empty(), "whose it is, nothing tells");
        let named = format!("%KUMA_MESH% {OWN}");
        let two = [plain("shop", &named), plain("bank", &named)];
        let (_, event) = read(&two, &format!("bank {LINE}"));
        assert!(event.contains("mesh:service/bank/web"), "{event}");
        for little in ["%START_TIME%", "%KUMA_SOURCE_SERVICE%", "50 %", "a\nb"] {
            assert!(written(&[plain("shop", little)]).is_empty(), "{little}");
        }
    }

    #[test]
    fn an_object_is_read_by_the_keys_of_the_policy() {
        let fields = [
            ("when", "%START_TIME%"),
            ("call", "%KUMA_SOURCE_SERVICE%->%KUMA_DESTINATION_SERVICE%"),
            ("rc", "%RESPONSE_CODE%"),
            ("verb", "%REQ(:METHOD)%"),
        ];
        let json: Vec<(String, String)> = fields
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let members: Map<String, Value> = json
            .iter()
            .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
            .collect();
        let text = Value::from(members).to_string();
        let mesh = "shop".to_owned();
        let line = AccessLogLine::Json(json);
        let object =
            r#"{"when":"2026-03-02T10:00:00.123Z","call":"web->api","rc":200,"verb":"GET"}"#;
        for own in [AccessLogFormat { mesh, line }, plain("shop", &text)] {
            let own = [own];
            let (verdict, event) = read(&own, object);
            assert_eq!(verdict, Verdict::Parsed);
            for part in [
                r#"principal: Some("mesh:service/shop/web")"#,
                r#"object: "mesh:service/shop/api""#,
                "outcome: Allowed",
                r#"operation: "GET""#,
            ] {
                assert!(event.contains(part), "{part} is not in {event}");
            }
            assert!(recognised(&own, object));
            for other in [
                r#"{"when":"2026-03-02T10:00:00Z","call":"web->api","rc":200,"level":"info"}"#,
                r#"{"when":"now","call":"web->api","rc":200,"verb":"GET"}"#,
                r#"{"when":"2026-03-02T10:00:00Z"}"#,
            ] {
                assert!(!recognised(&own, other), "{other}");
                assert_eq!(read(&own, other).0, Verdict::Foreign);
            }
        }
    }
}
