//! Letters in the code of an e-mail, a program or an address instead of the letters themselves.

use memchr::memchr3_iter;

/// Characters before a hexadecimal code: `=C3=A9` of quoted-printable, `\u00e9` of JSON, `%C3%A9` of URLs.
const BEFORE_HEX: [u8; 3] = *b"=\\%";

/// The character before a code of UTF-7: `+AOk-`.
const BEFORE_BASE64: u8 = b'+';

/// Whether `text` contains a letter in such a code. `%C3%A9` in an address is not one.
pub(super) fn has_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    let [quoted, program, address] = BEFORE_HEX;
    let is_hex_code = |at: usize| {
        let (before, rest) = bytes.split_at(at);
        is_hex_code(before.last(), rest)
            && !(bytes.get(at) == Some(&address) && text.contains("://"))
    };
    memchr3_iter(quoted, program, address, bytes).any(is_hex_code)
        || memchr::memchr_iter(BEFORE_BASE64, bytes)
            .any(|at| is_base64_code(bytes.get(at + 1..).unwrap_or_default()))
}

/// Whether a letter above ASCII begins `rest`, in hexadecimal; `before`: the byte before it.
fn is_hex_code(before: Option<&u8>, rest: &[u8]) -> bool {
    let is_hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    match rest {
        [b'\\', b'u', digits @ ..] => digits.get(..4).is_some_and(is_hex),
        // `é` in UTF-8 is C3 A9.
        [
            one @ (b'=' | b'%'),
            b'C',
            b'2' | b'3',
            other,
            a @ (b'8' | b'9' | b'A' | b'B'),
            b,
            ..,
        ] => one == other && is_hex(&[*a, *b]),
        // In Latin-1 it is E9, between letters: `=E9` may be a formula.
        [b'=', a @ b'C'..=b'F', b, after, ..] => {
            is_hex(&[*a, *b])
                && after.is_ascii_lowercase()
                && before.is_some_and(u8::is_ascii_alphabetic)
        }
        _ => false,
    }
}

/// Whether a letter from U+00C0 to U+00FF begins `rest`, as UTF-16 in base 64: `AOk-`.
fn is_base64_code(rest: &[u8]) -> bool {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let length = rest.iter().take_while(|byte| is_base64(byte)).count();
    // One letter takes two bytes and two thirds, whose last bits are zero.
    let is_whole = match rest {
        [b'A', b'M'..=b'P', last, b'-', ..] => b"AEIMQUYcgkosw048".contains(last),
        [b'A', b'M'..=b'P', ..] => length > 4 && length < 64,
        _ => false,
    };
    is_whole && rest.get(length) == Some(&b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_letters_are_told_from_other_signs() {
        for text in [
            "H=C3=A9l=C3=A8ne",
            "B=E9nard",
            "H\\u00e9l\\u00e8ne",
            "H%C3%A9l%C3%A8ne",
            "H+AOk-l+AOg-ne",
            "Andr+AOk-",
            "Cr+AOkA6g-ve",
        ] {
            assert!(has_escape(text), "{text}");
        }
        for text in [
            "",
            "=\"00123\"",
            "=E2*2",
            "REF=AB12",
            "C:\\users",
            "100 %",
            "+33388123456",
            "A+B-C",
            "Vin+AMB-2",
            "https://example.org/H%C3%A9l%C3%A8ne",
            "Durand & fils",
        ] {
            assert!(!has_escape(text), "{text}");
        }
    }
}
