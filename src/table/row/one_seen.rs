//! What is kept of one operation that was read.

use super::packed::Packed;
use super::repeat::{Contents, Mark};
use crate::model::Part;

/// The number of an operation that is not complete.
pub(super) const WAITING: u32 = u32::MAX;

/// What is kept of one operation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) parts: u16,
    /// Seconds between its first and last record, rounded up; the largest number for more.
    pub(super) span: u16,
    pub(super) operation: Mark,
    /// Two bits a device: request seen, response seen. Devices beyond the sixteenth share the last.
    pub(super) devices: u32,
    pub(super) number: u32,
    pub(super) contents: Contents,
}

impl Seen {
    pub(super) fn new(operation: Mark) -> Seen {
        Seen {
            parts: 0,
            span: 0,
            operation,
            devices: 0,
            number: WAITING,
            contents: Contents::default(),
        }
    }

    /// Whether what is known of a part, and of the caller of the operation, is from a device.
    pub(super) fn is_of(&self, device: u8, part: Part) -> bool {
        // Of a complete operation, the response says who called.
        let answered = self.number != WAITING && self.parts & bit(Part::Response) != 0;
        let lead = if answered { Part::Response } else { part };
        let wrote = |part| self.contents.is_of(part, device);
        self.parts & bit(part) != 0 && wrote(part) && wrote(lead)
    }
}

/// The bit of a part in [`Seen::parts`].
pub(super) fn bit(part: Part) -> u16 {
    match part {
        Part::Whole => 1,
        Part::Request => 2,
        Part::Response => 4,
        Part::First => 8,
        Part::Last => 16,
        Part::Split { index, .. } => 32 << index.min(10),
    }
}

impl Packed for Seen {
    fn write(&self, to: &mut Vec<u8>) {
        self.parts.write(to);
        self.span.write(to);
        self.operation.write(to);
        self.devices.write(to);
        self.number.write(to);
        self.contents.write(to);
    }
    fn read(from: &mut &[u8]) -> Option<Seen> {
        Some(Seen {
            parts: u16::read(from)?,
            span: u16::read(from)?,
            operation: Mark::read(from)?,
            devices: u32::read(from)?,
            number: u32::read(from)?,
            contents: Contents::read(from)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_same_once_it_was_bytes() {
        let seen = Seen {
            parts: 0x0102,
            span: 0x0304,
            operation: Mark::of("read"),
            devices: 0x0506_0708,
            number: 0x090a_0b0c,
            contents: Contents::default(),
        };
        let mut bytes = Vec::new();
        seen.write(&mut bytes);
        let mut from = bytes.as_slice();
        assert_eq!(
            format!("{:?}", Seen::read(&mut from)),
            format!("{:?}", Some(seen))
        );
        assert!(from.is_empty());
        assert!(Seen::read(&mut &bytes[1..]).is_none());
    }
}
