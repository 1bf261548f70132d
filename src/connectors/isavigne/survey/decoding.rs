//! Determines the encoding of a text file, and the remarks about it.

use std::io::{BufReader, Read, Seek};

use super::pass::{Check, Pass, marked};
use super::utf8::Utf8Check;
use super::utf16::Utf16Check;
use crate::canonical::text::looks_decoded_twice;
use crate::connectors::isavigne::encoding::{
    Doubt, Evidence, TextEncoding, excludes, is_no_letter, verdict,
};
use crate::connectors::isavigne::folder::{Source, unreadable};
use crate::connectors::isavigne::settings::EncodingChoice;
use crate::error::{Error, Result};

/// The encoding of a file.
#[derive(Debug, Clone)]
pub(in super::super) struct Decoding {
    pub(super) encoding: TextEncoding,
    pub(super) distrust: Distrust,
    pub(super) remark: Option<String>,
    /// Whether the remark is a doubt, repeated at every sync.
    pub(super) is_doubtful: bool,
}

/// Longest word shown as an example, in bytes.
const LONGEST_WORD: usize = 40;

/// Rows that are rejected as unreliable.
#[derive(Debug, Clone)]
pub(super) enum Distrust {
    Nothing,
    /// Rows with bytes that are invalid in the encoding of all others.
    BadBytes(TextEncoding),
    /// Rows with letters that another encoding reads differently.
    Letters(Doubt),
    /// UTF-8 rows in a file of another encoding.
    Utf8(TextEncoding),
}

impl Distrust {
    pub(super) fn refuses(&self, text: &str) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::BadBytes(encoding) => text.contains(char::REPLACEMENT_CHARACTER).then(|| {
                format!(
                    "contient des octets qui ne sont pas de l'{}, l'encodage du reste du fichier ; corrigez cette ligne à la source, ou indiquez l'encodage (réglage ENCODING)",
                    encoding.setting().to_uppercase()
                )
            }),
            Self::Letters(doubt) => doubt.refuses(text),
            Self::Utf8(encoding) => looks_decoded_twice(text).then(|| {
                format!(
                    "est encodée en utf-8 dans un fichier en {} ; corrigez cette ligne à la source, ou indiquez l'encodage (réglage ENCODING)",
                    encoding.name()
                )
            }),
        }
    }
}

impl Decoding {
    fn plain(encoding: TextEncoding) -> Self {
        Self {
            encoding,
            distrust: Distrust::Nothing,
            remark: None,
            is_doubtful: false,
        }
    }

    /// Determines the encoding of the text in `file`, which begins with `head`; `pass` has read it completely.
    pub(super) fn find(
        pass: &Pass,
        head: &[u8],
        choice: EncodingChoice,
        file: &Source,
    ) -> Result<Self> {
        match (&pass.check, chosen(choice)) {
            (Check::Nothing, _) => Ok(Self::plain(TextEncoding::Utf8)),
            (Check::Utf16(check), _) => Self::utf16(check, head, choice, file),
            (Check::Utf8(check), Some(TextEncoding::Utf8)) => Self::chosen_utf8(check, file),
            (Check::Utf8(check), Some(encoding)) if marked(head).is_none() => {
                Self::chosen_one_byte(encoding, check, file)
            }
            (Check::Utf8(check), _) => match &check.evidence {
                None => Ok(Self::plain(TextEncoding::Utf8)),
                Some(_) if marked(head).is_some() || check.is_mostly_utf8() => {
                    Ok(Self::with_bad_bytes(TextEncoding::Utf8))
                }
                Some(evidence) => Self::one_byte(evidence, check.accents, file),
            },
        }
    }

