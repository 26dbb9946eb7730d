//! Unsigned 32-bit arithmetic, as the contract's local tools want it.

use std::fmt::{self, Display, Write};

/// FNV-1a-32 over UTF-8 bytes. It is written to like a text, so that what is only hashed never becomes a string.
pub struct Fnv1a(u32);

impl Fnv1a {
    pub fn new() -> Self {
        Fnv1a(0x811c_9dc5)
    }

    pub fn push(&mut self, part: impl Display) -> &mut Self {
        write!(self, "{part}").expect("hashing cannot fail");
        self
    }

    pub fn hex8(&self) -> String {
        hex8(self.0)
    }
}

impl Write for Fnv1a {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
        Ok(())
    }
}

/// Eight hexadecimal digits.
pub fn hex8(word: u32) -> String {
    format!("{word:08x}")
}

/// Where the random stream of a seed begins.
pub fn start(seed: u64) -> u32 {
    Fnv1a::new().push(seed).0 | 1
}

/// The next number of the stream: xorshift32 (Marsaglia, "Xorshift RNGs", 2003).
pub fn next(mut x: u32) -> u32 {
    x ^= x << 13;
    x ^= x >> 17;
    x ^ (x << 5)
}

/// The number after so many rounds of `burn_cpu`.
pub fn burn(x: u32, rounds: u64) -> u32 {
    (0..rounds).fold(x, |x, _| next(x).wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
}
