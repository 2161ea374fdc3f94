//! Tests of whole traces, hostile ones included. Tokens are put together at run time.

use super::*;
use crate::model::{Digest, FileId, Kept, Place};

const BODY: &str = "CAESIJq8mZ0wPzR4tLxV7nKd2";

fn token() -> String {
    format!("hvs.{BODY}")
}

fn read_at(path: &str, bytes: &[u8]) -> Kept {
    let (verdict, kept) = told(path, bytes);
    assert_eq!(verdict, Verdict::Parsed);
    kept
}

fn told(path: &str, bytes: &[u8]) -> (Verdict, Kept) {
    let place = Place {
        file: FileId(3),
        line: 1,
        byte: 0,
        sha256: Digest([0; 32]),
    };
    let mut kept = Kept::default();
    let record = Record { path, bytes, place };
    let verdict = Traces.read(&record, &mut kept);
    (verdict, kept)
}

fn read(text: &str) -> Kept {
    read_at("projects/42/jobs/1001/trace.log", text.as_bytes())
}

fn value(kept: &Kept, name: &str) -> Option<String> {
    kept.exports
        .attributes
        .iter()
        .find(|attribute| attribute.name == name)
        .map(|attribute| attribute.value.clone())
}

fn recognised(path: &str, head: &[u8]) -> bool {
    Traces.recognises(&Sample {
        path,
        value: None,
        head,
    })
}

#[test]
fn a_trace_is_recognised_by_its_content() {
    for head in [
        "\x1b[0KRunning with gitlab-runner 17.5.0 (66a723c3)\x1b[0;m\n",
        "section_start:1540587170:prepare_script\r\x1b[0K",
        "2024-05-22T12:43:46.962646Z 00O Running\n",
        "section_start:1540587170:prepare_script\n\x1b[0KRunning",
    ] {
        assert!(recognised("x.txt", head.as_bytes()), "{head}");
    }
    for head in [
        "{\"message\":\"Running with gitlab-runner 17\"}",
        "script:\n  - echo section_start:1:x\n",
        "plain text",
        "",
    ] {
        assert!(!recognised("x.txt", head.as_bytes()), "{head}");
    }
    assert!(Traces.owns("projects/1/jobs/2/trace.log"));
    assert!(!Traces.owns("projects/1/jobs/2/artifacts.json"));
}

#[test]
fn the_job_is_named_by_the_path_and_contradictions_are_told() {
    let text = "Running on runner-ab-project-42-concurrent-0 via h...\nJob succeeded\n";
    let kept = read(text);
    assert!(
        kept.exports
            .attributes
            .iter()
            .all(|a| a.object == "gitlab:job/42/1001")
    );
    assert_eq!(value(&kept, "path-contradiction"), None);
    assert_eq!(value(&kept, "end_state").as_deref(), Some("success"));
    let other = read(&text.replace("-42-", "-43-"));
    assert_eq!(
        value(&other, "path-contradiction").as_deref(),
        Some("the path says gitlab:project/42")
    );
    let half = read_at("jobs/7/trace", text.as_bytes());
    assert_eq!(half.exports.attributes[0].object, "gitlab:job/42/7");
    let none = read_at("logs/a.txt", text.as_bytes());
    assert_eq!(none.exports.attributes[0].object, "gitlab:trace/logs/a.txt");
}

#[test]
fn a_trace_without_an_end_says_so() {
    assert_eq!(
        value(&read("working\n"), "end_state").as_deref(),
        Some("absent")
    );
    let cut = read("Job's log exceeded limit of 4194304 bytes.\n");
    assert_eq!(
        value(&cut, "truncated_at_bytes").as_deref(),
        Some("4194304")
    );
}

#[test]
fn secrets_are_found_where_they_hide_and_never_kept() {
    let token = token();
    let half = token.split_at(12);
    for text in [
        format!("a\nVAULT_TOKEN={token}\n"),
        format!("a\n{token}\rprogress done\x1b[0K\n"),
        format!("a\n\x1b[32;1m{token}\x1b[0;m\n"),
        format!("a\n{}\x1b[31m{}\n", half.0, half.1),
        format!("a\n\x1b]0;unterminated {token}\n"),
        format!("a\n\"{token}\", x"),
        format!("a\n{}\r{}\n", half.0, half.1),
        format!("a\n{}\u{200b}{}\n", half.0, half.1),
        format!("a\n{}\u{9b}{}\n", half.0, half.1),
    ] {
        let kept = read(&text);
        assert_eq!(kept.exports.exposures.len(), 1, "{text:?}");
        let exposure = &kept.exports.exposures[0];
        assert_eq!(exposure.pattern, "vault-service-token");
        let digest = <sha2::Sha256 as sha2::Digest>::digest(token.as_bytes());
        let shown: String = digest
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(exposure.redacted, format!("hvs.****[sha256:{shown}]"));
        assert_eq!((exposure.place.line, exposure.place.byte), (2, 2));
        assert_eq!(exposure.job, "gitlab:job/42/1001");
        assert!(
            !format!("{:?}{:?}", kept.exports.exposures, kept.exports.attributes).contains(&token)
        );
    }
    assert!(
        read("token hvs.[MASKED] glpat-[MASKED]\n")
            .exports
            .exposures
            .is_empty()
    );
}

