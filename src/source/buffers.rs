//! Memory for blocks, used again once they are parsed.

use std::sync::{Mutex, PoisonError};

/// The largest buffer that is kept: a block and the beginning of a long line.
const LARGEST: usize = 4 * 1024 * 1024;
/// How many are kept: as many as lie between cutting and parsing on a usual machine.
const KEPT: usize = 16;

/// Buffers that were parsed. What is new from the system is zeroed page by page first, which costs
/// more than to find the line feeds in it.
#[derive(Debug, Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    /// An empty buffer.
    pub(super) fn take(&self) -> Vec<u8> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_default()
    }

    /// Keeps the memory of a buffer that nobody reads any more.
    pub(super) fn give(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() == 0 || buffer.capacity() > LARGEST {
            return;
        }
        buffer.clear();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_and_its_content_is_not() {
        let buffers = Buffers::default();
        buffers.give(vec![7; 1000]);
        let again = buffers.take();
        assert!(again.is_empty() && again.capacity() >= 1000);
        assert_eq!(buffers.take().capacity(), 0);
        buffers.give(vec![7; LARGEST + 1]);
        assert_eq!(buffers.take().capacity(), 0);
    }
}
