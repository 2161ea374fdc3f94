//! What one block of records said: the sink that parsers push into.

use super::Symbols;
use super::half::Half;
use crate::model::{Event, Export, Exports, Sink};

/// Everything the records of one block said, in their order.
#[derive(Debug, Default)]
pub struct Harvest {
    /// Texts of `halves`.
    pub symbols: Symbols,
    /// Operations and parts of operations.
    pub halves: Vec<Half>,
    /// Everything else.
    pub exports: Exports,
}

impl Sink for Harvest {
    fn event(&mut self, event: &Event<'_>) {
        let half = Half::after(self.halves.last(), event, &mut self.symbols);
        self.halves.push(half);
    }
    fn export(&mut self, export: Export) {
        self.exports.add(export);
    }
}