    /// The encoding of a file that is UTF-16 by its first bytes or by `choice`.
    fn utf16(
        check: &Utf16Check,
        head: &[u8],
        choice: EncodingChoice,
        file: &Source,
    ) -> Result<Self> {
        let encoding = if check.is_big_endian {
            TextEncoding::Utf16Be
        } else {
            TextEncoding::Utf16Le
        };
        let is_chosen = choice == EncodingChoice::Utf16;
        let is_marked = marked(head).is_some();
        if is_chosen && !is_marked && !head.is_empty() && !head.contains(&0) {
            let why = "aucun octet nul : ce n'est pas de l'UTF-16";
            return Err(impossible(why.to_owned(), "auto"));
        }
        if let Some(other) = chosen(choice)
            && !is_marked
        {
            let why = format!(
                "l'octet nul en ligne 1, colonne {} n'est pas du {}",
                if check.is_big_endian { 1 } else { 2 },
                other.name()
            );
            return Err(impossible(why, "utf-16"));
        }
        match check.first_fault {
            Some(at) if is_chosen => {
                let (line, column) = place(file, encoding, |offset, _| offset == at)?;
                let why =
                    format!("le caractère en ligne {line}, colonne {column} n'est pas de l'UTF-16");
                Err(impossible(why, "auto"))
            }
            Some(_) => Ok(Self::with_bad_bytes(encoding)),
            None => Ok(Self::plain(encoding)),
        }
    }

    /// UTF-8 by the setting: fails for other bytes.
    fn chosen_utf8(check: &Utf8Check, file: &Source) -> Result<Self> {
        let Some(at) = check.first_fault else {
            return Ok(Self::plain(TextEncoding::Utf8));
        };
        let (line, column) = place(file, TextEncoding::Utf8, |offset, _| offset == at)?;
        let why = format!("l'octet en ligne {line}, colonne {column} n'est pas de l'UTF-8");
        let works = match &check.evidence {
            Some(evidence) if !check.is_mostly_utf8() => verdict(evidence).encoding.name(),
            _ => "auto",
        };
        Err(impossible(why, works))
    }

    /// A one-byte `encoding` by the setting: fails when it is certainly wrong.
    fn chosen_one_byte(encoding: TextEncoding, check: &Utf8Check, file: &Source) -> Result<Self> {
        check_letters(encoding, check, file)?;
        refuse_wrong_choice(encoding, check, file)?;
        let remark = remark_on_choice(encoding, check.evidence.as_ref());
        Ok(Self {
            is_doubtful: remark.is_some(),
            remark,
            ..Self::plain(encoding)
        })
    }

    fn with_bad_bytes(encoding: TextEncoding) -> Self {
        let remark = format!(
            "encodage {}, sauf quelques octets : les lignes qui les contiennent sont rejetées",
            encoding.name()
        );
        Self {
            encoding,
            distrust: Distrust::BadBytes(encoding),
            remark: Some(remark),
            is_doubtful: false,
        }
    }

    /// Chooses by the neighbours of bytes; `accents`: number of byte sequences that are characters of UTF-8.
    fn one_byte(evidence: &Evidence, accents: u64, file: &Source) -> Result<Self> {
        let verdict = verdict(evidence);
        let encoding = verdict.encoding;
        let remark = match (&verdict.doubt, verdict.rival) {
            (Some(doubt), _) => {
                let word =
                    first_word(file, |byte| !byte.is_ascii() && doubt.is_about(byte & 0x7F))?;
                let (one, other) = (decoded(&word, encoding), decoded(&word, doubt.other()));
                Some(doubt.sentence((&one, &other)))
            }
            (None, _) if verdict.is_implausible => {
                let word = first_word(file, |byte| !byte.is_ascii())?;
                Some(format!(
                    "encodage inconnu : lu en {}, il donne des mots peu vraisemblables (« {} ») ; indiquez-le (réglage ENCODING), ou refaites l'export en UTF-8",
                    encoding.name(),
                    decoded(&word, encoding)
                ))
            }
            (None, Some(rival)) => Some(thin_evidence(encoding, rival, file)?),
            (None, None) if encoding == TextEncoding::Windows1252 => None,
            (None, None) => Some(format!(
                "encodage {}, reconnu aux lettres accentuées (réglage ENCODING pour en imposer un autre)",
                encoding.name()
            )),
        };
        Ok(Self {
            encoding,
            is_doubtful: verdict.doubt.is_some()
                || verdict.rival.is_some()
                || verdict.is_implausible,
            distrust: match verdict.doubt {
                Some(doubt) => Distrust::Letters(doubt),
                None if accents > 0 => Distrust::Utf8(encoding),
                None => Distrust::Nothing,
            },
            remark,
        })
    }
}

