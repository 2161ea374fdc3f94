//! One file per subcommand: arguments to settings to one call. Nothing below knows the arguments.

pub mod policy;
pub mod verify;
