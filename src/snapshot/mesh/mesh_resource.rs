//! Meshes, with the mTLS of the 2.x schema.
//!
//! Kind `mesh`, object `mesh:mesh/<name>`: `mesh` (its name), `label.<key>`; `mtls` = `absent` (as
//! in version 3, which has none), `off` (no backend enabled), `strict`, `permissive`, or `dangling`
//! (the enabled backend is not among its backends); of the enabled backend `backend`,
//! `backend_type` and `certificate_seconds` where it is stated; `logging` = the backend that
//! traffic logs use, `format.<backend>` = its format.

use super::member::{at, object, objects, text};
use super::resource::{Pushed, Resource};
use super::thing::Thing;
use crate::model::{Place, Sink};

/// Pushes what a mesh states.
pub(super) fn push(resource: &Resource<'_>, place: Place, sink: &mut dyn Sink) -> Pushed {
    let mut said: Vec<(String, String)> = Vec::new();
    let mut say = |name: &str, value: &str| said.push((name.to_owned(), value.to_owned()));
    let Some(mtls) = object(resource.spec, "mtls")? else {
        say("mtls", "absent");
        return finish(resource, said, place, sink);
    };
    let backends = objects(mtls, "backends")?;
    match text(mtls, "enabledBackend")? {
        None => say("mtls", "off"),
        Some(enabled) => {
            say("backend", enabled);
            let mut found = None;
            for backend in backends {
                if text(backend, "name")? == Some(enabled) {
                    found = Some(backend);
                }
            }
            match found {
                None => say("mtls", "dangling"),
                Some(backend) => {
                    let mode = text(backend, "mode")?.unwrap_or("STRICT");
                    match mode {
                        "STRICT" => say("mtls", "strict"),
                        "PERMISSIVE" => say("mtls", "permissive"),
                        _ => return Err("`mode` is neither STRICT nor PERMISSIVE".to_owned()),
                    }
                    if let Some(kind) = text(backend, "type")? {
                        say("backend_type", kind);
                    }
                    let rotation = at(backend, &["dpCert", "rotation"])?;
                    let stated = rotation.map(|rotation| text(rotation, "expiration"));
                    if let Some(stated) = stated.transpose()?.flatten() {
                        let refused = "`dpCert.rotation.expiration` is not one number and one unit";
                        let seconds = seconds(stated).ok_or(refused)?;
                        if seconds > 0 {
                            say("certificate_seconds", &seconds.to_string());
                        }
                    }
                }
            }
        }
    }
    finish(resource, said, place, sink)
}

/// What the mesh says of logs; then all of it goes out, or nothing.
fn finish(
    resource: &Resource<'_>,
    mut said: Vec<(String, String)>,
    place: Place,
    sink: &mut dyn Sink,
) -> Result<(), String> {
    if let Some(logging) = object(resource.spec, "logging")? {
        if let Some(backend) = text(logging, "defaultBackend")? {
            said.push(("logging".to_owned(), backend.to_owned()));
        }
        for backend in objects(logging, "backends")? {
            if let (Some(name), Some(format)) = (text(backend, "name")?, text(backend, "format")?) {
                said.push((format!("format.{name}"), format.to_owned()));
            }
        }
    }
    let object = format!("mesh:mesh/{}", resource.mesh);
    let mut thing = Thing::new("mesh", object, resource, place, sink);
    for (name, value) in said {
        thing.say(&name, &value);
    }
    Ok(())
}

/// A duration as Kuma takes it there: one number and one unit, or `0`; in seconds, rounded up.
fn seconds(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 7] = [
        ("ms", 1),
        ("s", 1_000),
        ("m", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
        ("w", 604_800_000),
        ("y", 31_536_000_000),
    ];
    if text == "0" {
        return Some(0);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, milliseconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let whole = number.parse::<u64>().ok()?.checked_mul(*milliseconds)?;
    Some(whole.div_ceil(1_000))
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_duration_is_one_number_and_one_unit() {
        assert_eq!(seconds("24h"), Some(86_400));
        assert_eq!(seconds("1y"), Some(31_536_000));
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds("500ms"), Some(1));
        for refused in ["1h30m", "h", "", "24", "1 d", "99999999999999999999y"] {
            assert_eq!(seconds(refused), None, "{refused}");
        }
    }
}