/// The lines of a text, cut at a width.
fn wrapped(text: &str, width: usize) -> String {
    let lines = text.as_bytes().chunks(width);
    lines
        .map(|line| format!("{}\n", String::from_utf8_lossy(line)))
        .collect()
}

/// A secret of these lines is found once, and nothing of it is kept.
fn spread(what: &str, text: &str) {
    let kept = read(&format!("a line\n{text}and another\n"));
    let found = &kept.exports.exposures;
    assert_eq!(found.len(), 1, "{what}: {found:?}");
    assert_eq!(found[0].pattern, "vault-service-token", "{what}");
    assert!(found[0].place.line >= 2, "{what}");
    assert!(!found[0].redacted.contains(BODY), "{what}");
}

fn long_token() -> String {
    format!("{}{BODY}{BODY}{BODY}", token())
}

/// Letters, or bytes in hexadecimal, with something between them.
fn parted(bytes: &[u8], hexadecimal: bool, between: &str) -> String {
    let each = bytes.iter().map(|byte| match hexadecimal {
        true => format!("{byte:02x}"),
        false => char::from(*byte).to_string(),
    });
    each.collect::<Vec<_>>().join(between)
}

#[test]
fn a_secret_spread_over_lines_is_found_once() {
    use base64::Engine as _;
    let token = long_token();
    let (before, behind) = token.split_at(9);
    let plain = format!("{}{token} {}", "a ".repeat(22), "b".repeat(60));
    let encoded = base64::engine::general_purpose::STANDARD.encode(plain);
    for (what, text) in [
        ("base64", wrapped(&encoded, 76)),
        ("base64 of 64", wrapped(&encoded, 64)),
        ("fold", wrapped(&token, 20)),
        ("a letter a line", wrapped(&token, 1)),
        (
            "two halves",
            format!("{}\n{}\n", &token[..20], &token[20..]),
        ),
        (
            "a terminal of 80",
            wrapped(&format!("{} {token}", "x".repeat(60)), 80),
        ),
        (
            "gone on with",
            format!(
                "export T={}\\\n  {}\\\n{}\n",
                &token[..9],
                &token[9..30],
                &token[30..]
            ),
        ),
        ("mail", format!("{}=\n{}\n", &token[..30], &token[30..])),
        ("coloured", wrapped(&token, 20).replace('\n', "\x1b[0m\r\n")),
        (
            "a section between",
            format!("{before}section_start:1788887720:x\r\x1b[0K{behind}\n"),
        ),
    ] {
        spread(what, &text);
    }
    let taken_back = read(&format!("{before}X\x08{behind}\n"));
    assert!(!taken_back.exports.exposures.is_empty());
    for quiet in [
        "tokens begin with hvs.\nCAESIJlS9vq0aVd7qYx0Tq2LZk3bW1mN8pR5uE\n",
        "machine learning\nlogin\npassword 9xTq2LZk3bW1mN8pR5uE\n",
        "1\n2\n3\n45\n104\n118\n115\n46\n99\n100\n101\n102\n103\n104\n105\n106\n107\n108\n109\n110\n111\n112\n",
    ] {
        assert!(read(quiet).exports.exposures.is_empty(), "{quiet}");
    }
    let netrc = "machine gitlab.example\n  login ci\n  password 9xTq2LZk3bW1mN8pR5uE\n";
    let kept = read(netrc).exports.exposures;
    assert_eq!((kept.len(), kept[0].place.line), (1, 3), "{kept:?}");
    let quiet = "a b c d\nlib\nbin\nsrc\n00000000: 6c69 6220  lib \ndeadbeef fix be 01 ad\n";
    assert!(read(quiet).exports.exposures.is_empty());
}

