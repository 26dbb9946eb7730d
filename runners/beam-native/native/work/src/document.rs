//! The documents of `parse_document`: generated from a seed, parsed, validated, digested.

use crate::word32::{self, Fnv1a};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt::{self, Write};
use std::marker::PhantomData;

const HEAD: &str = r#"{"records":["#;
const TAIL: &str = "]}";

#[derive(serde::Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    records: Vec<Object<Record<'a>>>,
}

#[derive(serde::Deserialize)]
struct Record<'a> {
    id: Number,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    tags: Vec<Text<'a>>,
    values: Vec<Number>,
}

/// Borrowed from the document unless an escape stands in it.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// An integer from 0 below 2^31.
struct Number(u32);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match u32::deserialize(from)? {
            number if number < 1 << 31 => Ok(Number(number)),
            _ => Err(D::Error::custom("numbers must be integers from 0 below 2^31")),
        }
    }
}

/// What is written as an object. A derived struct would take an array of its fields as well.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, what: &mut fmt::Formatter) -> fmt::Result {
        what.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// Parses and validates a JSON text: `<count>_<hex8>`.
pub fn digest(text: &[u8]) -> Result<String, String> {
    let Object(Document { records }) = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let mut hash = Fnv1a::new();
    for Object(record) in &records {
        hash.push(record.id.0).push(':').push(&record.name.0).push(':');
        push_joined(&mut hash, record.tags.iter().map(|tag| &tag.0));
        hash.push(':');
        push_joined(&mut hash, record.values.iter().map(|value| value.0));
        hash.push(';');
    }
    Ok(format!("{}_{}", records.len(), hash.hex8()))
}

fn push_joined(hash: &mut Fnv1a, parts: impl Iterator<Item = impl fmt::Display>) {
    for (index, part) in parts.enumerate() {
        if index > 0 {
            hash.push(',');
        }
        hash.push(part);
    }
}

/// The text of a document made from a seed, without white space, at least `kilobytes` × 1024 bytes long.
pub fn generate(seed: u64, kilobytes: u64) -> Result<String, String> {
    let too_large = |_| "so large a document has no place in memory".to_string();
    let length = usize::try_from(kilobytes.saturating_mul(1024)).map_err(|_| too_large(()))?;
    let mut text = String::new();
    // Asked for first, since memory that is missing later would end the process. The last record may pass the length.
    text.try_reserve(length.saturating_add(256)).map_err(|_| too_large(()))?;
    text.push_str(HEAD);
    let mut x = word32::start(seed);
    let mut id = 0;
    while text.len() + TAIL.len() < length {
        let [a, b, c, d, e, f] = std::array::from_fn(|_| {
            x = word32::next(x);
            x
        });
        let comma = if id == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"id":{id},"name":"w{}","tags":["t{}","t{}"],"values":[{},{},{},{}]}}"#,
            a % 1000,
            b % 50,
            c % 50,
            d >> 1,
            e >> 1,
            f >> 1,
            a >> 1
        )
        .expect("writing to a string cannot fail");
        id += 1;
    }
    text.push_str(TAIL);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_an_object_and_not_the_array_of_its_fields() {
        assert_eq!(
            digest(br#"{"records":[{"id":0,"name":"w7","tags":["a","b"],"values":[1,2,3,4]}]}"#).unwrap(),
            "1_361baa95"
        );
        assert!(digest(br#"{"records":[[0,"w7",["a","b"],[1,2,3,4]]]}"#).is_err());
        assert!(digest(br#"[[]]"#).is_err());
    }

    #[test]
    fn numbers_end_below_two_to_the_31() {
        let with_id = |id: u64| format!(r#"{{"records":[{{"id":{id},"name":"","tags":[],"values":[]}}]}}"#);
        assert!(digest(with_id((1 << 31) - 1).as_bytes()).is_ok());
        assert!(digest(with_id(1 << 31).as_bytes()).is_err());
        assert!(digest(with_id((1 << 32) + 1).as_bytes()).is_err());
    }

    #[test]
    fn a_document_beyond_all_memory_is_an_error_and_not_the_end() {
        assert!(generate(1, u64::MAX).is_err());
        assert!(generate(1, 1 << 52).is_err());
    }
}
