//! Schemas: the names, kinds and meanings of every table's columns.

/// The kind of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text; NULL, never empty.
    Text,
    /// A list of texts, possibly empty.
    Texts,
    /// A 64-bit whole number.
    Int,
    /// UTC microseconds since the epoch: `TIMESTAMP(us, UTC)` in SQL.
    Time,
    /// A number kept in hundredths, a floating-point number in SQL.
    Real,
}

impl Kind {
    /// The SQL type as `piperoll tables` prints it.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            Kind::Text => "VARCHAR",
            Kind::Texts => "VARCHAR[]",
            Kind::Int => "BIGINT",
            Kind::Time => "TIMESTAMP(us, UTC)",
            Kind::Real => "DOUBLE",
        }
    }
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name in SQL, snake case.
    pub name: &'static str,
    /// Kind of value.
    pub kind: Kind,
    /// What it means.
    pub about: &'static str,
}

/// One table.
#[derive(Debug)]
pub struct Schema {
    /// Name in SQL, snake case.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// Columns in order.
    pub columns: &'static [Column],
}

impl Schema {
    /// The position of a column.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// Declares a table: its schema, and a constant with the position of each column.
macro_rules! table {
    ($name:literal, $about:literal, { $($column:ident $sql:literal $kind:ident $doc:literal,)* }) => {
        #[allow(clippy::upper_case_acronyms, non_camel_case_types)]
        enum Order { $($column),* }
        $(
            #[doc = concat!("Position of `", $sql, "`: ", $doc)]
            pub const $column: usize = Order::$column as usize;
        )*
        #[doc = concat!("Schema of `", $name, "`: ", $about)]
        pub static SCHEMA: $crate::table::row::Schema = $crate::table::row::Schema {
            name: $name,
            about: $about,
            columns: &[$($crate::table::row::Column {
                name: $sql,
                kind: $crate::table::row::Kind::$kind,
                about: $doc,
            }),*],
        };
    };
}
pub(crate) use table;
