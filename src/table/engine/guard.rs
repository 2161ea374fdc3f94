//! What a query may be: one SELECT, with or without WITH, over the registered tables.
//!
//! Polars runs more than that: `read_parquet('…')` opens any file of the machine and makes
//! requests, DROP and CREATE change what is registered. The text is parsed here as Polars parses it
//! and refused unless every part of it is known to read tables only.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Query, Select, SelectItem, SetExpr, Statement, TableFactor, Visit as _, Visitor as Walk,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError, ParserOptions};

use super::refusal::{ONLY, Refusal};

/// The longest text of a query.
const LONGEST: usize = 64 << 10;
/// How deep expressions and queries may lie in each other: Polars plans by recursion.
const DEEPEST: usize = 500;

/// Refuses a query that does anything but read the tables of `known`.
///
/// Runs deep in the tree of the query: call it where there is stack for that.
pub(super) fn check(sql: &str, known: &[&str]) -> Result<Asked, Box<Refusal>> {
    if sql.len() > LONGEST {
        return Err(Refusal::new(format!(
            "the query is {} bytes long, more than {LONGEST}",
            sql.len()
        )));
    }
    let statements = statements(sql).map_err(|error| Refusal::new(syntax(&error)))?;
    let many = statements.len();
    let mut statements = statements.into_iter();
    let statement = match (statements.next(), many) {
        (Some(statement), 1) => statement,
        (None, _) => return Err(Refusal::new("the query is empty")),
        (Some(_), more) => {
            return Err(Refusal::new(format!(
                "these are {more} statements, not one"
            )));
        }
    };
    if !matches!(statement, Statement::Query(_)) {
        return Err(not_read(sql));
    }
    let mut names = Names::default();
    let _ = statement.visit(&mut names);
    let mut reader = Reader {
        known,
        named: names.0,
        depth: 0,
    };
    match statement.visit(&mut reader) {
        ControlFlow::Break(refusal) => return Err(refusal),
        ControlFlow::Continue(()) => {}
    }
    match statement {
        Statement::Query(query) => Ok(Asked {
            counts: counts(&query),
            query,
        }),
        _ => Err(not_read(sql)),
    }
}

/// The statements of a text, as Polars reads it.
fn statements(sql: &str) -> Result<Vec<Statement>, ParserError> {
    let options = ParserOptions {
        trailing_commas: true,
        ..ParserOptions::default()
    };
    let parser = Parser::new(&GenericDialect).with_options(options);
    parser.try_with_sql(sql)?.parse_statements()
}

/// An expression that was made of a part of such a query; `None` where it is none.
pub(super) fn expression(sql: &str) -> Option<Expr> {
    let parser = Parser::new(&GenericDialect).try_with_sql(sql).ok();
    parser?.parse_expr().ok()
}

/// What a text asks that was made of a query which [`check`] let pass; `None` where it is no query.
pub(super) fn query(sql: &str) -> Option<Box<Query>> {
    match statements(sql).ok()?.pop()? {
        Statement::Query(query) => Some(query),
        _ => None,
    }
}

/// The refusal of a statement that is no query.
fn not_read(sql: &str) -> Box<Refusal> {
    Refusal::new(format!("`{}` is not read here", first_word(sql)))
}

/// A query that only reads.
pub(super) struct Asked {
    /// The query.
    pub(super) query: Box<Query>,
    /// Whether a column is `count(*)` without a name of its own; Polars calls it `len`.
    pub(super) counts: bool,
}

/// Whether the columns of a query's answer hold a `count(*)` that is given no name.
fn counts(query: &Query) -> bool {
    let mut body = query.body.as_ref();
    loop {
        match body {
            SetExpr::SetOperation { left, .. } => body = left.as_ref(),
            SetExpr::Query(inner) => body = inner.body.as_ref(),
            SetExpr::Select(select) => {
                return select.projection.iter().any(|item| match item {
                    SelectItem::UnnamedExpr(Expr::Function(function)) => {
                        function.to_string().eq_ignore_ascii_case("count(*)")
                    }
                    _ => false,
                });
            }
            _ => return false,
        }
    }
}