#[test]
fn a_secret_in_a_dump_is_found_once() {
    let token = long_token();
    let bytes = token.as_bytes();
    let dump = |line: fn(usize, &[u8]) -> String| -> String {
        let lines = bytes.chunks(16).enumerate();
        lines.map(|(number, own)| line(number * 16, own)).collect()
    };
    let fours = |_: usize, line: &[u8]| {
        let pairs = line.chunks(2).map(|pair| parted(pair, true, ""));
        let shown = parted(line, false, "");
        format!(
            "00000000: {}  {shown}\n",
            pairs.collect::<Vec<_>>().join(" ")
        )
    };
    for (what, text) in [
        ("xxd -p", wrapped(&parted(bytes, true, ""), 60)),
        ("xxd", dump(fours)),
        (
            "hexdump -C",
            dump(|at, line| {
                let shown = parted(line, false, "");
                format!("{at:08x}  {}  |{shown}|\n", parted(line, true, " "))
            }),
        ),
        (
            "od -c",
            dump(|at, line| format!("{at:07o}   {}\n", parted(line, false, "   "))),
        ),
        ("bytes", parted(bytes, true, " ") + "\n"),
        ("bytes with colons", parted(bytes, true, ":") + "\n"),
        ("blanks between", parted(bytes, false, " ") + "\n"),
    ] {
        spread(what, &text);
    }
}

#[test]
fn a_secret_in_a_dump_of_numbers_is_found_once() {
    let token = long_token();
    let bytes = token.as_bytes();
    let dump = |line: fn(usize, &[u8]) -> String| -> String {
        let lines = bytes.chunks(16).enumerate();
        lines.map(|(number, own)| line(number * 16, own)).collect()
    };
    for (what, text) in [
        (
            "od -x",
            dump(|at, line| {
                let swapped: Vec<String> = line
                    .chunks(2)
                    .map(|pair| {
                        pair.iter()
                            .rev()
                            .map(|byte| format!("{byte:02x}"))
                            .collect()
                    })
                    .collect();
                format!("{at:07o} {}\n", swapped.join(" "))
            }),
        ),
        (
            "od -b",
            dump(|at, line| {
                let octal: Vec<String> = line.iter().map(|byte| format!("{byte:03o}")).collect();
                format!("{at:07o} {}\n", octal.join(" "))
            }),
        ),
        (
            "od -t d1",
            dump(|at, line| {
                let decimal: Vec<String> = line.iter().map(|byte| format!("{byte:4}")).collect();
                format!("{at:07o} {}\n", decimal.join(" "))
            }),
        ),
        (
            "xxd -b",
            dump(|at, line| {
                let binary: Vec<String> = line.iter().map(|byte| format!("{byte:08b}")).collect();
                format!("{at:08x}: {}  abc\n", binary.join(" "))
            }),
        ),
        (
            "a number a line",
            bytes.iter().map(|byte| format!("  {byte},\n")).collect(),
        ),
    ] {
        spread(what, &text);
    }
}

#[test]
fn a_listed_variable_is_found_by_its_name() {
    let value = "9xTq2LZk3bW1mN8pR5uE";
    for line in [
        format!("DB_PASSWORD={value}"),
        format!("export AWS_SECRET_ACCESS_KEY=\"{value}\""),
        format!("declare -x API_KEY=\"{value}\""),
    ] {
        let kept = read(&format!("$ env\n{line}\n"));
        assert_eq!(kept.exports.exposures.len(), 1, "{line}");
        assert_eq!(kept.exports.exposures[0].pattern, "named-literal");
        assert!(!format!("{:?}", kept.exports.exposures).contains(value));
    }
    for line in [
        "DB_PASSWORD=[MASKED]",
        "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
        "CACHE_KEY=9xTq2LZk3bW1mN8pR5uE",
        "TOKEN_URL=https://9xTq2LZk3bW1mN8pR5uE.example",
        "API_KEY=$9xTq2LZk3bW1mN8pR5uE",
    ] {
        assert!(read(line).exports.exposures.is_empty(), "{line}");
    }
}

#[test]
fn a_secret_split_over_entries_is_found_with_its_time_and_section() {
    let token = token();
    let (left, right) = token.split_at(10);
    let text = format!(
        "2024-05-22T12:43:46.962646Z 00O section_start:1716381826:step_script\r\x1b[0K\n\
         2024-05-22T12:43:47.962646Z 01O {left}\n\
         2024-05-22T12:43:47.962646Z 01E other\n\
         2024-05-22T12:43:48.962646Z 01O+{right}\n\
         2024-05-22T12:43:49.962646Z 00O section_end:1716381830:step_script\r\x1b[0K\n"
    );
    let kept = read(&text);
    assert_eq!(kept.exports.exposures.len(), 1);
    let exposure = &kept.exports.exposures[0];
    assert_eq!(exposure.section, "step_script");
    assert_eq!(exposure.place.line, 2);
    let at = exposure.at.map(|at| at.to_string());
    assert_eq!(at.as_deref(), Some("2024-05-22T12:43:47.962646Z"));
    assert_eq!(
        value(&kept, "section.step_script.finished_at").as_deref(),
        Some("2024-05-22T12:43:50.000000Z")
    );
    assert_eq!(
        value(&kept, "first_at").as_deref(),
        Some("2024-05-22T12:43:46.962646Z")
    );
    assert_eq!(
        value(&kept, "last_at").as_deref(),
        Some("2024-05-22T12:43:49.962646Z")
    );
}

