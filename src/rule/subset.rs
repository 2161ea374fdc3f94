//! The portable SQL subset: what runs the same on the embedded engine and on Spark.
//!
//! Each ban names a construct that an engine refuses, or answers differently without an error
//! (integer division, NULL order, list positions, regular-expression escapes).

/// A construct that a rule may not use, and what to write instead.
const BANNED: &[(&str, &str)] = &[
    (
        "/",
        "engines differ on integer division; multiply the other side",
    ),
    ("[", "list positions differ; use array_contains"),
    (
        "\\",
        "engines differ on backslashes; write [.] in a pattern",
    ),
    (
        "\"",
        "Spark reads a quoted name as text; use plain lower-case names",
    ),
    (
        "unnest",
        "engines differ on empty lists; use array_contains",
    ),
    ("explode", "only Spark knows it; use array_contains"),
    (
        "range",
        "frames by RANGE are not portable; use a join with a time range",
    ),
    (
        "rows",
        "frames by ROWS are not portable; use a join with a time range",
    ),
    ("any", "only some engines know it; use array_contains"),
    ("rlike", "use regexp_like"),
    ("regexp_replace", "engines replace one or all matches"),
    ("starts_with", "use LIKE 'prefix%'"),
    (
        "exists",
        "the embedded engine has no EXISTS; use LEFT JOIN ... IS NULL",
    ),
    ("anti", "use LEFT JOIN ... IS NULL"),
    ("semi", "use IN (SELECT ...)"),
    ("qualify", "use row_number() in a WITH query"),
    ("date_trunc", "use the column hour"),
    (
        "timestamp",
        "compare times with each other; the period is in_period = 1",
    ),
    ("extract", "engines differ; compute it in Rust"),
    ("limit", "a rule never stops early"),
    ("varchar", "Spark asks for a length; cast to string"),
];

/// What is wrong with a rule's SQL; empty when it stays inside the subset.
///
/// Text in quotes is not looked at, except for backslashes; comments are refused.
#[must_use]
pub fn lint(sql: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let (bare, texts) = split_quoted(sql);
    if bare.contains("--") || bare.contains("/*") {
        faults.push("comments belong into the rule's `logic`".to_owned());
    }
    if texts.contains('\\') {
        faults.push("`\\`: engines differ on backslashes; write [.] in a pattern".to_owned());
    }
    if mixed_case_name(&bare) {
        faults.push("names are lower case; key words are upper or lower case".to_owned());
    }
    let lower = bare.to_ascii_lowercase();
    for (construct, why) in BANNED {
        let found = if construct
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            words(&lower).any(|word| word == *construct)
        } else {
            lower.contains(construct)
        };
        if found {
            faults.push(format!("`{construct}`: {why}"));
        }
    }
    let ordered = words(&lower).any(|word| word == "order");
    if ordered && !lower.contains("over (") && !lower.contains("over(") {
        faults.push("`order by` outside a window: results are sorted in Rust".to_owned());
    }
    faults
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}

/// Whether a word has letters of both cases: engines fold such names differently.
fn mixed_case_name(text: &str) -> bool {
    words(text).any(|word| {
        word.contains(|c: char| c.is_ascii_uppercase())
            && word.contains(|c: char| c.is_ascii_lowercase())
    })
}

/// The SQL without quoted texts, and those texts.
fn split_quoted(sql: &str) -> (String, String) {
    let (mut bare, mut texts) = (String::new(), String::new());
    for (index, piece) in sql.split('\'').enumerate() {
        if index % 2 == 0 {
            bare.push_str(piece);
            bare.push(' ');
        } else {
            texts.push_str(piece);
            texts.push(' ');
        }
    }
    (bare, texts)
}

#[cfg(test)]
mod tests {
    use super::lint;

    #[test]
    fn plain_queries_are_inside() {
        let sql = "SELECT path AS object FROM event WHERE path LIKE 'sys/a%' AND \
                   regexp_like(path, '^sys/[^/]+') AND at > b + INTERVAL '60 seconds'";
        assert_eq!(lint(sql), Vec::<String>::new());
    }

    #[test]
    fn each_banned_construct_is_named() {
        for sql in [
            "SELECT a / 2 FROM t",
            "SELECT a[1] FROM t",
            "SELECT unnest(a) FROM t",
            "SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM u)",
            "SELECT a FROM t ORDER BY a",
            "SELECT a FROM t WHERE regexp_like(a, 'x\\.y')",
            "SELECT sourceFile FROM t",
            "SELECT a FROM t -- why",
            "SELECT a FROM t LIMIT 3",
            "SELECT cast(a AS varchar) AS b FROM t",
        ] {
            assert_eq!(lint(sql).len(), 1, "{sql}: {:?}", lint(sql));
        }
    }
}
