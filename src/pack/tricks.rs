//! What somebody with a pack in hand may do to it: each is noticed by `verify`, seals renewed or not.

use std::fs;
use std::path::Path;

use super::tests::{pack, problems};
use super::*;

const FINDINGS: &str = "data/findings.csv";
const PAGE: &str = "report.html";

/// One trick with a pack's directory.
type Trick = (&'static str, fn(&Path));

fn edit(directory: &Path, file: &str, change: impl Fn(&str) -> String) {
    let place = directory.join(file);
    let before = fs::read_to_string(&place).unwrap();
    let after = change(&before);
    assert_ne!(before, after, "{file} is as it was");
    fs::write(place, after).unwrap();
}

fn digest(directory: &Path, file: &str) -> String {
    checksums::digest(&fs::read(directory.join(file)).unwrap()).to_string()
}

/// Changes a file and writes its digest anew wherever these files say it.
fn sealed(directory: &Path, file: &str, seals: &[&str], change: impl Fn(&str) -> String) {
    let before = digest(directory, file);
    edit(directory, file, change);
    let after = digest(directory, file);
    for seal in seals {
        let old = digest(directory, seal);
        edit(directory, seal, |text| text.replace(&before, &after));
        if *seal != CHECKSUMS {
            let new = digest(directory, seal);
            edit(directory, CHECKSUMS, |text| text.replace(&old, &new));
        }
    }
}

fn milder(text: &str) -> String {
    text.replace("high", "low").replace("crit", "low")
}

const TRICKS: [Trick; 26] = [
    ("a finding is made milder", |at| edit(at, FINDINGS, milder)),
    ("and the sums written anew", |at| {
        sealed(at, FINDINGS, &[CHECKSUMS], milder)
    }),
    ("and the manifest too", |at| {
        sealed(at, FINDINGS, &[CHECKSUMS, MANIFEST], milder)
    }),
    ("the page is changed", |at| {
        edit(at, PAGE, |text| text.replacen("</body>", " </body>", 1))
    }),
    ("the page is changed and sealed", |at| {
        sealed(at, PAGE, &[CHECKSUMS], |text| {
            text.replacen("</body>", " </body>", 1)
        });
    }),
    ("lines end otherwise", |at| {
        edit(at, FINDINGS, |text| text.replace("\r\n", "\n"))
    }),
    ("a mark before the cells", |at| {
        edit(at, FINDINGS, |text| format!("\u{feff}{text}"))
    }),
    ("the manifest is spelled otherwise", |at| {
        edit(at, MANIFEST, |text| format!("{text}\n"))
    }),
    ("the manifest has a key more", |at| {
        edit(at, MANIFEST, |text| text.replacen('{', "{\"more\": 1,", 1));
    }),
    ("a sum is taken away", |at| {
        edit(at, CHECKSUMS, |text| {
            text.lines()
                .skip(1)
                .map(|line| format!("{line}\n"))
                .collect()
        });
    }),
    ("a sum stands twice", |at| {
        edit(at, CHECKSUMS, |text| {
            format!("{}\n{text}", text.lines().next().unwrap())
        });
    }),
    ("sums of binary files", |at| {
        edit(at, CHECKSUMS, |text| text.replace("  ", " *"))
    }),
    ("sums in capitals", |at| {
        edit(at, CHECKSUMS, str::to_uppercase)
    }),
    ("sums behind a mark", |at| {
        edit(at, CHECKSUMS, |text| format!("\u{feff}{text}"))
    }),
    ("a sum of a file outside", |at| {
        let none = checksums::digest(b"").to_string();
        edit(at, CHECKSUMS, |text| {
            format!("{text}{none}  ../../../../dev/null\n")
        });
    }),
    ("a sum of an absolute path", |at| {
        let none = checksums::digest(b"").to_string();
        edit(at, CHECKSUMS, |text| format!("{text}{none}  /dev/null\n"));
    }),
    ("a file is taken away", |at| {
        fs::remove_file(at.join(FINDINGS)).unwrap()
    }),
    ("the sums are taken away", |at| {
        fs::remove_file(at.join(CHECKSUMS)).unwrap()
    }),
    ("the run record is taken away", |at| {
        fs::remove_file(at.join(RUN_RECORD)).unwrap()
    }),
    ("a file is added", |at| {
        fs::write(at.join("data/more.csv"), "a\r\n").unwrap()
    }),
    ("a hidden file is added", |at| {
        fs::write(at.join(".more"), "").unwrap()
    }),
    ("a file is added and sealed", |at| {
        fs::write(at.join("data/more.csv"), "a\r\n").unwrap();
        let sum = digest(at, "data/more.csv");
        edit(at, CHECKSUMS, |text| {
            format!("{text}{sum}  data/more.csv\n")
        });
    }),
    ("a file is called otherwise", |at| {
        fs::rename(at.join(PAGE), at.join("Report.html")).unwrap();
    }),
    ("a file lies elsewhere", |at| {
        fs::rename(at.join(FINDINGS), at.join("findings.csv")).unwrap()
    }),
    ("a file is a directory", |at| {
        fs::remove_file(at.join(PAGE)).unwrap();
        fs::create_dir(at.join(PAGE)).unwrap();
    }),
    ("two files change places", |at| {
        fs::rename(at.join(FINDINGS), at.join("x")).unwrap();
        fs::rename(at.join("data/coverage.csv"), at.join(FINDINGS)).unwrap();
        fs::rename(at.join("x"), at.join("data/coverage.csv")).unwrap();
    }),
];

#[test]
fn every_trick_with_a_pack_is_noticed() {
    for (what, trick) in TRICKS {
        let (_folder, directory) = pack();
        trick(&directory);
        assert!(!problems(&directory).is_empty(), "{what}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_a_file_or_a_folder_is_noticed_with_the_same_content() {
    use std::os::unix::fs::symlink;
    for path in [PAGE, "data"] {
        let (folder, directory) = pack();
        let apart = folder.path().join("apart");
        fs::rename(directory.join(path), &apart).unwrap();
        symlink(&apart, directory.join(path)).unwrap();
        assert!(!problems(&directory).is_empty(), "{path}");
    }
    let (_folder, directory) = pack();
    fs::hard_link(directory.join(PAGE), directory.join("again.html")).unwrap();
    assert!(!problems(&directory).is_empty());
}
