//! Parses words for packs and bottles. Numbers and volumes are in ten-thousandths.

use super::bordeaux::is_bordeaux;

/// 1, in ten-thousandths.
pub(super) const ONE: i64 = 10_000;
const LITRE_CL: i64 = 100 * ONE;
const HALF_BOTTLE_CL: i64 = 375_000;
const QUARTER_BOTTLE_CL: i64 = 187_500;

/// One element of a text about bottles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// A number without a unit.
    Number(i64),
    /// A volume written with its unit, in centilitres.
    Volume(i64),
    /// A bottle whose name gives its volume in centilitres: `magnum`.
    Format {
        volume: i64,
        /// The word is also a first name, an adjective or an appellation.
        also_a_name: bool,
    },
    /// `demi` (2) or `quart` (4) without a bottle after it.
    Fraction(i64),
    /// A bottle or a piece without a volume.
    Piece,
    /// A box or bag of wine without a volume.
    Bag,
    /// A pack. `usual`: without a count, it holds the usual number of bottles.
    Pack { usual: bool },
    /// `x`, `par`.
    Times,
    /// `-` or `/`.
    Dash,
    /// Anything else.
    Unknown,
}

/// The meaning of a single word, without its neighbours.
#[derive(Clone, Copy)]
enum Word {
    Is(Element),
    /// A unit of volume, in centilitres.
    Measure(i64),
    Jeroboam,
    Double,
    Dozen,
    Filler,
}

/// A piece of text: a number, a word, or one other character.
#[derive(Clone, Copy)]
struct Token<'t> {
    kind: TokenKind<'t>,
    /// There is no blank between this token and the one before.
    glued: bool,
}

#[derive(Clone, Copy)]
enum TokenKind<'t> {
    Number(i64),
    Word(&'t str),
    Symbol(char),
}

/// The elements of `folded`, in order. `region` decides the volume of a jéroboam.
pub(super) fn elements(folded: &str, region: Option<&str>) -> Vec<Element> {
    let tokens = tokens(folded);
    let mut found = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some((first, after)) = rest.split_first() {
        rest = match first.kind {
            TokenKind::Number(value) => number(value, after, &mut found),
            TokenKind::Word(text) => word_and_neighbours(text, after, region, &mut found),
            TokenKind::Symbol(symbol) => {
                found.extend(symbol_element(symbol));
                after
            }
        };
    }
    found
}

fn symbol_element(symbol: char) -> Option<Element> {
    match symbol {
        '×' | '*' => Some(Element::Times),
        '-' | '/' => Some(Element::Dash),
        '.' | ',' | '(' | ')' | '\'' | '’' | ':' | '_' => None,
        _ => Some(Element::Unknown),
    }
}

/// Consumes a number and the unit after it.
fn number<'r, 't>(value: i64, after: &'r [Token<'t>], found: &mut Vec<Element>) -> &'r [Token<'t>] {
    let kind = |place: usize| after.get(place).map(|token| token.kind);
    let glued = |place: usize| after.get(place).is_some_and(|token| token.glued);
    match (kind(0), kind(1)) {
        (Some(TokenKind::Symbol('/')), Some(TokenKind::Number(n)))
            if value == ONE && (n == 2 * ONE || n == 4 * ONE) =>
        {
            let word = if n == 2 * ONE { "demi" } else { "quart" };
            word_and_neighbours(word, after.get(2..).unwrap_or_default(), None, found)
        }
        // `1L5` is one and a half litres.
        (Some(TokenKind::Word("l")), Some(TokenKind::Number(tenths)))
            if glued(0) && glued(1) && tenths % ONE == 0 && tenths < 10 * ONE =>
        {
            found.push(volume(value + tenths / 10, LITRE_CL));
            after.get(2..).unwrap_or_default()
        }
        // `1 500 ml` may be 1,500 ml, or one bottle of 500 ml: not understood.
        (Some(TokenKind::Number(n)), Some(TokenKind::Word("ml")))
            if n >= 100 * ONE && value < 100 * ONE =>
        {
            found.push(Element::Unknown);
            after.get(2..).unwrap_or_default()
        }
        (Some(TokenKind::Word(text)), _) if let Word::Measure(centilitres) = word(text) => {
            found.push(volume(value, centilitres));
            after.get(1..).unwrap_or_default()
        }
        _ => {
            found.push(Element::Number(value));
            after
        }
    }
}

fn volume(value: i64, unit_cl: i64) -> Element {
    let centilitres = i128::from(value) * i128::from(unit_cl) / i128::from(ONE);
    i64::try_from(centilitres).map_or(Element::Unknown, Element::Volume)
}

