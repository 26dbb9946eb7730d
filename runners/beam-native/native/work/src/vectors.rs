//! The vectors of `search_memory`: a query compared with every row of a matrix.

use crate::word32::{self, Fnv1a};
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

const MATRICES_KEPT: usize = 4;

/// Rows and columns.
type Size = (usize, usize);

/// A matrix depends on its size only. The few newest are kept, as an agent keeps its index; more would be a leak.
static KEPT: Mutex<VecDeque<(Size, Arc<Vec<u8>>)>> = Mutex::new(VecDeque::new());

/// The `top` best rows and the hash of their scores: `<i1>_<i2>_…_<hex8>`, the best first, ties by lower row.
pub fn search(seed: u64, vectors: u64, dimensions: u64, top: u64) -> Result<String, String> {
    let [vectors, dimensions, top] = [vectors, dimensions, top].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    let matrix = matrix((vectors, dimensions))?;
    let query = components(word32::start(seed), dimensions)?;
    let mut best: Vec<(Reverse<u32>, usize)> =
        matrix.chunks_exact(dimensions).map(|vector| Reverse(dot(&query, vector))).zip(0..).collect();
    if top < best.len() {
        best.select_nth_unstable(top);
        best.truncate(top);
    }
    best.sort_unstable();
    let mut hash = Fnv1a::new();
    let mut text = String::new();
    for (index, (Reverse(score), row)) in best.iter().enumerate() {
        if index > 0 {
            hash.push(',');
        }
        hash.push(score);
        text.push_str(&format!("{row}_"));
    }
    Ok(text + &hash.hex8())
}

fn dot(query: &[u8], vector: &[u8]) -> u32 {
    query.iter().zip(vector).fold(0, |sum: u32, (&q, &v)| sum.wrapping_add(u32::from(q) * u32::from(v)))
}

/// The lock is held to look and to keep, never to compute: who waited for it would hold up a scheduler of the VM.
fn matrix(size: Size) -> Result<Arc<Vec<u8>>, String> {
    let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, matrix)) = kept().iter().find(|(kept, _)| *kept == size) {
        return Ok(Arc::clone(matrix));
    }
    let (vectors, dimensions) = size;
    let count = vectors.checked_mul(dimensions).ok_or_else(too_large)?;
    let matrix = Arc::new(components(word32::start(dimensions as u64), count)?);
    let mut kept = kept();
    kept.retain(|(other, _)| *other != size);
    kept.truncate(MATRICES_KEPT - 1);
    kept.push_front((size, Arc::clone(&matrix)));
    Ok(matrix)
}

/// Each is below 16, so a byte holds it.
fn components(mut x: u32, count: usize) -> Result<Vec<u8>, String> {
    let mut made = Vec::new();
    made.try_reserve_exact(count).map_err(|_| too_large())?;
    for _ in 0..count {
        x = word32::next(x);
        made.push((x >> 24) as u8 & 15);
    }
    Ok(made)
}

fn too_large() -> String {
    "so many vectors have no place in memory".to_string()
}