/// The remark that `rival` yields nearly as plausible words as `encoding`, with the first such word.
fn thin_evidence(encoding: TextEncoding, rival: TextEncoding, file: &Source) -> Result<String> {
    let (one, other) = examples(encoding, rival, file)?;
    Ok(format!(
        "encodage déduit de peu de lettres : « {one} » est lu en {}, mais serait « {other} » en {} ; si ce n'est pas le \
         bon, indiquez-le (réglage ENCODING={})",
        encoding.name(),
        rival.name(),
        rival.setting()
    ))
}

/// The first word of `file` that two encodings read differently, in both readings.
fn examples(one: TextEncoding, other: TextEncoding, file: &Source) -> Result<(String, String)> {
    let differs = |byte: u8| {
        !byte.is_ascii()
            && (other == TextEncoding::Utf8 || one.letter(byte & 0x7F) != other.letter(byte & 0x7F))
    };
    let word = first_word(file, differs)?;
    Ok((decoded(&word, one), decoded(&word, other)))
}

/// `word` decoded as `encoding`.
fn decoded(word: &[u8], encoding: TextEncoding) -> String {
    if encoding == TextEncoding::Utf8 {
        return String::from_utf8_lossy(word).into_owned();
    }
    let letter = |byte: &u8| match *byte {
        ascii @ ..0x80 => char::from(ascii),
        high => encoding.letter(high & 0x7F),
    };
    word.iter().map(letter).collect()
}

/// The first word of `file` with a byte for which `is_wanted` is true.
fn first_word(mut file: &Source, is_wanted: impl Fn(u8) -> bool) -> Result<Vec<u8>> {
    file.rewind().map_err(unreadable)?;
    let mut word = Vec::new();
    let mut is_found = false;
    for byte in BufReader::new(file).bytes() {
        let byte = byte.map_err(unreadable)?;
        let is_of_word = !byte.is_ascii() || byte.is_ascii_alphanumeric() || byte == b'\'';
        if (!is_of_word || word.len() >= LONGEST_WORD) && is_found {
            break;
        }
        if !is_of_word || word.len() >= LONGEST_WORD {
            word.clear();
        }
        if is_of_word {
            word.push(byte);
            is_found |= is_wanted(byte);
        }
    }
    Ok(word)
}

/// Fails when the configured `encoding` is certainly wrong: the accents are UTF-8, or only another encoding yields
/// words. In cp850 and macintosh, every byte is a letter.
fn refuse_wrong_choice(encoding: TextEncoding, check: &Utf8Check, file: &Source) -> Result<()> {
    // UTF-8 read as windows-1252 or iso-8859-15 is detected in the cells.
    let takes_all = matches!(encoding, TextEncoding::Cp850 | TextEncoding::Macintosh);
    let right = match &check.evidence {
        None => (takes_all && check.accents > 0).then_some(TextEncoding::Utf8),
        Some(evidence) => excludes(encoding, evidence),
    };
    let Some(right) = right else {
        return Ok(());
    };
    let (wrong_word, right_word) = examples(encoding, right, file)?;
    let why = format!(
        "ce n'est pas du {} : « {wrong_word} » serait « {right_word} » en {}",
        encoding.name(),
        right.name()
    );
    Err(impossible(why, right.name()))
}

