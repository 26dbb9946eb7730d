//! The local tools that compute, for whoever asks: a job comes as bytes, its result is the text of a tool message.
//!
//! The two ways to ask, a NIF and a program, hold nothing but the way: what is computed is here, and all of it is safe Rust.

mod document;
mod job;
mod vectors;
mod word32;

use job::Job;

/// Does a job, as `job::Job` describes its bytes. The error is a sentence for the model.
///
/// # Panics
/// When the job says so: that is the bug which a script puts into native code. Another job ends the whole process.
pub fn run(job: &[u8]) -> Result<String, String> {
    match Job::decode(job).ok_or("these bytes are no job")? {
        Job::Parse { text } => document::digest(text),
        Job::Generate { seed, kilobytes } => document::digest(document::generate(seed, kilobytes)?.as_bytes()),
        Job::Search { seed, vectors, dimensions, top } => vectors::search(seed, vectors, dimensions, top),
        Job::Burn { seed, rounds } => Ok(word32::hex8(word32::burn(word32::start(seed), rounds))),
        Job::Panic => panic!("crashed, as the script told"),
        Job::Abort => std::process::abort(),
    }
}
