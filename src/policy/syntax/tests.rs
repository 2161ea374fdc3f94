//! Texts that a server takes or refuses, one property at a time.
