//! The work as functions of the virtual machine: one runs on the scheduler of the process that asks, and holds up everybody
//! whom that scheduler runs; the other on a dirty scheduler, a thread of its own.
//!
//! A panic is caught by rustler and raised in the process that asked. An abort ends the virtual machine.

use rustler::Binary;

#[rustler::nif]
fn run(job: Binary) -> Result<String, String> {
    derby_work::run(&job)
}

#[rustler::nif(schedule = "DirtyCpu")]
fn run_dirty(job: Binary) -> Result<String, String> {
    derby_work::run(&job)
}

rustler::init!("Elixir.DerbyBeamNative.Library");
