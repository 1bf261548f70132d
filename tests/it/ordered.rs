//! The keys of a JSON text in the order they were printed in. `serde_json` is not asked to preserve it: that is a
//! feature of the whole build, and the program under test would then keep orders that it does not keep when installed.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON document reduced to its keys.
#[derive(Debug, PartialEq, Eq)]
pub enum Shape {
    Object(Vec<(String, Shape)>),
    Array(Vec<Shape>),
    Leaf,
}

impl Shape {
    #[track_caller]
    pub fn of(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The value of a key, or of a position in a list.
    #[track_caller]
    pub fn at(&self, key: &str) -> &Self {
        let found = match self {
            Self::Object(pairs) => pairs
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            Self::Array(items) => key
                .parse()
                .ok()
                .and_then(|position: usize| items.get(position)),
            Self::Leaf => None,
        };
        found.unwrap_or_else(|| panic!("no {key} in {self:?}"))
    }

    #[track_caller]
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::Object(pairs) => pairs.iter().map(|(name, _)| name.as_str()).collect(),
            _ => panic!("not an object: {self:?}"),
        }
    }

    /// The documented keys come first and in their order; others may follow.
    #[track_caller]
    pub fn starts_with(&self, documented: &[&str]) -> &Self {
        let keys = self.keys();
        assert_eq!(&keys[..documented.len().min(keys.len())], documented);
        self
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Shape::Object(pairs))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Shape, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Shape::Array(items))
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Leaf)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Leaf)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Leaf)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Leaf)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Leaf)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Leaf)
    }
}

#[test]
fn the_order_of_keys_is_the_one_printed() {
    let shape = Shape::of(r#"{"z":1,"a":[{"y":null,"b":-1.5}],"m":{}}"#);
    assert_eq!(shape.keys(), ["z", "a", "m"]);
    assert_eq!(shape.at("a").at("0").keys(), ["y", "b"]);
}
