//! One file per subcommand: arguments to settings to one call. Nothing below knows the arguments.

pub mod rules;
pub mod tables;
pub mod verify;
