//! Where the strings of a JSON text begin and end, byte by byte.

/// Whether the scan stands in a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quotes {
    in_string: bool,
    escaped: bool,
}

impl Quotes {
    /// Whether the last byte left a string open.
    pub(super) fn open(self) -> bool {
        self.in_string
    }

    /// Takes one more byte: whether it is of a string, its quotes included. JSON strings hold no raw
    /// line feed; it ends a broken one, so that the scan finds its way again behind it.
    #[inline]
    pub(super) fn hold(&mut self, byte: u8) -> bool {
        if !self.in_string {
            self.in_string = byte == b'"';
            return self.in_string;
        }
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' | b'\n' => self.in_string = false,
            _ => {}
        }
        byte != b'\n'
    }
}
