//! `data/audit_devices.csv`: Vault's audit devices against each other.

use std::io::{self, Write};

use super::cell::Table;
use super::{Report, ReportFormat, Written};

/// Writes `data/audit_devices.csv`.
pub struct AuditDevices;

const HEADER: &[&str] = &[
    "device",
    "requests",
    "both_records",
    "request_only",
    "response_only",
    "on_other_devices_only",
    "on_no_other_device",
];

impl ReportFormat for AuditDevices {
    fn path(&self) -> &'static str {
        "data/audit_devices.csv"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<Written> {
        let mut table = Table::new(out, HEADER)?;
        for device in report.devices {
            table.text(&device.folder)?;
            for count in [
                device.both + device.request_only + device.response_only,
                device.both,
                device.request_only,
                device.response_only,
                device.absent,
                device.alone,
            ] {
                table.number(count)?;
            }
            table.end()?;
        }
        table.finish()
    }
}
