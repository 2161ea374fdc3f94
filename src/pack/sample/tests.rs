//! Strata and what of a record is shown.

use super::place::places;
use super::stratum::{Spans, allot};

#[test]
fn a_period_is_cut_so_that_every_moment_lies_in_the_part_that_names_it() {
    let spans = Spans::new(Some(1_000_000), Some(1_000_010), 3);
    assert_eq!(spans.len(), 4);
    let of = |time: i64| spans.of(Some(time));
    let parts: Vec<usize> = (1_000_000..1_000_010).map(of).collect();
    assert_eq!(parts, [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
    assert_eq!((of(0), of(2_000_000), spans.of(None)), (0, 2, 3));
    let time = |micros| crate::model::Timestamp(micros).to_string();
    assert_eq!(spans.ends(1), (time(1_000_004), time(1_000_007)));
    assert_eq!(spans.ends(2).1, time(1_000_010));
    assert_eq!(spans.ends(3), (String::new(), String::new()));
    let unknown = Spans::new(None, None, 25);
    assert_eq!((unknown.len(), unknown.of(Some(5))), (2, 0));
}

#[test]
fn every_stratum_that_has_rows_is_drawn_from_and_the_rest_goes_by_size() {
    assert_eq!(allot(&[90, 0, 9, 1], 10), [7, 0, 2, 1]);
    assert_eq!(allot(&[5, 5], 10), [5, 5]);
    assert_eq!(allot(&[5, 5], 99), [5, 5]);
    assert_eq!(allot(&[0, 0], 3), [0, 0]);
    // Fewer than strata: by size alone, the earlier first.
    assert_eq!(allot(&[1, 1, 1], 2), [1, 1, 0]);
    for size in 0..40 {
        let counts = [17, 3, 0, 11, 1, 8];
        let allotted = allot(&counts, size);
        assert_eq!(allotted.iter().sum::<u64>(), size.min(40), "{size}");
        assert!(counts.iter().zip(&allotted).all(|(all, some)| some <= all));
    }
}

#[test]
fn a_row_cites_what_its_columns_say() {
    let of = |columns: &[(&str, &str)]| {
        let (header, cells): (Vec<String>, Vec<String>) = columns
            .iter()
            .map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned()))
            .unzip();
        places(&header, &cells)
    };
    let chain = of(&[
        ("evidence_file", "a:b.log"),
        ("evidence_line", "7"),
        ("evidence_byte", "90"),
    ]);
    assert_eq!(
        (chain.len(), chain[0].line, chain[0].byte),
        (1, 7, Some(90))
    );
    let edge = of(&[
        ("left_evidence", "a:b.log:7"),
        ("right_evidence", "c.json:1"),
        ("left_byte", "90"),
        ("right_byte", "0"),
    ]);
    assert_eq!(
        (edge[0].file.as_str(), edge[0].line, edge[0].byte),
        ("a:b.log", 7, Some(90))
    );
    assert_eq!((edge[1].side, edge[1].file.as_str()), ("right", "c.json"));
    assert!(of(&[("evidence_file", ""), ("evidence_line", "")]).is_empty());
}