/// A half or a quarter: of a bottle when `bottle`, else a [`Element::Fraction`].
fn fraction(divisor: i64, bottle: bool) -> Element {
    match (divisor, bottle) {
        (2, true) => Element::Format {
            volume: HALF_BOTTLE_CL,
            also_a_name: false,
        },
        (_, true) => Element::Format {
            volume: QUARTER_BOTTLE_CL,
            also_a_name: false,
        },
        _ => Element::Fraction(divisor),
    }
}

/// Consumes a word, and the next one when both are one element: `demi-bouteille`, `double magnum`.
fn word_and_neighbours<'r, 't>(
    text: &str,
    after: &'r [Token<'t>],
    region: Option<&str>,
    found: &mut Vec<Element>,
) -> &'r [Token<'t>] {
    let next = next_word(after);
    let (element, used) = match word(text) {
        Word::Is(Element::Fraction(divisor)) => match next {
            Some((bottle, used)) if is_bottle(bottle) => (fraction(divisor, true), used),
            Some(("l" | "litre" | "litres", used)) => (Element::Volume(LITRE_CL / divisor), used),
            _ => (Element::Fraction(divisor), 0),
        },
        Word::Double => match next {
            Some(("magnum" | "magnums" | "mag" | "mags", used)) => (
                Element::Format {
                    volume: 300 * ONE,
                    also_a_name: false,
                },
                used,
            ),
            _ => (Element::Unknown, 0),
        },
        Word::Is(Element::Unknown) if text == "marie" => match next {
            Some(("jeanne" | "jeannes", used)) => (
                Element::Format {
                    volume: 225 * ONE,
                    also_a_name: true,
                },
                used,
            ),
            _ => (Element::Unknown, 0),
        },
        Word::Is(element) => (element, 0),
        Word::Measure(centilitres) => (Element::Volume(centilitres), 0),
        Word::Jeroboam => {
            let volume = if region.is_some_and(is_bordeaux) {
                500 * ONE
            } else {
                300 * ONE
            };
            (
                Element::Format {
                    volume,
                    also_a_name: false,
                },
                0,
            )
        }
        Word::Dozen => {
            found.push(Element::Times);
            (Element::Number(12 * ONE), 0)
        }
        Word::Filler => {
            // `bag-in-box`
            found.pop_if(|last| *last == Element::Dash);
            return after;
        }
    };
    found.push(element);
    after.get(used..).unwrap_or_default()
}

/// The next word, after a dash or `de` if there is one, and the number of tokens up to its end.
fn next_word<'t>(after: &[Token<'t>]) -> Option<(&'t str, usize)> {
    match after {
        [
            Token {
                kind: TokenKind::Symbol('-') | TokenKind::Word("de"),
                ..
            },
            Token {
                kind: TokenKind::Word(text),
                ..
            },
            ..,
        ] => Some((text, 2)),
        [
            Token {
                kind: TokenKind::Word(text),
                ..
            },
            ..,
        ] => Some((text, 1)),
        _ => None,
    }
}

/// Whether `text` is a name or an abbreviation of the bottle of 75 cl.
fn is_bottle(text: &str) -> bool {
    matches!(
        text,
        "bouteille"
            | "bouteilles"
            | "btl"
            | "btle"
            | "btles"
            | "btls"
            | "bt"
            | "bts"
            | "bte"
            | "btes"
            | "bout"
            | "bouts"
            | "blle"
            | "blles"
            | "bll"
            | "col"
            | "cols"
            | "flacon"
            | "flacons"
            | "bottle"
            | "bottles"
            | "flasche"
            | "flaschen"
    )
}

