//! Rows of what the logs say about themselves: lone records, and how well logins could be joined.

use std::collections::BTreeMap;

use super::Error;
use super::devices::Devices;
use super::fact_rows::EvidenceColumns;
use crate::identity::{Directory, MountClass, Readiness};
use crate::model::{FileCoverage, Part, Period, Timestamp};
use crate::table::row::pairing::Lone;
use crate::table::row::{Batch, orphan, readiness};

/// What is known of one audit device.
#[derive(Default)]
struct Device {
    records: u64,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
}

/// Lone records of every device, by device and place.
pub(super) fn orphan_rows(
    mut lone: Vec<(u8, Lone)>,
    devices: &Devices,
    coverage: &[FileCoverage],
    files: &[String],
    period: Period,
) -> Result<Batch, Error> {
    lone.sort_by_key(|(device, lone)| (*device, lone.place));
    let mut known: BTreeMap<&str, Device> = BTreeMap::new();
    for file in coverage.iter().filter(|file| file.source == "vault") {
        let device = known.entry(devices.name_of(&file.path)).or_default();
        device.first_at = device.first_at.into_iter().chain(file.first_at).min();
        device.last_at = device.last_at.into_iter().chain(file.last_at).max();
    }
    // What a device logged twice is one record.
    for logged in &devices.logged {
        let records = 2 * logged.both + logged.request_only + logged.response_only;
        known.entry(&logged.folder).or_default().records = records;
    }
    let mut batch = Batch::new(&orphan::SCHEMA);
    for (device, lone) in &lone {
        let name = devices
            .names
            .get(usize::from(*device))
            .map_or("", String::as_str);
        let device = known.get(name);
        let mut row = batch.row();
        row.text(orphan::DEVICE, if name.is_empty() { "./" } else { name })
            .text(
                orphan::PART,
                if lone.part == Part::Request {
                    "request"
                } else {
                    "response"
                },
            )
            .int(orphan::AT, lone.at.0)
            .text(orphan::PATH, &lone.path)
            .int(orphan::ELSEWHERE, i64::from(lone.elsewhere))
            .int(
                orphan::DEVICE_RECORDS,
                device.and_then(|device| i64::try_from(device.records).ok()),
            )
            .int(
                orphan::DEVICE_FIRST_AT,
                device.and_then(|device| device.first_at).map(|at| at.0),
            )
            .int(
                orphan::DEVICE_LAST_AT,
                device.and_then(|device| device.last_at).map(|at| at.0),
            )
            .int(orphan::IN_PERIOD, i64::from(period.contains(lone.at)));
        EvidenceColumns(orphan::SOURCE_FILE).fill(&mut row, lone.place, files)?;
    }
    Ok(batch)
}

/// Numbers of logins per mount and day. A class of logins whose partners were not exported at all
/// is left out: no export is no evidence of a bad join.
pub(super) fn readiness_rows(
    days: &[Readiness],
    directory: &Directory,
    files: &[String],
) -> Result<Batch, Error> {
    let mut batch = Batch::new(&readiness::SCHEMA);
    for found in days {
        let judged = match found.class {
            _ if !found.can_name => false,
            Some(MountClass::Ci) => !directory.jobs.is_empty(),
            Some(MountClass::Workload) => !directory.services.is_empty(),
            _ => false,
        };
        if !judged {
            continue;
        }
        let whole = |value: u64| i64::try_from(value).ok();
        let mut row = batch.row();
        row.text(readiness::MOUNT_ID, &found.role)
            .text(
                readiness::MOUNT_CLASS,
                found.class.map_or("", MountClass::as_str),
            )
            .text(readiness::DAY, &found.day.date())
            .int(readiness::DAY_AT, found.day.0)
            .int(readiness::LOGINS, whole(found.logins))
            .int(readiness::ESTABLISHED, whole(found.established))
            .int(readiness::AMBIGUOUS, whole(found.ambiguous))
            .int(readiness::UNJOINED, whole(found.unjoined))
            .int(readiness::UNLISTED, whole(found.unlisted))
            .text(readiness::LOGIN_ID, &found.open_login);
        EvidenceColumns(readiness::SOURCE_FILE).fill(&mut row, found.place, files)?;
    }
    Ok(batch)
}
