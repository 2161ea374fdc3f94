//! The policy engine against recordings, data and an evaluator written apart from it.

mod agreement;
mod can;
mod cli;
mod generate;
mod naive;
mod recording;
mod rightsize;
mod sets;
mod table;
mod text;