/// What the parser did not understand.
fn syntax(error: &ParserError) -> String {
    match error {
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => {
            format!("this is not SQL: {}", super::complaint::plain(text))
        }
        ParserError::RecursionLimitExceeded => {
            "the query is nested too deeply to be read".to_owned()
        }
    }
}

fn first_word(sql: &str) -> String {
    let word: String = sql
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_alphabetic())
        .take(30)
        .collect();
    word.to_ascii_uppercase()
}

/// The names that WITH gives to queries.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Walk for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let named = query.with.iter().flat_map(|with| &with.cte_tables);
        self.0
            .extend(named.map(|table| table.alias.name.value.clone()));
        ControlFlow::Continue(())
    }
}

struct Reader<'k> {
    known: &'k [&'k str],
    named: BTreeSet<String>,
    depth: usize,
}

type Step = ControlFlow<Box<Refusal>>;

fn refuse(reason: impl Into<String>) -> Step {
    ControlFlow::Break(Refusal::new(reason))
}

impl Reader<'_> {
    fn enter(&mut self) -> Step {
        self.depth += 1;
        if self.depth > DEEPEST {
            return refuse(format!("the query is nested more than {DEEPEST} deep"));
        }
        ControlFlow::Continue(())
    }

    fn leave(&mut self) -> Step {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn body(&mut self, body: &SetExpr) -> Step {
        // A union of many is as deep as it is long.
        let (mut body, mut deep) = (body, 0);
        loop {
            match body {
                SetExpr::Select(_) | SetExpr::Query(_) => return ControlFlow::Continue(()),
                SetExpr::SetOperation { left, right, .. } => {
                    deep += 1;
                    if deep > DEEPEST {
                        return refuse(format!("more than {DEEPEST} queries in a row"));
                    }
                    self.body(right)?;
                    body = left;
                }
                SetExpr::Values(_) => return refuse("`VALUES` is not read here"),
                SetExpr::Table(_) => return refuse("`TABLE` is not read here"),
                SetExpr::Insert(_)
                | SetExpr::Update(_)
                | SetExpr::Delete(_)
                | SetExpr::Merge(_) => return refuse("a query changes nothing"),
            }
        }
    }

    fn table(&self, name: &str) -> Step {
        if self.known.contains(&name) || self.named.contains(name) {
            return ControlFlow::Continue(());
        }
        let candidates = self
            .known
            .iter()
            .copied()
            .chain(self.named.iter().map(String::as_str));
        let near = super::complaint::nearest(name, candidates);
        let help = match near {
            Some(near) => format!("did you mean `{near}`? `piperoll tables` lists all"),
            None => ONLY.to_owned(),
        };
        ControlFlow::Break(Refusal::with(format!("there is no table `{name}`"), help))
    }
}

