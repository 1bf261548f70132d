//! Finds the pieces of an XML part (tags, texts, comments), each of which the parser holds in memory as a whole. It
//! uses the parser's own rules.

use memchr::memchr;
use quick_xml::parser::{ElementParser, Parser, PiParser};

/// Most bytes of a tag's name that are kept.
const MOST_NAME: usize = 24;

/// A piece found in a block.
pub(super) enum Found<'n> {
    /// Text of so many bytes.
    Text(usize),
    /// An opening tag: its name (empty if it is too long) and its length in bytes.
    Open { name: &'n [u8], length: u64 },
    /// A document type definition, which is not allowed in a workbook (ECMA-376, part 2).
    Definition,
}

/// State of the scan between two blocks.
#[derive(Debug, Default)]
pub(super) struct Markup {
    state: State,
    /// Length of the open piece so far, in bytes.
    length: u64,
    name: Name,
    /// Number of open elements.
    depth: u64,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Text,
    /// After `<`.
    Begun,
    /// In a tag; whether its last byte so far is a slash.
    Open(ElementParser, bool),
    Close(ElementParser),
    Instruction(PiParser),
    /// After `<!`.
    Bang,
    /// In a comment or a CDATA section, which ends with this byte twice before `>`; number of them seen last.
    Until(u8, u8),
}

/// The first bytes of a tag's name.
#[derive(Debug, Default)]
struct Name {
    letters: [u8; MOST_NAME],
    length: usize,
    has_ended: bool,
}

impl Markup {
    /// Length of the open piece, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn depth(&self) -> u64 {
        self.depth
    }

    /// Scans `block` and calls `found` for each piece until it fails.
    pub(super) fn look<E>(
        &mut self,
        mut block: &[u8],
        mut found: impl FnMut(&Self, Found<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        while !block.is_empty() {
            let passed = match self.state {
                State::Text => {
                    let text = memchr(b'<', block);
                    let count = text.unwrap_or(block.len());
                    self.length += count as u64;
                    if count > 0 {
                        found(self, Found::Text(count))?;
                    }
                    if text.is_some() {
                        self.begin();
                    }
                    count + usize::from(text.is_some())
                }
                State::Begun => self.begun(block),
                State::Bang => {
                    let first = block.first();
                    self.state = match first {
                        Some(b'-') => State::Until(b'-', 0),
                        Some(b'[') => State::Until(b']', 0),
                        _ => return found(self, Found::Definition),
                    };
                    0
                }
                State::Open(mut parser, ends_with_slash) => {
                    let end = parser.feed(block);
                    let tag = block.get(..end.unwrap_or(block.len())).unwrap_or(block);
                    let is_empty = tag.last().map_or(ends_with_slash, |last| *last == b'/');
                    self.name.add(tag);
                    self.length += tag.len() as u64;
                    self.state = State::Open(parser, is_empty);
                    if end.is_some() {
                        self.depth += u64::from(!is_empty);
                        let name = Found::Open {
                            name: self.name.local(),
                            length: self.length,
                        };
                        found(self, name)?;
                        self.end();
                    }
                    tag.len() + usize::from(end.is_some())
                }
                State::Close(mut parser) => {
                    let end = parser.feed(block);
                    self.state = State::Close(parser);
                    self.depth -= u64::from(end.is_some() && self.depth > 0);
                    self.pass(block, end)
                }
                State::Instruction(mut parser) => {
                    let end = parser.feed(block);
                    self.state = State::Instruction(parser);
                    self.pass(block, end)
                }
                State::Until(byte, last) => {
                    let (end, last) = end_of(block, byte, last, self.length);
                    self.state = State::Until(byte, last);
                    if byte == b']' {
                        found(self, Found::Text(end.unwrap_or(block.len())))?;
                    }
                    self.pass(block, end)
                }
            };
            block = block.get(passed..).unwrap_or_default();
        }
        // The open piece is checked too, however many pieces the block contains.
        found(self, Found::Text(0))
    }

    fn begin(&mut self) {
        self.state = State::Begun;
        self.length = 1;
        self.name = Name::default();
    }

    fn begun(&mut self, block: &[u8]) -> usize {
        (self.state, self.length) = match block.first() {
            Some(b'!') => (State::Bang, 2),
            Some(b'/') => (State::Close(ElementParser::Outside), 1),
            Some(b'?') => (State::Instruction(PiParser(false)), 1),
            _ => (State::Open(ElementParser::Outside, false), 1),
        };
        usize::from(matches!(self.state, State::Bang))
    }

    /// Skips `block` up to the `end` of the piece, if it contains it.
    fn pass(&mut self, block: &[u8], end: Option<usize>) -> usize {
        let Some(end) = end else {
            self.length += block.len() as u64;
            return block.len();
        };
        self.end();
        end + 1
    }

    fn end(&mut self) {
        self.state = State::Text;
        self.length = 0;
    }
}

/// Offset of the `>` that ends a comment or a section, and the number of `byte`s seen last. `before`: bytes of the
/// piece in earlier blocks.
fn end_of(block: &[u8], byte: u8, mut last: u8, before: u64) -> (Option<usize>, u8) {
    // The shortest comment is `<!---->`.
    let shortest = if byte == b'-' { 6 } else { 0 };
    let mut from = 0;
    while let Some(at) = memchr(b'>', block.get(from..).unwrap_or_default()) {
        let at = from + at;
        if count_before(block.get(..at).unwrap_or_default(), byte, last) >= 2
            && before + at as u64 >= shortest
        {
            return (Some(at), 0);
        }
        from = at + 1;
        last = 0;
        if from >= block.len() {
            return (None, 0);
        }
    }
    let rest = block.get(from..).unwrap_or_default();
    (None, count_before(rest, byte, last))
}

/// Number of `byte`s at the end of `block`, up to two; `last`: their number at the end of the previous block.
fn count_before(block: &[u8], byte: u8, last: u8) -> u8 {
    match block {
        [.., one, two] if *two == byte => 1 + u8::from(*one == byte),
        [one] if *one == byte => 2.min(last + 1),
        [] => last,
        _ => 0,
    }
}

impl Name {
    fn add(&mut self, tag: &[u8]) {
        if self.has_ended {
            return;
        }
        for byte in tag {
            if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                self.has_ended = true;
                return;
            }
            let Some(slot) = self.letters.get_mut(self.length) else {
                // Longer than any known name.
                self.has_ended = true;
                self.length = 0;
                return;
            };
            *slot = *byte;
            self.length += 1;
        }
    }

    /// The name without its namespace prefix.
    fn local(&self) -> &[u8] {
        let name = self.letters.get(..self.length).unwrap_or_default();
        // `<si/>`
        let name = match name {
            [name @ .., b'/'] if !self.has_ended => name,
            name => name,
        };
        match memchr(b':', name) {
            Some(at) => name.get(at + 1..).unwrap_or_default(),
            None => name,
        }
    }
}

#[cfg(test)]
mod tests;