/// The configured encoding; `None` if it is to be detected.
fn chosen(choice: EncodingChoice) -> Option<TextEncoding> {
    match choice {
        EncodingChoice::Auto | EncodingChoice::Utf16 => None,
        EncodingChoice::Utf8 => Some(TextEncoding::Utf8),
        EncodingChoice::Windows1252 => Some(TextEncoding::Windows1252),
        EncodingChoice::Iso8859_15 => Some(TextEncoding::Iso8859_15),
        EncodingChoice::Cp850 => Some(TextEncoding::Cp850),
        EncodingChoice::Macintosh => Some(TextEncoding::Macintosh),
    }
}

/// Fails when the file contains a byte that is no character of the configured `encoding`.
fn check_letters(encoding: TextEncoding, check: &Utf8Check, file: &Source) -> Result<()> {
    let letters: Vec<char> = (0..0x80).map(|high| encoding.letter(high)).collect();
    let is_impossible = |byte: u8| {
        let letter = letters.get(usize::from(byte & 0x7F));
        !byte.is_ascii() && letter.is_some_and(|letter| is_no_letter(*letter))
    };
    let may_be = match &check.evidence {
        Some(evidence) => evidence.bytes().any(|high| is_impossible(high | 0x80)),
        // It is all UTF-8, whose bytes were not counted.
        None => check.is_beyond_ascii && (0x80..=0xFF).any(is_impossible),
    };
    if !may_be {
        return Ok(());
    }
    let mut found = None;
    let (line, column) = place(file, encoding, |_, byte| {
        let stops = is_impossible(byte);
        if stops {
            found = Some(byte);
        }
        stops
    })?;
    let Some(byte) = found else {
        return Ok(());
    };
    let works = check.evidence.as_ref();
    let works = works.map_or("utf-8", |evidence| verdict(evidence).encoding.name());
    Err(impossible(
        format!(
            "l'octet {byte:02X} en ligne {line}, colonne {column} n'est pas du {}",
            encoding.name()
        ),
        works,
    ))
}

/// The evidence against the configured `encoding`, if any.
fn remark_on_choice(encoding: TextEncoding, evidence: Option<&Evidence>) -> Option<String> {
    let evidence = evidence?;
    let verdict = verdict(evidence);
    let likelier = verdict.clearly_not(encoding, evidence)?.name();
    // The setting decides between two with plausible words.
    (verdict.rival != Some(encoding)).then(|| {
        format!(
            "lu en {} comme le veut le réglage ENCODING, mais le texte semble être en {likelier}",
            encoding.name()
        )
    })
}

fn impossible(what: String, works: &str) -> Error {
    let hint = if works == "auto" {
        "Laissez l'encodage se trouver : réglage ENCODING=auto".to_owned()
    } else {
        format!("L'encodage {works} conviendrait : réglage ENCODING={works}, ou auto")
    };
    Error::data(what).hint(hint)
}

/// Line and column, counted from 1, of the first byte of `file` for which `stops` (offset, value) is true.
fn place(
    mut file: &Source,
    encoding: TextEncoding,
    mut stops: impl FnMut(u64, u8) -> bool,
) -> Result<(u64, u64)> {
    file.rewind().map_err(unreadable)?;
    let (mut line, mut column) = (1, 1);
    let mut after_return = false;
    for (byte, offset) in BufReader::new(file).bytes().zip(0..) {
        let byte = byte.map_err(unreadable)?;
        if stops(offset, byte) {
            break;
        }
        // The byte of each character that is not a continuation.
        let counts = match encoding {
            TextEncoding::Utf8 => byte & 0xC0 != 0x80,
            TextEncoding::Utf16Le => offset % 2 == 0,
            TextEncoding::Utf16Be => offset % 2 == 1,
            _ => true,
        };
        match byte {
            _ if !counts => {}
            b'\n' if after_return => after_return = false,
            b'\n' | b'\r' => {
                (line, column) = (line + 1, 1);
                after_return = byte == b'\r';
            }
            _ => {
                column += 1;
                after_return = false;
            }
        }
    }
    Ok((line, column))
}
