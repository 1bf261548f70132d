//! The lines of an export, for what rows are known by stands on them.

use unicode_normalization::UnicodeNormalization;

/// The lines of a text.
#[derive(Debug, Clone)]
pub(super) struct Lines(Vec<String>);

impl Lines {
    /// Those of `content`, where it can be but UTF-8.
    pub(super) fn of(content: &[u8], encoding: &str) -> Option<Self> {
        let text = std::str::from_utf8(content).ok()?;
        let is_known = matches!(encoding, "auto" | "utf-8") && !content.contains(&0);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        is_known.then(|| Self(text.split('\n').map(str::to_owned).collect()))
    }

    /// Fails unless what `value` of `column` says of the source stands in the row that begins on line `position`.
    pub(super) fn assert_holds(&self, position: u64, column: &str, value: &str) {
        let Some(known_by) = known_by(column, value) else {
            return;
        };
        let begins = usize::try_from(position).expect("a line of a file in memory") - 1;
        let row = bare(&self.row(begins));
        // Excel writes long codes so.
        let is_rewritten = row.to_lowercase().contains("e+");
        assert!(
            is_rewritten || row.contains(&bare(&known_by)),
            "{column} {known_by} is not on line {position}: {row}"
        );
    }

    /// The lines from `begins` on that a row may take: a quoted cell holds line ends.
    fn row(&self, begins: usize) -> String {
        match self.0.get(begins..) {
            None | Some([]) => String::new(),
            Some([line, ..]) if !line.contains('"') => line.clone(),
            Some(lines) => lines.concat(),
        }
    }
}

/// `text` without blanks, quotes, and what no terminal shows.
fn bare(text: &str) -> String {
    let shown = |sign: &char| !sign.is_whitespace() && !sign.is_control() && *sign != '"';
    text.nfc().filter(shown).collect()
}

/// What a cell of `column` that is `value` took from its row as it stood.
fn known_by(column: &str, value: &str) -> Option<String> {
    let value = value.strip_prefix("isavigne-").unwrap_or(value);
    match column {
        "customer_key" | "product_key" => Some(value.to_owned()),
        "sale_line_key" => {
            let mut parts = value.split('|').skip(1);
            let second = parts.next()?;
            let part = match second.strip_prefix('#') {
                Some(number) => number,
                None if second.starts_with('=') => return None,
                None => parts.next()?,
            };
            Some(unescaped(part))
        }
        _ => None,
    }
}

/// A part of a key as the export writes it: `\p` is `|`, `\\` is `\`.
fn unescaped(part: &str) -> String {
    let mut signs = part.chars();
    let mut whole = String::new();
    while let Some(sign) = signs.next() {
        let sign = match sign {
            '\\' => signs
                .next()
                .map(|next| if next == 'p' { '|' } else { next }),
            sign => Some(sign),
        };
        whole.extend(sign);
    }
    whole
}