#[test]
fn a_trace_without_times_begins_when_the_runner_says_so() {
    let of = |head: &str| {
        let kept = read(&format!("{head}using {}\n", token()));
        let at = kept.exports.exposures[0].at.map(|at| at.to_string());
        assert_eq!(value(&kept, "first_at"), at, "{head}");
        at
    };
    let began = Some("2026-09-07T11:00:02.000000Z".to_owned());
    let marker = "section_start:1788778802:prepare_executor\r\u{1b}[0K";
    for head in [
        format!("Running with gitlab-runner 18.7.0 (0b8e1f2a)\n{marker}\n"),
        format!(
            "\u{1b}[0KRunning with gitlab-runner 18.7.0 (0)\u{1b}[0;m\n\u{1b}[0K  on r t, system ID: s\u{1b}[0;m\n{marker}\u{1b}[36mPreparing\n"
        ),
    ] {
        assert_eq!(of(&head), began, "{head}");
    }
    // The job may print a marker, and a file that begins elsewhere shows no runner.
    for head in [
        format!("Running with gitlab-runner 11.0.0 (0)\n$ make\n{marker}\n"),
        format!("{marker}\n"),
        format!("x\nRunning with gitlab-runner 18.7.0 (0)\n{marker}\n"),
        "Running with gitlab-runner 18.7.0 (0)\n".to_owned(),
    ] {
        assert_eq!(of(&head), None, "{head}");
    }
}

#[test]
fn markers_end_in_any_of_the_three_ways() {
    for end in ["\r", "\n", "\r\n"] {
        let text = format!(
            "section_start:1:a[collapsed=true]{end}\x1b[0Khello\nsection_end:2:a{end}\x1b[0Ksection_start:3:b{end}\x1b[0Kx\n"
        );
        let kept = read(&text);
        assert!(value(&kept, "section.a.finished_at").is_some(), "{end:?}");
        assert_eq!(value(&kept, "section.b.unclosed").as_deref(), Some("true"));
        assert_eq!(value(&kept, "section.a.unclosed"), None);
    }
}

#[test]
fn evidence_is_the_line_without_its_terminator() {
    use sha2::Digest as _;
    let line = format!("export T={}", token());
    for end in ["\n", "\r\n"] {
        let kept = read(&format!("first\n{line}{end}last\n"));
        let expected: [u8; 32] = sha2::Sha256::digest(line.as_bytes()).into();
        assert_eq!(kept.exports.exposures[0].place.sha256, Digest(expected));
    }
}

#[test]
fn what_is_no_text_is_damage_and_hides_no_secret() {
    let mut bytes = vec![0xff; 4096];
    bytes.extend_from_slice(format!("\n{}\n", token()).as_bytes());
    let (verdict, kept) = told("t", &bytes);
    assert!(matches!(verdict, Verdict::Rejected(_)), "{verdict:?}");
    assert_eq!(kept.exports.exposures.len(), 1);
}

#[test]
fn a_line_of_ten_megabytes_is_read() {
    let mut bytes = vec![b'x'; 10_000_000];
    bytes.extend_from_slice(format!(" {}", token()).as_bytes());
    let kept = read_at("t", &bytes);
    assert_eq!(kept.exports.exposures.len(), 1);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(bytes: Vec<u8>) {
        let _ = recognised("jobs/1/trace", &bytes);
        let _ = told("jobs/1/trace", &bytes);
    }

    #[test]
    fn any_mix_of_trace_pieces_is_read(pieces in proptest::collection::vec(0usize..12, 0..40)) {
        let words: [&[u8]; 12] = [
            b"section_start:1:a", b"section_end:2:a", b"\r", b"\n", b"\x1b[", b"0K", b"\x1b]",
            b"2024-05-22T12:43:46.962646Z 00O ", b"2024-05-22T12:43:46.962646Z 01E+", b"\xff\xfe",
            b"Running on runner-a-project-1-concurrent-0 via x...", b"hvs.",
        ];
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| words[*piece].to_vec()).collect();
        let _ = told("projects/1/jobs/2/trace", &bytes);
    }
}
