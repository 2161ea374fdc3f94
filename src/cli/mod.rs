//! One file per subcommand: arguments to settings to one call. Nothing below knows the arguments.

pub mod verify;
//! One file per subcommand: arguments become settings, settings become a call.

pub mod policy;
