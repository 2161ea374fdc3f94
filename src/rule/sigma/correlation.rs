//! Rules over several events: how many, how many different values, or several kinds, in some time.
//!
//! The window ends with the event that is found. Counts are asked from below only: that there were
//! few is also true where the log is short.

use rsigma_parser::{
    ConditionOperator, CorrelationCondition, CorrelationRule, CorrelationType, WindowMode,
};

use super::field::{Field, Log};

/// A rule that a correlation may name.
pub(super) struct Base<'l> {
    pub(super) log: &'l Log,
    /// Its condition on a row `e` of `event`.
    pub(super) condition: String,
}

const HOUR: u64 = 3_600;
/// A window in which events are compared with each other is at most this long.
const LONGEST: u64 = 24 * HOUR;

/// What is counted in a window.
enum Counted {
    Events,
    /// Different values of a field.
    Values(String),
    /// Different rules.
    Rules,
}

/// The SQL of a correlation over its rules, by the names it has for them, or why there is none.
pub(super) fn sql(
    correlation: &CorrelationRule,
    bases: &[(&str, &Base<'_>)],
) -> Result<String, String> {
    if correlation.window != WindowMode::Sliding {
        return Err("only sliding windows are read".to_owned());
    }
    let (counted, least) = asked(correlation, bases.len())?;
    let field = match &counted {
        Counted::Values(field) => Some(field.as_str()),
        Counted::Events | Counted::Rules => None,
    };
    let (groups, seconds) = (correlation.group_by.len(), correlation.timespan.seconds);
    let mut selects = Vec::new();
    for (number, (name, base)) in bases.iter().enumerate() {
        // A window needs a key, also where nothing is grouped by.
        let mut columns = vec![format!("'{number}' AS of_rule, 1 AS one")];
        for (index, group) in correlation.group_by.iter().enumerate() {
            let column = column(correlation, name, base, group)?;
            columns.push(format!("{column} AS group_{index}"));
        }
        let counted = field.map(|field| column(correlation, name, base, field));
        let counted = counted.transpose()?.unwrap_or_else(|| "''".to_owned());
        columns.push(format!("{counted} AS counted"));
        selects.push(format!(
            "SELECT e.event_id AS event_id, coalesce(e.principal, 'unknown') AS subject, e.object AS object, \
             e.operation AS operation, e.at AS at, e.hour AS hour, e.in_period AS in_period, e.source_file AS source_file, \
             e.source_line AS source_line, e.source_byte AS source_byte, {} FROM event e WHERE {} AND {}",
            columns.join(", "),
            base.log.rows,
            base.condition
        ));
    }
    let base = selects.join("\nUNION ALL\n");
    let found = match counted {
        Counted::Events => within_one_pass(groups, seconds, least),
        Counted::Values(_) => within_hours(groups, seconds, "counted", least)?,
        Counted::Rules => within_hours(groups, seconds, "of_rule", least)?,
    };
    Ok(format!(
        "WITH base AS (\n{base}\n),\n{found}\n\
         SELECT DISTINCT k.subject AS subject, k.object AS object, k.at AS at, k.source_file AS source_file, \
         k.source_line AS source_line, k.source_byte AS source_byte, k.operation AS detail\n\
         FROM base k JOIN window_of w ON w.event_id = k.event_id WHERE k.in_period = 1"
    ))
}

/// What is said of each column that is grouped by.
fn each_group(groups: usize, said: impl Fn(&str) -> String) -> String {
    (0..groups).map(|n| said(&format!("group_{n}"))).collect()
}

/// Events whose window holds enough: the one so many before it lies in it.
fn within_one_pass(groups: usize, seconds: u64, least: u64) -> String {
    let keys = each_group(groups, |name| format!(", {name}"));
    let there = each_group(groups, |name| format!(" AND {name} IS NOT NULL"));
    let once = format!(
        "once AS (SELECT DISTINCT event_id, at, one{keys} FROM base WHERE one = 1{there}),\n"
    );
    let before = least.saturating_sub(1);
    if before == 0 {
        return format!("{once}window_of AS (SELECT event_id FROM once)");
    }
    format!(
        "{once}counted AS (SELECT event_id, at, lag(at, {before}) OVER (PARTITION BY one{keys} ORDER BY at, event_id) AS first_at FROM once),\n\
         window_of AS (SELECT event_id FROM counted WHERE first_at >= at - INTERVAL '{seconds} seconds')"
    )
}

/// Events whose window holds enough different values: joined by the hours that the window reaches
/// into, so that a long log is not compared with itself.
fn within_hours(groups: usize, seconds: u64, value: &str, least: u64) -> Result<String, String> {
    if groups == 0 {
        let why =
            "different values or rules without `group-by`: everything is compared with everything";
        return Err(why.to_owned());
    }
    if seconds > LONGEST {
        return Err("a window above a day, of different values or rules".to_owned());
    }
    let keys = each_group(groups, |name| format!(", {name}"));
    let same = each_group(groups, |name| format!(" AND b.{name} = a.{name}"));
    let hours = (0..=seconds.div_ceil(HOUR)).map(|hour| {
        let later = hour * HOUR;
        format!(
            "SELECT event_id, at, {value} AS told, hour + INTERVAL '{later} seconds' AS hour{keys} FROM base"
        )
    });
    let hours: Vec<String> = hours.collect();
    Ok(format!(
        "reached AS (\n{}\n),\nwindow_of AS (\n  SELECT a.event_id AS event_id, count(DISTINCT b.told) AS n FROM base a \
         JOIN reached b ON b.hour = a.hour{same}\n  \
         WHERE b.at <= a.at AND b.at >= a.at - INTERVAL '{seconds} seconds'\n  \
         GROUP BY a.event_id HAVING count(DISTINCT b.told) >= {least}\n)",
        hours.join("\nUNION ALL\n")
    ))
}

/// What is counted, and from how many on.
fn asked(correlation: &CorrelationRule, rules: usize) -> Result<(Counted, u64), String> {
    let (predicates, field) = match &correlation.condition {
        CorrelationCondition::Threshold {
            predicates, field, ..
        } => (predicates.as_slice(), field.as_deref().unwrap_or_default()),
        CorrelationCondition::Extended(_) => {
            return Err("a condition over rules is not read".to_owned());
        }
    };
    let counted = match correlation.correlation_type {
        CorrelationType::EventCount => Counted::Events,
        CorrelationType::ValueCount => match field {
            [field] => Counted::Values(field.clone()),
            _ => return Err("`value_count` takes one field".to_owned()),
        },
        CorrelationType::Temporal => {
            let every = u64::try_from(rules).unwrap_or(u64::MAX);
            return match predicates {
                // The parser's word for none: every rule must match.
                [] | [(ConditionOperator::Gte, 1)] => Ok((Counted::Rules, every)),
                [(ConditionOperator::Gte | ConditionOperator::Eq, n)] if *n == every => {
                    Ok((Counted::Rules, every))
                }
                _ => Err("`temporal` with a number of its own is not read".to_owned()),
            };
        }
        other => return Err(format!("`{}` is not read", other.as_str())),
    };
    match predicates {
        [(ConditionOperator::Gte, least)] if *least > 0 => Ok((counted, *least)),
        [(ConditionOperator::Gt, below)] => Ok((counted, below.saturating_add(1))),
        _ => Err(
            "only `gte` and `gt` are read: that there were few, a log that is short says too"
                .to_owned(),
        ),
    }
}

/// The column of a field, by the name that an alias has for it in that rule.
fn column(
    correlation: &CorrelationRule,
    rule: &str,
    base: &Base<'_>,
    field: &str,
) -> Result<String, String> {
    let alias = correlation
        .aliases
        .iter()
        .find(|alias| alias.alias == field);
    let name = match alias {
        Some(alias) => alias
            .mapping
            .get(rule)
            .ok_or_else(|| format!("the alias `{field}` has no field of `{rule}`"))?,
        None => field,
    };
    match base.log.field(name)? {
        Field::Text(column) => Ok(format!("e.{column}")),
        Field::Number(column) => Ok(format!("CAST(e.{column} AS string)")),
        Field::Words(_) => Err(format!("`{name}` is no column to group or count by")),
    }
}
