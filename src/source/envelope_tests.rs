//! Parts and wholes of every runtime and shipper.

use super::*;

fn envelope(lines: &[&str]) -> Option<Envelope> {
    Envelope::of(lines.iter().map(|line| line.as_bytes()))
}

fn texts(lines: &[&str]) -> Vec<(String, u64, u64)> {
    let mut unwrapper = Unwrapper::new(envelope(lines).unwrap());
    let mut records: Vec<Rejoined> = lines
        .iter()
        .zip(1..)
        .filter_map(|(line, number)| unwrapper.line(line.as_bytes(), number, 0))
        .collect();
    records.extend(unwrapper.finish());
    let shown = |record: Rejoined| {
        let text = String::from_utf8(record.text).unwrap();
        (text, record.line, record.units)
    };
    records.into_iter().map(shown).collect()
}

fn text(text: &str, line: u64, units: u64) -> (String, u64, u64) {
    (text.to_owned(), line, units)
}

#[test]
fn docker_parts_of_one_line_are_rejoined_per_stream() {
    let lines = [
        r#"{"log":"{\"a\":","stream":"stdout","time":"t"}"#,
        r#"{"log":"warn\n","stream":"stderr","time":"t"}"#,
        r#"{"log":"1}\n","stream":"stdout","time":"t"}"#,
    ];
    assert_eq!(texts(&lines), [text("warn", 2, 1), text("{\"a\":1}", 1, 2)]);
}

#[test]
fn records_without_a_line_feed_are_whole_unless_they_say_otherwise() {
    for mark in [r#","_p":"F""#, r#","logtag":"F""#, ""] {
        let line = |n| format!(r#"{{"log":"{{\"a\":{n}}}","stream":"stdout","time":"t"{mark}}}"#);
        let (one, two) = (line(1), line(2));
        assert_eq!(
            texts(&[&one, &two]),
            [text("{\"a\":1}", 1, 1), text("{\"a\":2}", 2, 1)],
            "{mark}"
        );
    }
    let full = "x".repeat(16 * 1024);
    let cut = format!(r#"{{"log":"{full}","stream":"stdout","time":"t"}}"#);
    let rest = r#"{"log":"y","stream":"stdout","time":"t"}"#;
    assert_eq!(texts(&[&cut, rest]), [text(&format!("{full}y"), 1, 2)]);
}

#[test]
fn parts_of_fluent_bit_are_rejoined_per_container() {
    let line = |key: &str, mark: &str, log: &str, pod: &str| {
        format!(
            r#"{{"{key}":"{log}","stream":"stdout","_p":"{mark}","kubernetes":{{"pod":"{pod}"}}}}"#
        )
    };
    for key in ["log", "message"] {
        let lines = [
            line(key, "P", "{\\\"a\\\":", "one"),
            line(key, "P", "{\\\"b\\\":", "two"),
            line(key, "F", "1}", "one"),
            line(key, "F", "2}", "two"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(
            texts(&lines),
            [text("{\"a\":1}", 1, 2), text("{\"b\":2}", 2, 2)]
        );
    }
}

#[test]
fn parts_that_dockers_driver_for_fluentd_numbers_are_rejoined() {
    let part = |id: &str, last: bool, log: &str| {
        format!(
            r#"{{"source":"stdout","log":"{log}","partial_message":"true","partial_id":"{id}","partial_last":"{last}"}}"#
        )
    };
    let lines = [
        part("one", false, "{\\\"a\\\":"),
        part("two", false, "{\\\"b\\\":"),
        part("one", true, "1}"),
        part("two", true, "2}"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(
        texts(&lines),
        [text("{\"a\":1}", 1, 2), text("{\"b\":2}", 2, 2)]
    );
}

#[test]
fn cri_parts_of_one_line_are_rejoined() {
    let lines = [
        "2026-11-21T07:47:12.214239981Z stdout P {\"a\":",
        "2026-11-21T07:47:12.214239982Z stdout F 1}",
    ];
    assert_eq!(texts(&lines), [text("{\"a\":1}", 1, 2)]);
    let never = ["2026-11-21T07:47:12Z stdout P {\"a\":"];
    assert_eq!(texts(&never), [text("{\"a\":", 1, 1)]);
}

#[test]
fn an_envelope_holds_for_the_first_line_and_for_most() {
    let cri = "2026-11-21T07:47:12Z stdout F {}";
    let docker = r#"{"log":"x\n","stream":"stdout","time":"t"}"#;
    for line in [cri, docker] {
        assert!(envelope(&[line]).is_some());
        assert!(envelope(&["", line, "noise", line]).is_some());
        assert_eq!(
            envelope(&["Running with gitlab-runner 18", line, line]),
            None
        );
        assert_eq!(envelope(&[line, "make", "make test", "done"]), None);
    }
    assert_eq!(envelope(&[r#"{"time":"t","type":"request"}"#]), None);
    assert_eq!(envelope(&["Nov 21 07:47:12 host vault: {}"]), None);
    assert_eq!(envelope(&[r#"{"log":"x","level":"info"}"#]), None);
}

#[test]
fn parts_that_never_end_take_linear_time() {
    let part = format!(
        r#"{{"log":"{}","stream":"stdout","_p":"P"}}"#,
        "x".repeat(1000)
    );
    let mut unwrapper = Unwrapper::new(Envelope::Record { fed: false });
    let mut faults = 0;
    for line in 0..80_000u64 {
        let record = unwrapper.line(part.as_bytes(), line, 0);
        faults += usize::from(record.is_some_and(|record| record.fault.is_some()));
    }
    assert_eq!(faults, 1);
}

#[test]
fn a_row_of_a_table_is_one_record_however_many_lines_it_takes() {
    let lines: Vec<&str> = "id,line\n1,\"{\"\"a\"\":1}\"\n2,\"{\"\"a\"\":\n2}\"\n3\n4,\"open"
        .split('\n')
        .collect();
    let header = lines.iter().map(|line| line.as_bytes());
    let table = RowExport::of(header, |cell| cell.starts_with(b"{")).unwrap();
    let mut unwrapper = Unwrapper::new(Envelope::Rows(table));
    let mut records: Vec<Rejoined> = (lines.iter().zip(1..))
        .filter_map(|(line, number)| unwrapper.line(line.as_bytes(), number, 0))
        .collect();
    records.extend(unwrapper.finish());
    let shown: Vec<(String, u64, u64, bool)> = records
        .into_iter()
        .map(|record| {
            let text = String::from_utf8(record.text).unwrap();
            (text, record.line, record.units, record.fault.is_some())
        })
        .collect();
    let row = |text: &str, line, units, fault| (text.to_owned(), line, units, fault);
    assert_eq!(
        shown,
        [
            row("line", 1, 1, false),
            row("{\"a\":1}", 2, 1, false),
            row("{\"a\":\n2}", 3, 2, false),
            row("3", 5, 1, true),
            row("4,\"open", 6, 1, true),
        ]
    );
}

#[test]
fn an_entry_of_the_journal_is_one_record() {
    let lines = [
        "__CURSOR=s=1",
        "MESSAGE={\"a\":1}",
        "_PID=1",
        "",
        "__CURSOR=s=2",
        "MESSAGE",
        "\u{7}\0\0\0\0\0\0\0{\"a\":2}",
        "_PID=1",
        "",
        "__REALTIME_TIMESTAMP=1",
        "MESSAGE={\"a\":3}",
    ];
    assert_eq!(
        texts(&lines),
        [
            text("{\"a\":1}", 1, 4),
            text("{\"a\":2}", 5, 5),
            text("{\"a\":3}", 10, 2),
        ]
    );
}
