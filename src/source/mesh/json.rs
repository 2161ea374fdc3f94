//! Access logs in JSON, where nobody says what the keys hold: as people name them after Kuma's
//! commands.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::call::{Call, Told};

/// Keys, in lower case without separators and without `kuma` before them.
const KEYS: &[(&str, Told)] = &[
    ("starttime", Told::Start),
    ("timestamp", Told::Start),
    ("time", Told::Start),
    ("mesh", Told::Mesh),
    ("method", Told::Method),
    ("requestmethod", Told::Method),
    ("path", Told::Path),
    ("requestpath", Told::Path),
    ("originalpath", Told::Path),
    ("xenvoyoriginalpath", Told::Path),
    ("protocol", Told::Protocol),
    ("responsecode", Told::Status),
    ("status", Told::Status),
    ("statuscode", Told::Status),
    ("responseflags", Told::Flags),
    ("bytesreceived", Told::Received),
    ("bytessent", Told::Sent),
    ("duration", Told::Milliseconds),
    ("useragent", Told::Agent),
    ("traceid", Told::Trace),
    ("xb3traceid", Told::Trace),
    ("traceparent", Told::Trace),
    ("requestid", Told::Request),
    ("xrequestid", Told::Request),
    ("authority", Told::Authority),
    ("host", Told::Authority),
    ("source", Told::Source),
    ("sourceservice", Told::Source),
    ("destination", Told::Destination),
    ("destinationservice", Told::Destination),
    ("sourceaddress", Told::SourceAddress),
    ("sourceaddresswithoutport", Told::SourceAddress),
    ("upstreamhost", Told::Upstream),
    ("trafficdirection", Told::Direction),
    ("direction", Told::Direction),
    ("downstreampeerurisan", Told::Peer),
    ("peerurisan", Told::Peer),
    ("responsecodedetails", Told::Details),
];

/// What only such a line has together.
const MARKS: [Told; 4] = [Told::Start, Told::Mesh, Told::Source, Told::Destination];

/// Whether an object is a line of an access log.
pub(super) fn is_call(members: &Map<String, Value>) -> bool {
    let named: Vec<Told> = members.keys().filter_map(|key| told(key)).collect();
    MARKS.iter().all(|mark| named.contains(mark))
}

/// What it says.
pub(super) fn call(members: &Map<String, Value>) -> Call<'_> {
    let mut call = Call::default();
    for (key, value) in members {
        if let (Some(told), Some(value)) = (told(key), text(value)) {
            call.say(told, value);
        }
    }
    call
}

/// A text or a number, as text.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text.as_str())),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        _ => None,
    }
}

fn told(key: &str) -> Option<Told> {
    let name: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("kuma").unwrap_or(&name);
    let found = KEYS.iter().find(|(key, _)| *key == name);
    found.map(|(_, told)| *told)
}