impl Walk for Reader<'_> {
    type Break = Box<Refusal>;

    fn pre_visit_query(&mut self, query: &Query) -> Step {
        self.enter()?;
        if !query.locks.is_empty() || query.for_clause.is_some() {
            return refuse("`FOR` is not read here");
        }
        if query.settings.is_some() || query.format_clause.is_some() {
            return refuse("`SETTINGS` and `FORMAT` are not read here");
        }
        if !query.pipe_operators.is_empty() {
            return refuse("`|>` is not read here");
        }
        self.body(&query.body)
    }

    fn post_visit_query(&mut self, _: &Query) -> Step {
        self.leave()
    }

    fn pre_visit_select(&mut self, select: &Select) -> Step {
        if select.into.is_some() {
            return refuse("`SELECT INTO` makes a table; a query changes nothing");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Step {
        self.enter()?;
        match factor {
            TableFactor::Table { name, args, .. } if args.is_some() => refuse(format!(
                "`{name}(…)` is no table; functions are not read from"
            )),
            TableFactor::Table { name, .. } => match name.0.as_slice() {
                [part] => match part.as_ident() {
                    Some(ident) => self.table(&ident.value),
                    None => refuse(format!("`{name}` is no table")),
                },
                _ => refuse(format!(
                    "`{name}` is no table: tables have one name, without a dot"
                )),
            },
            TableFactor::Derived { .. }
            | TableFactor::NestedJoin { .. }
            | TableFactor::UNNEST { .. } => ControlFlow::Continue(()),
            other => refuse(format!(
                "`{other}` is no table; functions are not read from"
            )),
        }
    }

    fn post_visit_table_factor(&mut self, _: &TableFactor) -> Step {
        self.leave()
    }

    fn pre_visit_expr(&mut self, _: &Expr) -> Step {
        self.enter()
    }

    fn post_visit_expr(&mut self, _: &Expr) -> Step {
        self.leave()
    }

    fn pre_visit_statement(&mut self, statement: &Statement) -> Step {
        match statement {
            Statement::Query(_) => ControlFlow::Continue(()),
            _ => refuse("a query changes nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(sql: &str) -> Result<(), String> {
        check(sql, &["event", "job"])
            .map(|_| ())
            .map_err(|refusal| format!("{} / {}", refusal.reason, refusal.help))
    }

    #[test]
    fn a_select_over_tables_is_read_however_it_is_built() {
        for sql in [
            "SELECT 1",
            "select * from event limit 3",
            "WITH a AS (SELECT * FROM event), b AS (SELECT * FROM a) SELECT * FROM b JOIN job j ON j.job_id = b.x",
            "SELECT * FROM (SELECT path FROM event) AS d WHERE path IN (SELECT name FROM \"job\")",
            "(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1",
            "SELECT count(*) FROM event, job;",
        ] {
            assert_eq!(ask(sql), Ok(()), "{sql}");
        }
    }

    #[test]
    fn whatever_does_more_than_read_tables_is_refused() {
        for sql in [
            "SELECT * FROM read_parquet('http://127.0.0.1:9/x')",
            "SELECT * FROM READ_PARQUET('/etc/x.parquet') AS t",
            "SELECT * FROM event WHERE path IN (SELECT a FROM read_csv('x'))",
            "WITH a AS (SELECT * FROM scan_parquet('x')) SELECT 1",
            "SELECT (SELECT a FROM read_json('x'))",
            "SELECT * FROM TABLE(read_parquet('x'))",
            "SELECT * FROM LATERAL read_parquet('x')",
            "SELECT * FROM '/etc/x.parquet'",
            "SELECT * FROM public.event",
            "SELECT * INTO copy FROM event",
            "DROP TABLE event",
            "CREATE TABLE a AS SELECT * FROM event",
            "CREATE TABLE a AS SELECT * FROM read_parquet('x')",
            "DELETE FROM event",
            "TRUNCATE TABLE event",
            "INSERT INTO event SELECT * FROM event",
            "UPDATE event SET path = ''",
            "EXPLAIN SELECT * FROM event",
            "SHOW TABLES",
            "TABLE event",
            "VALUES (1)",
            "COPY event TO '/tmp/x'",
            "SET a = 1",
            "SELECT 1; DROP TABLE event",
            "",
            "-- nothing",
        ] {
            let answer = ask(sql);
            assert!(
                answer.as_ref().is_err_and(|text| !text.contains('{')),
                "{sql}: {answer:?}"
            );
        }
    }

    #[test]
    fn a_table_that_is_not_there_is_suggested() {
        let said = ask("SELECT * FROM events").unwrap_err();
        assert!(
            said.contains("no table `events`") && said.contains("did you mean `event`"),
            "{said}"
        );
        let said = ask("SELECT * FROM EVENT").unwrap_err();
        assert!(said.contains("did you mean `event`"), "{said}");
    }

    #[test]
    fn a_query_that_is_too_long_or_too_deep_is_refused_before_it_is_planned() {
        let thread = std::thread::Builder::new().stack_size(64 << 20);
        let asked = thread.spawn(|| {
            assert!(ask(&format!("SELECT '{}'", "x".repeat(LONGEST))).is_err());
            let sum = format!("SELECT 1{}", "+1".repeat(30_000));
            assert!(ask(&sum).unwrap_err().contains("deep"));
            let nested = format!("SELECT {}1{}", "(".repeat(20_000), ")".repeat(20_000));
            assert!(ask(&nested).is_err());
            let unions = vec!["SELECT 1"; 2_000].join(" UNION ALL ");
            assert!(ask(&unions).unwrap_err().contains("in a row"));
        });
        asked.unwrap().join().unwrap();
    }
}
