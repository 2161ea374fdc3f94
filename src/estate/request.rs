//! What a run is asked to read, and how an estate comes of it.

use std::path::PathBuf;

use super::accounts::Accounts;
use super::extent::Minutes;
use super::gather::gather;
use super::tabulation::tabulate;
use super::{Error, Estate, JoinedEstate, formats};
use crate::config::Settings;
use crate::identity::Scope;
use crate::model::{Period, Phase, Source, Timestamp, Watch};
use crate::scratch::Scratch;
use crate::source::{InputFile, Links, expand, has_streams, keep_streams};
use crate::store::InputStore;

/// What a run is asked to read.
#[derive(Debug)]
pub struct Request<'r> {
    /// INPUT arguments; empty means `[input] paths`.
    pub inputs: &'r [String],
    /// Paths that are never input.
    pub except: &'r [PathBuf],
    /// What becomes of links that leave the inputs.
    pub links: Links,
    /// Configuration.
    pub settings: &'r Settings,
    /// Name of the configuration file, for evidence of settings; empty without one.
    pub config_file: &'r str,
    /// `--from`.
    pub from: Option<Timestamp>,
    /// `--to`.
    pub to: Option<Timestamp>,
    /// `--as-of`.
    pub as_of: Option<Timestamp>,
}

impl Estate {
    /// Reads, joins and tabulates.
    ///
    /// # Errors
    ///
    /// When there is nothing to read, the period is reversed, or the tables cannot be kept.
    pub fn read(request: &Request<'_>, watch: &mut dyn Watch) -> Result<Estate, Error> {
        Ok(JoinedEstate::read(request, watch)?.tabled)
    }
}

impl JoinedEstate {
    /// Reads, joins and tabulates.
    ///
    /// # Errors
    ///
    /// As [`Estate::read`].
    pub fn read(request: &Request<'_>, watch: &mut dyn Watch) -> Result<JoinedEstate, Error> {
        let settings = request.settings;
        let inputs = if request.inputs.is_empty() {
            &settings.input_paths
        } else {
            request.inputs
        };
        let files = expand(inputs, request.except, request.links)?;
        let (stored, streams) = kept(&files)?;
        let mut joined = join(request, &files, &stored, None, watch)?;
        let estate = &mut joined.tabled;
        (estate.files, estate.stored, estate.streams) = (files, stored, streams);
        Ok(joined)
    }

    /// The same of what a store keeps, whatever the request names as inputs.
    ///
    /// # Errors
    ///
    /// As [`Estate::read`]; also where the store is not what was written.
    pub fn read_store(
        store: InputStore,
        request: &Request<'_>,
        watch: &mut dyn Watch,
    ) -> Result<JoinedEstate, Error> {
        let files = store.files();
        let mut joined = join(request, &files, &files, Some(&store), watch)?;
        let estate = &mut joined.tabled;
        (estate.files, estate.stored) = (files.clone(), files);
        estate.inputs = Some(store);
        Ok(joined)
    }
}

/// Reads and joins `stored`, which are the `files` where they can be read again.
fn join(
    request: &Request<'_>,
    files: &[InputFile],
    stored: &[InputFile],
    store: Option<&InputStore>,
    watch: &mut dyn Watch,
) -> Result<JoinedEstate, Error> {
    let settings = request.settings;
    let from = request.from.or(settings.period.from);
    let to = request.to.or(settings.period.to);
    let asked = (from.is_some() || to.is_some()).then(|| Period {
        from: from.unwrap_or(Timestamp::MIN),
        to: to.unwrap_or(Timestamp::MAX),
    });
    if let Some(Period { from, to }) = asked.filter(|period| period.to <= period.from) {
        return Err(Error::Period { from, to });
    }
    let mut gathered = gather(stored, store, asked, watch)?;
    watch.ended(Phase::Read, gathered.accounts.units());
    if let Some(fault) = gathered.events.fault.take() {
        return Err(fault.into());
    }
    let derived = derive(&gathered.accounts, asked);
    gathered.accounts.derived(derived);
    gathered.minutes = timely(gathered.minutes, &gathered.accounts);
    let as_of = request
        .as_of
        .or(settings.period.as_of)
        .unwrap_or(derived.to);
    let scope = Scope { settings, as_of };
    let mut joined = tabulate(gathered, files, derived, scope, request.config_file, watch)?;
    let estate = &mut joined.tabled;
    watch.ended(Phase::Tabulate, estate.store.all_rows());
    estate.period_derived = from.is_none() || to.is_none();
    Ok(joined)
}

/// The files as they can be read again, and where those are that came from pipes.
fn kept(files: &[InputFile]) -> Result<(Vec<InputFile>, Option<Scratch>), Error> {
    if !has_streams(files) {
        return Ok((files.to_vec(), None));
    }
    let scratch = Scratch::new_in(&std::env::temp_dir(), "piperoll-").map_err(Error::Streams)?;
    let stored = keep_streams(files, scratch.path()).map_err(Error::Streams)?;
    Ok((stored, Some(scratch)))
}

/// The minutes in which logs spoke, without the records of another age of those in order of time.
fn timely(mut minutes: Minutes, accounts: &Accounts) -> Minutes {
    let Some(mass) = accounts.mass() else {
        return minutes;
    };
    let stretch = Period {
        from: mass.first,
        to: mass.last.plus_micros(1),
    };
    minutes.keep(stretch, |log| {
        let source = log.of.split('/').next().and_then(formats::source);
        source.is_some_and(Source::is_ordered)
    });
    minutes
}

/// The asked period, its open ends closed by the mass of the logs: `[first, last + 1 us)`. Unknown
/// where none was asked and nothing that was read is dated.
fn derive(accounts: &Accounts, asked: Option<Period>) -> Period {
    let mass = accounts.mass().map(|mass| (mass.first, mass.last));
    let Some((first, last)) = mass.or(asked.map(|_| (Timestamp(0), Timestamp(0)))) else {
        return Period::UNKNOWN;
    };
    let asked = asked.unwrap_or(Period::ALL);
    let from = if asked.from == Timestamp::MIN {
        first
    } else {
        asked.from
    };
    let to = if asked.to == Timestamp::MAX {
        last.plus_micros(1)
    } else {
        asked.to
    };
    Period {
        from,
        to: to.max(from),
    }
}
