//! JSON lines: one object a row.

use std::io::{self, Write};

use super::delimited::hexadecimal;
use super::unwritable;
use crate::error::Result;
use crate::store::{Flow, RowSink, Value};

/// JSON lines being written, or the elements of a JSON array.
pub struct JsonLines<W: Write> {
    output: W,
    place: String,
    /// Each key, quoted.
    keys: Vec<String>,
    between: &'static str,
    rows: u64,
    line: Vec<u8>,
}

impl<W: Write> JsonLines<W> {
    /// A line a row. `place`: what messages call `output`.
    pub fn new(output: W, place: &str) -> Self {
        Self {
            output,
            place: place.to_owned(),
            keys: Vec::new(),
            between: "\n",
            rows: 0,
            line: Vec::new(),
        }
    }

    /// Elements of an array, without its brackets.
    pub fn elements(output: W, place: &str) -> Self {
        Self {
            between: ",\n",
            ..Self::new(output, place)
        }
    }

    /// Number of rows written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    fn append(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        self.line.clear();
        if self.between != "\n" && self.rows > 0 {
            self.line.extend(self.between.as_bytes());
        }
        self.line.push(b'{');
        for (at, (key, value)) in self.keys.iter().zip(values).enumerate() {
            if at > 0 {
                self.line.push(b',');
            }
            self.line.extend(key.as_bytes());
            self.line.push(b':');
            match value {
                Value::Null => self.line.extend(b"null"),
                Value::Integer(number) => serde_json::to_writer(&mut self.line, number)?,
                // Infinity becomes null: JSON has no word for it.
                Value::Real(number) => serde_json::to_writer(&mut self.line, number)?,
                Value::Text(text) => serde_json::to_writer(&mut self.line, text)?,
                Value::Blob(bytes) => serde_json::to_writer(&mut self.line, &hexadecimal(bytes))?,
            }
        }
        self.line.push(b'}');
        if self.between == "\n" {
            self.line.push(b'\n');
        }
        self.output.write_all(&self.line)
    }
}

impl<W: Write> RowSink for JsonLines<W> {
    fn columns(&mut self, names: &[&str]) -> Result<()> {
        for name in unique(names) {
            let quoted = serde_json::Value::String(name).to_string();
            self.keys.push(quoted);
        }
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> Result<Flow> {
        let written = self.append(values);
        written.map_err(|error| unwritable(&self.place, &error))?;
        self.rows += 1;
        Ok(Flow::Continue)
    }
}

/// The names, a repeated one with a number: an object has each key once.
fn unique(names: &[&str]) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for name in names {
        let mut free = (*name).to_owned();
        let mut number = 1;
        while unique.contains(&free) {
            number += 1;
            free = format!("{name}_{number}");
        }
        unique.push(free);
    }
    unique
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_type_and_names_are_unique() {
        let mut lines = Vec::new();
        let mut sink = JsonLines::new(&mut lines, "x");
        sink.columns(&["a", "b", "a", "a_2", "\"é"]).unwrap();
        let values = [
            Value::Integer(-3),
            Value::Real(12.0),
            Value::Text("l'\"été\"\n"),
            Value::Blob(b"\x00\xff"),
            Value::Null,
        ];
        sink.row(&values).unwrap();
        sink.row(&values).unwrap();
        assert_eq!(sink.rows(), 2);
        let line = r#"{"a":-3,"b":12.0,"a_2":"l'\"été\"\n","a_2_2":"x'00ff'","\"é":null}"#;
        let text = String::from_utf8(lines).unwrap();
        assert_eq!(text, format!("{line}\n{line}\n"));
    }
}
