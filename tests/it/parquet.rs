//! Parquet carries the tables away whole: another store that takes them in gives the same answers.

use piperoll::config::{Settings, Threshold};
use piperoll::estate::{Estate, Request};
use piperoll::rule;
use piperoll::table::engine::{ResultSet, Store};
use piperoll::table::row::TABLES;

use super::product::fixture;

fn read() -> Estate {
    let thresholds = rule::thresholds(&rule::embedded().unwrap());
    let known: Vec<(&str, Threshold)> = thresholds
        .iter()
        .map(|(name, threshold)| (name.as_str(), *threshold))
        .collect();
    let configuration = fixture("estate/piperoll.toml");
    let text = std::fs::read_to_string(&configuration).unwrap();
    let settings = Settings::parse("piperoll.toml", &text, &known).unwrap();
    let request = Request {
        inputs: &[fixture("estate").display().to_string()],
        except: &[configuration],
        links: piperoll::source::Links::Followed,
        settings: &settings,
        config_file: "piperoll.toml",
        from: None,
        to: None,
        as_of: None,
    };
    Estate::read(&request, &mut ()).unwrap()
}

fn answer(store: &Store, sql: &str) -> ResultSet {
    let mut answer = store.query(sql).unwrap();
    answer.sort();
    answer
}

#[test]
fn a_store_that_takes_parquet_in_gives_the_same_answers() {
    let (estate, folder) = (read(), tempfile::tempdir().unwrap());
    estate.store.export(folder.path()).unwrap();
    let mut other = Store::new();
    other.import(folder.path()).unwrap();
    let mut rows = 0;
    for table in TABLES {
        assert_eq!(
            other.rows(table.name),
            estate.store.rows(table.name),
            "{}",
            table.name
        );
        let sql = format!("SELECT * FROM {}", table.name);
        let (one, two) = (answer(&estate.store, &sql), answer(&other, &sql));
        assert_eq!(one.columns, two.columns, "{}", table.name);
        let same = one
            .rows
            .iter()
            .zip(&two.rows)
            .all(|(a, b)| format!("{a:?}") == format!("{b:?}"));
        assert!(same && one.rows.len() == two.rows.len(), "{}", table.name);
        rows += one.rows.len();
    }
    assert!(rows > 5_000, "{rows} rows");
    let sql = "SELECT e.role, COUNT(*) AS n, MIN(e.at) AS first FROM event e \
               JOIN chain c ON c.event_id = e.event_id GROUP BY e.role";
    let (one, two) = (answer(&estate.store, sql), answer(&other, sql));
    assert!(one.rows.len() > 3 && format!("{:?}", one.rows) == format!("{:?}", two.rows));
}
