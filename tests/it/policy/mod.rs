//! The policy engine against recordings, data and an evaluator written apart from it.

mod cli;
mod recording;