fn word(text: &str) -> Word {
    const fn sure(centilitres: i64) -> Word {
        Word::Is(Element::Format {
            volume: centilitres * ONE,
            also_a_name: false,
        })
    }
    const fn doubtful(centilitres: i64) -> Word {
        Word::Is(Element::Format {
            volume: centilitres * ONE,
            also_a_name: true,
        })
    }
    if is_bottle(text) {
        return sure(75);
    }
    match text {
        "de" | "d" | "a" | "au" | "en" | "du" | "la" | "le" | "of" | "s" | "bois" | "vin"
        | "in" | "box" | "origine" | "format" | "standard" | "plate" | "kraft" | "lyonnais" => {
            Word::Filler
        }
        "x" | "par" => Word::Is(Element::Times),
        "u" | "un" | "unite" | "unites" | "unit" | "units" | "unitaire" | "piece" | "pieces"
        | "pce" | "pces" | "pc" | "pcs" | "ea" => Word::Is(Element::Piece),
        "carton" | "cartons" | "caisse" | "caisses" | "case" | "cases" | "coffret" | "coffrets"
        | "caissette" | "ctn" | "ctns" | "crt" | "crts" | "cart" | "ct" | "cts" | "cs" | "cse"
        | "c" | "cbo" | "cb" => Word::Is(Element::Pack { usual: true }),
        "lot" | "lots" | "pack" | "packs" | "etui" | "etuis" | "colis" | "palette" | "palettes" => {
            Word::Is(Element::Pack { usual: false })
        }
        "douzaine" | "douzaines" | "dz" | "dozen" | "dozens" => Word::Dozen,
        "bib" | "bibs" | "bag" | "cubi" | "cubis" | "cubitainer" | "cubitainers" | "fontaine"
        | "fontaines" | "vinier" | "viniers" | "outre" => Word::Is(Element::Bag),
        "ml" | "millilitre" | "millilitres" => Word::Measure(ONE / 10),
        "cl" | "cls" | "centilitre" | "centilitres" => Word::Measure(ONE),
        "dl" | "decilitre" | "decilitres" => Word::Measure(10 * ONE),
        "l" | "lt" | "ltr" | "litre" | "litres" | "liter" | "liters" => Word::Measure(LITRE_CL),
        "hl" | "hectolitre" | "hectolitres" | "hecto" | "hectos" => Word::Measure(100 * LITRE_CL),
        "demi" | "demie" | "demis" | "demies" | "half" => Word::Is(Element::Fraction(2)),
        "quart" | "quarts" => Word::Is(Element::Fraction(4)),
        "fillette" | "fillettes" => Word::Is(Element::Format {
            volume: HALF_BOTTLE_CL,
            also_a_name: false,
        }),
        "pot" | "pots" => doubtful(46),
        "clavelin" | "clavelins" => sure(62),
        "magnum" | "magnums" | "mag" | "mags" | "mgn" | "mgm" => sure(150),
        "double" | "doubles" | "dble" => Word::Double,
        "jeroboam" | "jeroboams" | "jero" => Word::Jeroboam,
        "rehoboam" | "rehoboams" | "roboam" | "roboams" => sure(450),
        "mathusalem" | "mathusalems" | "methuselah" => sure(600),
        "imperiale" | "imperiales" => doubtful(600),
        "salmanazar" | "salmanazars" => sure(900),
        "balthazar" | "balthazars" | "balthasar" | "balthasars" => doubtful(1200),
        "nabuchodonosor" | "nabuchodonosors" => sure(1500),
        "melchior" | "melchiors" | "salomon" | "salomons" => doubtful(1800),
        "souverain" | "souverains" => doubtful(2625),
        "primat" | "primats" => doubtful(2700),
        "melchizedec" | "melchizedecs" | "melchizedech" | "melchizedek" => sure(3000),
        _ => Word::Is(Element::Unknown),
    }
}

fn tokens(folded: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(8);
    let mut rest = folded;
    let mut glued = false;
    while let Some(first) = rest.chars().next() {
        let (kind, used) = if first.is_ascii_digit() {
            let used = number_length(rest.as_bytes());
            let text = rest.get(..used).unwrap_or_default();
            (
                number_value(text).map_or(TokenKind::Symbol('#'), TokenKind::Number),
                used,
            )
        } else if first.is_alphabetic() {
            let used = rest
                .find(|c: char| !c.is_alphabetic())
                .unwrap_or(rest.len());
            (TokenKind::Word(rest.get(..used).unwrap_or_default()), used)
        } else {
            let kind = match first {
                '½' => TokenKind::Word("demi"),
                '¼' => TokenKind::Word("quart"),
                _ => TokenKind::Symbol(first),
            };
            (kind, first.len_utf8())
        };
        rest = rest.get(used..).unwrap_or_default();
        let elided = matches!(kind, TokenKind::Word("l" | "d")) && rest.starts_with(['\'', '’']);
        let blank = first.is_whitespace();
        if !blank && !elided {
            tokens.push(Token { kind, glued });
        }
        glued = !blank;
    }
    tokens
}

/// Length of the number at the start of `text`: digits, and decimals after a comma or a point.
fn number_length(text: &[u8]) -> usize {
    let digits = |from: usize| {
        text.iter()
            .skip(from)
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let whole = digits(0);
    let decimals = if matches!(text.get(whole), Some(b',' | b'.')) {
        digits(whole + 1)
    } else {
        0
    };
    if decimals == 0 {
        whole
    } else {
        whole + 1 + decimals
    }
}

/// A number in ten-thousandths; `None` beyond 9 digits or 4 decimals.
fn number_value(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once([',', '.']).unwrap_or((text, ""));
    if whole.len() > 9 || decimals.len() > 4 {
        return None;
    }
    let mut fraction = 0;
    for place in 0..4 {
        let digit = decimals
            .as_bytes()
            .get(place)
            .map_or(0, |byte| i64::from(byte - b'0'));
        fraction = fraction * 10 + digit;
    }
    Some(whole.parse::<i64>().ok()? * ONE + fraction)
}
