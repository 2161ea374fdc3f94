//! Vault audit records to order: what a test needs to say, and nothing else.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A request by a person's token and its response, at second `at` of 1 September 2026.
pub(crate) fn pair(number: u32, at: u32, path: &str) -> [Value; 2] {
    let id = format!("{number:08x}-0000-4000-8000-000000000000");
    let hash = |what: &str| format!("hmac-sha256:{what:0>64}");
    let auth = json!({
        "client_token": hash("a1"), "accessor": hash("b2"), "display_name": "userpass-ada",
        "policies": ["default", "people"], "token_policies": ["default", "people"],
        "policy_results": {"allowed": true}, "entity_id": "e1", "token_type": "service",
    });
    let request = json!({
        "id": id, "operation": "read", "client_token": hash("a1"),
        "client_token_accessor": hash("b2"), "namespace": {"id": "root"},
        "mount_point": "secret/", "mount_type": "kv", "path": path,
        "remote_address": "10.40.9.7",
    });
    let time = |fraction: &str| {
        let (hour, minute, second) = (at / 3600, at / 60 % 60, at % 60);
        format!("2026-09-01T{hour:02}:{minute:02}:{second:02}.{fraction}Z")
    };
    [
        json!({"time": time("1"), "type": "request", "auth": auth, "request": request}),
        json!({"time": time("2"), "type": "response", "auth": auth, "request": request,
            "response": {"mount_point": "secret/", "mount_type": "kv"}}),
    ]
}

/// Records as a file device writes them.
pub(crate) fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

/// `pairs` reads a second apart.
pub(crate) fn calm(pairs: u32) -> String {
    let all = (0..pairs).flat_map(|number| pair(number, number, "secret/data/people/ada"));
    lines(&all.collect::<Vec<_>>())
}

/// A directory with these files.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        put(folder.path(), name, bytes);
    }
    folder
}

/// Writes one file below `folder`.
pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

/// The bytes as `gzip` writes them.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}
