//! The files of an estate in memory, decompressed, to take parts of and to write down again.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use walkdir::WalkDir;

/// Content by name, below the estate's folder, `piperoll.toml` included.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// Reads every file below a folder. A compressed one loses its ending with its compression.
pub(super) fn read(root: &Path) -> Files {
    let mut files = Files::new();
    for entry in WalkDir::new(root) {
        let entry = entry.unwrap();
        if !entry.file_type().is_file() {
            continue;
        }
        let name = entry.path().strip_prefix(root).unwrap();
        let name = name.to_str().unwrap().replace('\\', "/");
        let bytes = fs::read(entry.path()).unwrap();
        if let Some(name) = name.strip_suffix(".gz") {
            let mut text = Vec::new();
            let mut decoder = flate2::read::MultiGzDecoder::new(bytes.as_slice());
            decoder.read_to_end(&mut text).unwrap();
            files.insert(name.to_owned(), text);
        } else if let Some(name) = name.strip_suffix(".zst") {
            files.insert(name.to_owned(), zstd::decode_all(bytes.as_slice()).unwrap());
        } else {
            files.insert(name, bytes);
        }
    }
    files
}

/// Writes the files below a folder.
pub(super) fn write(files: &Files, root: &Path) {
    for (name, bytes) in files {
        let target = root.join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
}
