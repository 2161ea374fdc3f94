//! Whole files through the reader: layouts, damage, accounting.

use std::io::Write;
use std::num::NonZeroUsize;

use super::*;
use crate::model::{
    About, Event, EventKind, Format, Framing, Holds, Kept, Record, Sample, Sink, Source, System,
    Timestamp, Verdict,
};

/// Reads any object with a key `n`.
struct Numbered;

/// What its files are records of.
const SOURCE: Source = Source {
    name: "numbered",
    holds: Holds::Records,
};

impl Format for Numbered {
    fn about(&self) -> &About {
        &About {
            source: &SOURCE,
            title: "numbered object",
            framing: Framing::Json,
        }
    }
    fn recognises(&self, sample: &Sample<'_>) -> bool {
        sample.value.is_some_and(|value| value.get("n").is_some())
    }
    fn read(&self, record: &Record<'_>, sink: &mut dyn Sink) -> Verdict {
        match serde_json::from_slice::<serde_json::Value>(record.bytes) {
            Ok(value) if value.get("n").is_some() => {
                let id = value["n"].to_string().into();
                sink.event(&Event::new(
                    System::Vault,
                    EventKind::Request,
                    id,
                    record.place,
                    Timestamp(0),
                ));
                Verdict::Parsed
            }
            Ok(_) => Verdict::Foreign,
            Err(_) => Verdict::Rejected("invalid JSON".into()),
        }
    }
}

struct Read {
    events: usize,
    parsed: u64,
    skipped: u64,
    rejected: Vec<(u64, u64, String)>,
    torn: bool,
}

