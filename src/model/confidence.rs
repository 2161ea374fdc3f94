//! How sure an edge or a finding is.

use std::fmt;

/// An ordinal degree of belief in hundredths, 0 to 100. It orders edges; it is no probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(pub u8);

impl Confidence {
    /// Certain: the record says so itself.
    pub const CERTAIN: Confidence = Confidence(100);
    /// Suspected: it rests on a hole of the evidence, so it is probable and never established.
    pub const SUSPECTED: Confidence = Confidence(70);

    /// The confidence left when `candidates` fit equally well.
    #[must_use]
    pub fn shared_by(self, candidates: usize) -> Confidence {
        let divisor = u8::try_from(candidates.max(1)).unwrap_or(u8::MAX);
        Confidence(self.0 / divisor)
    }

    /// The band this confidence falls into; `None` below 0.30, which is not reported.
    #[must_use]
    pub fn band(self) -> Option<Band> {
        match self.0 {
            80.. => Some(Band::Established),
            60.. => Some(Band::Probable),
            30.. => Some(Band::Possible),
            _ => None,
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// The reporting band of a confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// At least 0.30: appendix only, no severity above med.
    Possible,
    /// At least 0.60: one severity milder.
    Probable,
    /// At least 0.80: stated as a fact.
    Established,
}

impl Band {
    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Band::Possible => "possible",
            Band::Probable => "probable",
            Band::Established => "established",
        }
    }
}

/// The key an edge was made by, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// An explicit identifier stands in both records.
    K1,
    /// The same opaque handle stands in both records.
    K2,
    /// An alias or derived value names exactly one candidate.
    K3,
    /// Window, role and address name exactly one candidate.
    K4,
    /// Window and role alone.
    K5,
}

impl Key {
    /// The confidence of this key when it names a single candidate.
    #[must_use]
    pub fn confidence(self) -> Confidence {
        Confidence(match self {
            Key::K1 => 100,
            Key::K2 => 95,
            Key::K3 => 80,
            Key::K4 => 60,
            Key::K5 => 30,
        })
    }

    /// The name used in every output, `K1` to `K5`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Key::K1 => "K1",
            Key::K2 => "K2",
            Key::K3 => "K3",
            Key::K4 => "K4",
            Key::K5 => "K5",
        }
    }
}
