//! The one integration test binary.

// `clippy.toml` allows these in test functions only; here the helpers are tests too.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used
)]

#[cfg(feature = "tables")]
mod ablation;
#[cfg(feature = "tables")]
mod accounting;
#[cfg(feature = "tables")]
mod bad_input;
#[cfg(feature = "tables")]
mod beside;
#[cfg(feature = "tables")]
mod bombs;
#[cfg(feature = "tables")]
mod cases;
mod claims;
#[cfg(feature = "tables")]
mod collected;
#[cfg(feature = "tables")]
mod configuration;
#[cfg(all(feature = "tables", unix))]
mod conversation;
mod deploy;
#[cfg(feature = "tables")]
mod determinism;
mod estate;
#[cfg(feature = "tables")]
mod estate_beyond;
#[cfg(feature = "tables")]
mod estate_changes;
mod estate_policy;
mod estate_reading;
#[cfg(all(feature = "tables", unix))]
mod examples;
#[cfg(feature = "tables")]
mod exceptions;
#[cfg(all(feature = "tables", unix))]
mod export_okta_kuma;
#[cfg(all(feature = "tables", unix))]
mod export_scripts;
#[cfg(feature = "tables")]
mod first_screen;
#[cfg(feature = "tables")]
mod forged_copy;
#[cfg(feature = "tables")]
mod forged_exports;
#[cfg(feature = "tables")]
mod forged_id;
#[cfg(feature = "tables")]
mod forged_text;
mod frameworks;
#[cfg(feature = "tables")]
mod gates;
#[cfg(feature = "tables")]
mod hard_estate;
#[cfg(feature = "tables")]
mod healthy_estate;
#[cfg(feature = "tables")]
mod hidden_reasons;
#[cfg(feature = "tables")]
mod hostile;
mod house;
#[cfg(feature = "tables")]
mod identity_of_findings;
#[cfg(feature = "tables")]
mod init;
#[cfg(feature = "tables")]
mod judge;
#[cfg(feature = "tables")]
mod keys;
#[cfg(feature = "tables")]
mod less_evidence;
#[cfg(all(feature = "tables", unix))]
mod links;
mod lint;
mod lint_bypass;
mod lint_fix;
mod lint_formats;
mod lint_logs;
mod lint_long;
mod lint_mesh;
mod lint_terraform;
mod lint_waivers;
#[cfg(feature = "tables")]
mod live_truth;
#[cfg(feature = "tables")]
mod mesh_formats;
#[cfg(feature = "tables")]
mod misplaced;
#[cfg(feature = "tables")]
mod missing_source;
#[cfg(feature = "tables")]
mod named_by_logs;
#[cfg(all(feature = "tables", target_os = "linux"))]
mod no_network;
#[cfg(feature = "tables")]
mod one_folder;
#[cfg(feature = "tables")]
mod operations;
#[cfg(feature = "tables")]
mod own_controls;
#[cfg(feature = "tables")]
mod own_rules;
mod owners_ci;
#[cfg(feature = "tables")]
mod owners_logs;
mod owners_meaning;
#[cfg(feature = "tables")]
mod pack_states;
#[cfg(feature = "tables")]
mod pack_use;
#[cfg(feature = "tables")]
mod parquet;
mod parsers;
#[cfg(feature = "tables")]
mod parted_sources;
mod policy;
#[cfg(feature = "tables")]
mod populations;
#[cfg(all(feature = "tables", unix))]
mod private;
#[cfg(feature = "tables")]
mod product;
#[cfg(feature = "tables")]
mod query;
#[cfg(feature = "tables")]
mod quiet;
mod readme;
#[cfg(feature = "tables")]
mod refused_kinds;
#[cfg(feature = "tables")]
mod reperform;
mod report_page;
#[cfg(feature = "tables")]
mod report_truth;
#[cfg(feature = "tables")]
mod report_use;
#[cfg(feature = "tables")]
mod rerun;
#[cfg(feature = "tables")]
mod responses;
#[cfg(feature = "tables")]
mod restated;
#[cfg(feature = "tables")]
mod reviews;
#[cfg(feature = "tables")]
mod rule_choice;
#[cfg(feature = "tables")]
mod rule_pages;
#[cfg(feature = "tables")]
mod schedule;
#[cfg(feature = "tables")]
mod secrets_nowhere;
#[cfg(feature = "tables")]
mod settings_met;
#[cfg(feature = "tables")]
mod shell;
#[cfg(feature = "tables")]
mod shipped_twice;
#[cfg(feature = "tables")]
mod sigma;
#[cfg(feature = "tables")]
mod signed;
#[cfg(feature = "tables")]
mod silent_node;
mod skipped;
#[cfg(feature = "tables")]
mod spark;
#[cfg(feature = "tables")]
mod store;
#[cfg(feature = "tables")]
mod stray_server;
#[cfg(feature = "tables")]
mod tables;
#[cfg(feature = "tables")]
mod templates;
#[cfg(feature = "tables")]
mod times;
#[cfg(feature = "tables")]
mod timings;
#[cfg(feature = "tables")]
mod trace;
#[cfg(feature = "tables")]
mod trace_handle;
#[cfg(feature = "tables")]
mod unread_exports;
#[cfg(feature = "tables")]
mod vault_log;
#[cfg(feature = "tables")]
mod vault_sequence;
#[cfg(feature = "tables")]
mod weak_joins;
#[cfg(feature = "tables")]
mod without_logs;
#[cfg(feature = "tables")]
mod wrapped_sources;