fn read(stored: &[u8]) -> Read {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(stored).unwrap();
    let files = expand(&[file.path().display().to_string()], &[], Links::Followed).unwrap();
    let mut read = Read {
        events: 0,
        parsed: 0,
        skipped: 0,
        rejected: Vec::new(),
        torn: false,
    };
    let threads = NonZeroUsize::new(2).unwrap();
    ingest(
        &files,
        &[&Numbered],
        threads,
        Kept::default,
        |output| match output {
            Output::Block { tally, kept, .. } => {
                read.events += kept.events.len();
                read.parsed += tally.parsed;
                read.skipped += tally.skipped.values().sum::<u64>();
                read.rejected.extend(
                    tally
                        .rejected
                        .into_iter()
                        .map(|d| (d.place.line, d.place.byte, d.reason.into_owned())),
                );
            }
            Output::End(end) => read.torn = end.torn.is_some(),
        },
    );
    read
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_layout_of_the_same_objects_reads_the_same() {
    let layouts: [&[u8]; 12] = [
        b"{\"n\":1}\n{\"n\":2}\n",
        b"{\"n\":1}\r\n{\"n\":2}\r\n",
        b"\xef\xbb\xbf{\"n\":1}\n{\"n\":2}",
        b"[{\"n\":1},{\"n\":2}]",
        b"\xef\xbb\xbf[\n{\"n\":1}\n,\n{\"n\":2}\n]\n",
        b"{\"n\":1}{\"n\":2}",
        b"{\n  \"n\": 1\n}\n{\n  \"n\": 2\n}\n",
        b"@cee: {\"n\":1}\n@cee:{\"n\":2}\n",
        b"<134>Nov 21 07:47:12 host vault[1]: {\"n\":1}\n<134>Nov 21 07:47:12 host vault[1]: {\"n\":2}\n",
        b"{\"log\":\"{\\\"n\\\":1}\\n\",\"stream\":\"stdout\",\"time\":\"t\"}\n{\"log\":\"{\\\"n\\\":2}\\n\",\"stream\":\"stdout\",\"time\":\"t\"}\n",
        b"2026-11-21T07:47:12Z stdout F {\"n\":1}\n2026-11-21T07:47:12Z stdout F {\"n\":2}\n",
        b"n: 1\n---\nn: 2\n",
    ];
    for layout in layouts {
        let read = read(layout);
        let shown = String::from_utf8_lossy(layout);
        assert_eq!(
            (read.events, read.parsed, read.skipped, read.rejected.len()),
            (2, 2, 0, 0),
            "{shown}"
        );
    }
}

/// A frame of syslog over TCP.
fn frame(message: &str) -> String {
    format!("{} {message}", message.len())
}

/// An entry of the journal as `-o verbose` prints it.
fn verbose(fields: &[&str]) -> String {
    let lines: String = fields
        .iter()
        .map(|field| format!("    {field}\n"))
        .collect();
    format!("Fri 2026-09-04 09:12:00.000001 UTC [s=79f4;i=1;b=42d9;m=1;t=5f2;x=9b]\n{lines}")
}

/// An entry of the journal as `-o export` prints it.
fn export(fields: &[&str]) -> String {
    format!("__CURSOR=s=1\n{}\n\n", fields.join("\n"))
}

#[test]
fn frames_that_count_their_octets_are_cut_by_their_counts() {
    let syslog = "<134>1 2026-09-04T09:12:00Z host vault 1 - - ";
    let (one, two) = (
        format!("{syslog}{{\"n\":1}}"),
        format!("{syslog}{{\"n\":2}}"),
    );
    let old = "<134>Sep  4 09:12:00 host vault[1]: {\"n\":1}";
    let text = format!("{syslog}2026-09-04T09:12:00.1Z [INFO]  core: unsealed");
    for layout in [
        frame(&one) + &frame(&two),
        frame(&one) + "\n" + &frame(&two) + "\n",
        frame(&format!("{one}\n")) + &frame(&format!("{two}\n")),
        frame(old) + &frame(old),
        format!("99 {one}\n99 {two}\n"),
    ] {
        let read = read(layout.as_bytes());
        let told = (read.events, read.parsed, read.skipped, read.rejected.len());
        assert_eq!(told, (2, 2, 0, 0), "{layout}");
    }
    let read = read((frame(&text) + &frame(&one) + &frame(&two)[..40]).as_bytes());
    let told = (read.events, read.parsed, read.skipped, read.rejected.len());
    assert_eq!(told, (1, 1, 1, 1));
}

#[test]
fn entries_of_the_journal_are_read_in_every_form() {
    let entry = |n: u8| verbose(&["PRIORITY=6", &format!("MESSAGE={{\"n\":{n}}}"), "_PID=1"]);
    let part = |text: &str, more: &str| verbose(&["_STREAM_ID=ab", more, text]);
    let exported = |text: &str, more: &str| export(&["_STREAM_ID=ab", more, text]);
    let object = |text: &str, more: &str| {
        format!(
            "{{\"__REALTIME_TIMESTAMP\":\"1\",\"_STREAM_ID\":\"ab\"{more},\"MESSAGE\":\"{text}\"}}\n"
        )
    };
    let cut = "_LINE_BREAK=line-max";
    for layout in [
        entry(1) + &entry(2),
        "-- Logs begin at Tue 2026-09-01 00:00:00 UTC. --\n".to_owned() + &entry(1) + &entry(2),
        part("MESSAGE={\"n\"", cut) + &part("MESSAGE=:1}", "_PID=1") + &entry(2),
        exported("MESSAGE={\"n\"", cut)
            + &exported("MESSAGE=:1}", "_PID=1")
            + &export(&["MESSAGE={\"n\":2}"]),
        object("{\\\"n\\\":1}", "") + &object("{\\\"n\\\":2}", ""),
        object("{\\\"n\\\"", ",\"_LINE_BREAK\":\"line-max\"")
            + &object(":1}", "")
            + &object("{\\\"n\\\":2}", ""),
    ] {
        let read = read(layout.as_bytes());
        assert_eq!((read.events, read.rejected.len()), (2, 0), "{layout}");
    }
    let null = "{\"__REALTIME_TIMESTAMP\":\"1\",\"_HOSTNAME\":\"h\",\"MESSAGE\":null}\n";
    for layout in [
        entry(1) + &verbose(&["MESSAGE=[4.1K blob data]", "_PID=1"]),
        object("{\\\"n\\\":1}", "") + null,
    ] {
        let read = read(layout.as_bytes());
        assert_eq!((read.events, read.rejected.len()), (1, 1), "{layout}");
        assert!(read.rejected[0].2.contains("--all"), "{:?}", read.rejected);
    }
}

#[test]
fn compressed_inputs_of_several_members_are_read_whole() {
    let members = [gzip(b"{\"n\":1}\n"), gzip(b"{\"n\":2}\n")].concat();
    assert_eq!(read(&members).events, 2);
    let frames = [b"{\"n\":1}\n", b"{\"n\":2}\n"]
        .map(|text| zstd::encode_all(&text[..], 3).unwrap())
        .concat();
    assert_eq!(read(&frames).events, 2);
}

#[test]
fn damage_is_counted_with_its_place_and_stops_nothing() {
    let read = read(b"{\"n\":1}\n\n{\"n\":\xff}\nnoise\n{\"x\":1}\n{\"n\":2\n{\"n\":3}\n{\"n\":4");
    assert_eq!((read.events, read.parsed, read.skipped), (2, 2, 2));
    let places: Vec<(u64, u64)> = read
        .rejected
        .iter()
        .map(|reject| (reject.0, reject.1))
        .collect();
    assert_eq!(places, [(3, 9), (4, 17), (6, 31), (8, 46)]);
    assert!(read.rejected[0].2.contains("UTF-8"), "{:?}", read.rejected);
    assert!(
        read.rejected[3].2.contains("truncated"),
        "{:?}",
        read.rejected
    );
}

#[test]
fn several_objects_in_one_line_of_a_line_log_are_one_unit() {
    let read = read(b"{\"n\":1}\n{\"n\":2}{\"n\":3}\n");
    assert_eq!((read.events, read.parsed), (3, 2));
}

#[test]
fn a_line_of_many_blocks_is_read_if_it_is_valid() {
    let long = format!(
        "{{\"n\":1,\"pad\":\"{}\"}}\n{{\"n\":2}}\n",
        "x".repeat(5 << 20)
    );
    let read = read(long.as_bytes());
    assert_eq!((read.events, read.rejected.len()), (2, 0));
}

#[test]
fn a_torn_gzip_keeps_what_it_held() {
    let mut lines = String::new();
    for n in 0..200_000 {
        lines.push_str(&format!("{{\"n\":{n},\"x\":{}}}\n", n * 7919 % 1013));
    }
    let stored = gzip(lines.as_bytes());
    let read = read(&stored[..stored.len() / 2]);
    assert!(read.torn);
    assert!(read.events > 50_000, "{}", read.events);
}

#[test]
fn an_unknown_file_is_skipped_line_by_line() {
    let read = read(b"just prose\nand more prose");
    assert_eq!((read.parsed, read.skipped, read.rejected.len()), (0, 2, 0));
}

#[test]
fn an_empty_file_has_no_units() {
    let read = read(b"");
    assert_eq!((read.parsed, read.skipped, read.rejected.len()), (0, 0, 0));
}

#[test]
fn yaml_and_toml_with_braces_in_them_are_not_json_lines() {
    let yaml = read(b"n: 1\nspec: {}\nmore:\n  - {a: b}\n");
    assert_eq!((yaml.events, yaml.parsed, yaml.rejected.len()), (1, 1, 0));
    let toml = read(b"[period]\nfrom = \"2026-01-01\"\n[x]\ny = { z = 1 }\n");
    assert_eq!((toml.parsed, toml.skipped, toml.rejected.len()), (0, 4, 0));
}

/// Whether reading ends when `make` or `take` panics, with more blocks than the queues hold.
fn ends(panicking: &'static str) -> bool {
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let line = format!("{{\"n\":1,\"pad\":\"{}\"}}\n", "x".repeat(100_000));
        file.write_all(line.repeat(800).as_bytes()).unwrap();
        let name = file.path().display().to_string();
        let files = expand(&[name], &[], Links::Followed).unwrap();
        let run = std::panic::AssertUnwindSafe(|| {
            let make = || {
                assert_ne!(panicking, "make");
                Kept::default()
            };
            ingest(&files, &[&Numbered], NonZeroUsize::MIN, make, |_| {
                assert_ne!(panicking, "take");
            });
        });
        done.send(std::panic::catch_unwind(run).is_err()).unwrap();
    });
    ended.recv_timeout(std::time::Duration::from_secs(120)) == Ok(true)
}

#[test]
fn a_panic_on_either_side_of_the_queues_ends_the_reading() {
    for side in ["take", "make"] {
        assert!(ends(side), "{side}");
    }
}
