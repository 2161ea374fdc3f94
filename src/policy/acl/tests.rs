//! Decisions, one property of the function at a time.
