//! How the records of a source became what is judged: nothing is lost in between.

/// The bridge from the records of one source to its events or jobs.
///
/// `records = repeated + pairs + operations + pieces + things`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bridge {
    /// Records that were read, whatever their time.
    pub records: u64,
    /// Records already seen, in another file or on another device.
    pub repeated: u64,
    /// Vault responses that were joined to their requests.
    pub pairs: u64,
    /// Last entries of Google operations that were joined to their first.
    pub operations: u64,
    /// Pieces of split entries beyond the first.
    pub pieces: u64,
    /// What became of them: events, or jobs.
    pub things: u64,
    /// Of these, those outside the period.
    pub outside: u64,
    /// Of these, those without a time.
    pub undated: u64,
}

impl Bridge {
    /// Records that nothing explains; none, unless piperoll is at fault.
    #[must_use]
    pub fn unexplained(&self) -> i128 {
        let merged = [
            self.repeated,
            self.pairs,
            self.operations,
            self.pieces,
            self.things,
        ];
        i128::from(self.records) - merged.into_iter().map(i128::from).sum::<i128>()
    }

    /// Events or jobs inside the period.
    #[must_use]
    pub fn inside(&self) -> u64 {
        self.things
            .saturating_sub(self.outside)
            .saturating_sub(self.undated)
    }
}

/// What one audit device of Vault logged of the requests that any of them logged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditDevice {
    /// The folder that its files lie in.
    pub folder: String,
    /// Requests of which it has both records.
    pub both: u64,
    /// Requests of which it has the request alone.
    pub request_only: u64,
    /// Requests of which it has the response alone.
    pub response_only: u64,
    /// Requests that other devices have, and it does not.
    pub absent: u64,
    /// Of those that it has, requests that no other device has.
    pub alone: u64,
}
