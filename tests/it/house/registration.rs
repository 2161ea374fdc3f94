//! What is added as one folder is also listed where runs find it.

use std::fs;

use super::{accept, root, sources};

/// Where a run names every format that it reads.
const LIST: &str = "src/estate/formats.rs";

#[test]
fn every_format_that_is_read_is_registered() {
    let list = fs::read_to_string(root().join(LIST)).unwrap();
    let mut faults = Vec::new();
    for source in sources(&["src/source", "src/snapshot"]) {
        let Some(folder) = source
            .path
            .strip_prefix("src/")
            .and_then(|path| path.strip_suffix("/mod.rs"))
        else {
            continue;
        };
        if source.text.contains("pub const FORMATS") {
            let name = format!("{}::FORMATS", folder.replace('/', "::"));
            if !list.contains(&name) {
                faults.push(format!("{LIST} does not name `{name}`"));
            }
        }
    }
    accept("every format is registered", &faults);
    assert!(list.matches("::FORMATS").count() >= 7);
}
