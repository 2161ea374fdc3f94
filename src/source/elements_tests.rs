//! Layouts of JSON by hand.

use super::*;

fn cut(text: &str) -> Vec<(String, u64, bool)> {
    let mut scanner = Scanner::new(0);
    let mut pieces = Vec::new();
    while let Step::Piece(piece) = scanner.step(text.as_bytes(), true) {
        pieces.push((
            text[piece.start..piece.end].to_owned(),
            piece.line,
            piece.fault.is_none(),
        ));
    }
    pieces
}

fn sound(text: &str) -> Vec<(String, u64)> {
    cut(text)
        .into_iter()
        .filter(|piece| piece.2)
        .map(|piece| (piece.0, piece.1))
        .collect()
}

#[test]
fn arrays_pages_and_concatenated_objects_are_flattened() {
    assert_eq!(
        sound("[{\"a\":1},\n {\"b\":[2]}]\n[{\"c\":\"}\"}]"),
        [
            ("{\"a\":1}".to_owned(), 1),
            ("{\"b\":[2]}".to_owned(), 2),
            ("{\"c\":\"}\"}".to_owned(), 3)
        ]
    );
    assert_eq!(sound("{\"a\":1}{\"b\":2}").len(), 2);
    assert_eq!(
        sound("{\n  \"a\": \"\\\"{\"\n}\n{\n}\n"),
        [
            ("{\n  \"a\": \"\\\"{\"\n}".to_owned(), 1),
            ("{\n}".to_owned(), 4)
        ]
    );
}

#[test]
fn the_records_of_pages_are_elements() {
    let pages = "{\"Records\": [{\"a\":1},\n{\"b\":2}]}\n{ \"Events\":[\n{\"c\":\"]}\"}],\n\"NextToken\":\"}]\\\"\", \"x\":{\"y\":[1]}}\n{\"d\":4}{\"entries\":[{\"e\":5}]}{\"Records\":[]}";
    let cut = |step: usize| {
        let mut scanner = Scanner::of_pages(0);
        let (mut pieces, mut end) = (Vec::new(), 0);
        loop {
            end = (end + step).min(pages.len());
            let buffer = &pages.as_bytes()[..end];
            loop {
                match scanner.step(buffer, end == pages.len()) {
                    Step::Piece(piece) => pieces.push((
                        pages[piece.start..piece.end].to_owned(),
                        piece.line,
                        piece.fault,
                    )),
                    Step::NeedMore => break,
                    Step::End => return pieces,
                }
            }
        }
    };
    let expected = [
        ("{\"a\":1}", 1),
        ("{\"b\":2}", 2),
        ("{\"c\":\"]}\"}", 4),
        ("{\"d\":4}", 6),
        ("{\"e\":5}", 6),
    ];
    let expected = expected.map(|(text, line)| (text.to_owned(), line, None));
    for step in [1, 2, 7, pages.len()] {
        assert_eq!(cut(step), expected, "{step}");
    }
}

#[test]
fn a_page_that_is_cut_off_is_a_fault() {
    for text in [
        "{\"Records\":[{\"a\":1},",
        "{\"Events\":[{\"a\":1}],\"NextTok",
    ] {
        let mut scanner = Scanner::of_pages(0);
        let mut faults = 0;
        while let Step::Piece(piece) = scanner.step(text.as_bytes(), true) {
            faults += u64::from(piece.fault.is_some());
        }
        assert_eq!(faults, 1, "{text}");
    }
}

#[test]
fn a_broken_object_does_not_swallow_its_successors() {
    let pieces = cut("{\n \"a\": {\n}\n{\n \"b\": 2\n}\n{\n \"c\": 3\n}\n");
    let sound: Vec<_> = pieces
        .iter()
        .filter(|piece| piece.2)
        .map(|piece| piece.1)
        .collect();
    assert_eq!(sound, [4, 7]);
    assert_eq!(pieces.iter().filter(|piece| !piece.2).count(), 1);
}

#[test]
fn an_unclosed_array_and_scalars_are_faults() {
    assert_eq!(cut("[{\"a\":1}").iter().filter(|piece| !piece.2).count(), 1);
    assert_eq!(
        cut("[1, true, {}]")
            .iter()
            .map(|piece| piece.2)
            .collect::<Vec<_>>(),
        [false, false, true]
    );
}

#[test]
fn arrays_nested_deeper_than_is_followed_are_a_fault() {
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let faults = cut(&deep);
    assert_eq!(faults.len(), 1);
    assert!(!faults[0].2);
    let page = format!("{}{{\"a\":1}}{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(sound(&page).len(), 1);
    assert_eq!(cut(&page).iter().filter(|piece| !piece.2).count(), 1);
}

#[test]
fn growing_the_buffer_byte_by_byte_changes_nothing() {
    let text = "[{\"a\":\"\\\\\"},\n{\"b\":{\"c\":[1,2]}},{\"d\":\"é\"}]";
    let mut scanner = Scanner::new(0);
    let mut found = Vec::new();
    for end in 0..=text.len() {
        while let Step::Piece(piece) = scanner.step(&text.as_bytes()[..end], end == text.len()) {
            found.push(text[piece.start..piece.end].to_owned());
        }
    }
    assert_eq!(
        found,
        sound(text)
            .into_iter()
            .map(|piece| piece.0)
            .collect::<Vec<_>>()
    );
}

#[test]
fn many_open_braces_are_scanned_in_linear_time() {
    let text = "{\n".repeat(200_000);
    assert_eq!(cut(&text).len(), 200_000);
}

#[test]
fn what_stands_between_records_is_no_record() {
    for text in [
        "{\"a\":1}\0{\"b\":2}\0",
        "\u{1e}{\"a\":1}\n\u{1e}{\"b\":2}\n",
        "\u{1e}{\"a\":1}\u{1e}{\"b\":2}",
        "{\"a\":1}\u{feff}{\"b\":2}",
    ] {
        let cut: Vec<(String, bool)> = cut(text).into_iter().map(|it| (it.0, it.2)).collect();
        assert_eq!(
            cut,
            [
                ("{\"a\":1}".to_owned(), true),
                ("{\"b\":2}".to_owned(), true)
            ],
            "{text:?}"
        );
    }
}

#[test]
fn a_text_of_an_array_is_an_element() {
    let cut = |text: &str| -> Vec<(String, u64, bool)> { cut(text) };
    assert_eq!(
        cut("[\"a, ]\\\"b\",\n \"c\"]"),
        [
            ("\"a, ]\\\"b\"".to_owned(), 1, true),
            ("\"c\"".to_owned(), 2, true)
        ]
    );
    // Outside of an array, and where no quote ends it, it is none.
    assert!(cut("\"a\"").iter().all(|piece| !piece.2));
    assert!(cut("[\"a\n,{}]").iter().any(|piece| !piece.2));
}
