//! The cells that a key is made of.

/// Begins the keys of what comes from files.
const PREFIX: &str = "isavigne-";

/// What a cell of a record took from its row as it stood.
#[derive(Debug)]
pub(super) struct KnownBy {
    pub(super) column: &'static str,
    pub(super) cells: Vec<String>,
}

impl KnownBy {
    /// What `value` of `column` is made of; `None` where it is made of nothing that stands in the file. `more_parts`:
    /// parts that `SALES_KEY` adds behind the year of a document.
    pub(super) fn of(column: &'static str, value: &str, more_parts: usize) -> Option<Self> {
        let value = value.strip_prefix(PREFIX).unwrap_or(value);
        let cells = match column {
            "customer_key" | "product_key" | "product_key_suggested" => vec![value.to_owned()],
            "sale_line_key" => of_sale(value, more_parts)?,
            "stock_key" => of_stock(value),
            "contact_key" if !is_content(value) => vec![value.to_owned()],
            _ => return None,
        };
        Some(Self { column, cells })
    }
}

/// `vente|FA-1|2025|3`, `vente|FA-1|2025|P1|2`, `vente|#12`; nothing of `vente|=9f3c…|1`, which is a hash.
fn of_sale(key: &str, more_parts: usize) -> Option<Vec<String>> {
    let mut parts = key.split('|').skip(1);
    let second = parts.next()?;
    if second.starts_with('=') {
        return None;
    }
    if let Some(number) = second.strip_prefix('#') {
        return Some(vec![unescaped(number)]);
    }
    let year = parts.next().expect("a year behind the document");
    assert!(year.parse::<i16>().is_ok(), "{key}");
    let line = parts.nth(more_parts).expect("a line, or a product");
    // Numbers of documents stand behind their journal.
    let document = unescaped(second);
    let document = document.split('/').filter(|part| !part.is_empty());
    Some(
        document
            .map(str::to_owned)
            .chain([unescaped(line)])
            .collect(),
    )
}

/// `P1@Chai#L1#2019`: a product, its place, its lot and what else tells counts apart; `\@`, `\#` and `\\` are the signs
/// themselves.
fn of_stock(key: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut signs = key.chars();
    while let Some(sign) = signs.next() {
        if matches!(sign, '@' | '#') {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.extend(if sign == '\\' {
                signs.next()
            } else {
                Some(sign)
            });
        }
    }
    parts
}

/// Whether a contact has no number of its own: `9f3c…-r1`.
fn is_content(key: &str) -> bool {
    key.split_once("-r").is_some_and(|(hash, rank)| {
        hash.len() == 16
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            && rank.bytes().all(|byte| byte.is_ascii_digit())
    })
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
