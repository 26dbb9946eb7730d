//! The work as a program: jobs come on standard input, results go to standard output, one after the other.
//!
//! Either is preceded by its length in four bytes, the highest first, as a port with `{packet, 4}` sends and reads them. A reply
//! begins with 0 before a result, with 1 before the sentence that says why there is none.

use std::io::{self, Read, Write};
use std::{process, sync::mpsc, thread};

fn main() -> io::Result<()> {
    let (sender, jobs) = mpsc::channel();
    // A thread of its own, which sees in the midst of a job that whoever asked is gone: no work is done for nobody.
    thread::spawn(move || {
        while let Ok(job) = read_job(&mut io::stdin().lock()) {
            if sender.send(job).is_err() {
                break;
            }
        }
        process::exit(0);
    });
    let mut replies = io::stdout().lock();
    for job in jobs {
        let (status, text) = match derby_work::run(&job) {
            Ok(result) => (0, result),
            Err(message) => (1, message),
        };
        let reply = [&[status], text.as_bytes()].concat();
        replies.write_all(&(reply.len() as u32).to_be_bytes())?;
        replies.write_all(&reply)?;
        replies.flush()?;
    }
    Ok(())
}

fn read_job(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let mut job = vec![0; u32::from_be_bytes(length) as usize];
    input.read_exact(&mut job)?;
    Ok(job)
}
