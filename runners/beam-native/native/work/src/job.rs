//! What may be asked for, and how it is written as bytes: one that says what, then numbers of eight bytes, the highest first.

/// A piece of work. Numbers are those of the tool's arguments, below 2^53.
#[derive(Debug, PartialEq)]
pub enum Job<'a> {
    /// `parse_document` of a text, which follows the first byte.
    Parse {
        text: &'a [u8],
    },
    /// `parse_document` of a document that is generated first.
    Generate {
        seed: u64,
        kilobytes: u64,
    },
    Search {
        seed: u64,
        vectors: u64,
        dimensions: u64,
        top: u64,
    },
    Burn {
        seed: u64,
        rounds: u64,
    },
    /// A bug that Rust notices.
    Panic,
    /// A bug that nobody can catch: the process ends by SIGABRT.
    Abort,
}

impl<'a> Job<'a> {
    /// None where the bytes are no job.
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (&kind, rest) = bytes.split_first()?;
        match kind {
            0 => Some(Job::Parse { text: rest }),
            1 => numbers(rest).map(|[seed, kilobytes]| Job::Generate { seed, kilobytes }),
            2 => numbers(rest).map(|[seed, vectors, dimensions, top]| Job::Search { seed, vectors, dimensions, top }),
            3 => numbers(rest).map(|[seed, rounds]| Job::Burn { seed, rounds }),
            4 => numbers(rest).map(|[]| Job::Panic),
            5 => numbers(rest).map(|[]| Job::Abort),
            _ => None,
        }
    }
}

/// Exactly so many numbers, and nothing behind them.
fn numbers<const COUNT: usize>(bytes: &[u8]) -> Option<[u64; COUNT]> {
    if bytes.len() != COUNT * 8 {
        return None;
    }
    let mut read = [0; COUNT];
    for (number, bytes) in read.iter_mut().zip(bytes.chunks_exact(8)) {
        *number = u64::from_be_bytes(bytes.try_into().ok()?);
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_its_kind_and_exactly_its_numbers() {
        let burn = [&[3][..], &7u64.to_be_bytes(), &1_000u64.to_be_bytes()].concat();
        assert_eq!(Job::decode(&burn), Some(Job::Burn { seed: 7, rounds: 1_000 }));
        assert_eq!(Job::decode(&burn[..burn.len() - 1]), None);
        assert_eq!(Job::decode(&[burn, vec![0]].concat()), None);
        assert_eq!(Job::decode(b"\x00{}"), Some(Job::Parse { text: b"{}" }));
        assert_eq!(Job::decode(&[4]), Some(Job::Panic));
        assert_eq!(Job::decode(&[9]), None);
        assert_eq!(Job::decode(&[]), None);
    }
}
