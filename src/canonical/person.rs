//! Names of customers: splits names of persons, recognises names of firms.

use std::borrow::Cow;

use super::given_names::{Given, given};
use super::person_words::{
    is_civility, is_particle, keeps_whole, marks_firm_anywhere, marks_firm_first,
    marks_firm_in_capitals, may_mark_firm_first,
};
use super::text::{clean, fold, trim};

/// The name of a customer: of a person (last name, perhaps first name) or of a firm. Case stays as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity<'a> {
    /// Given name.
    pub first_name: Option<Cow<'a, str>>,
    /// Family name, or the whole name when it cannot be split.
    pub last_name: Option<Cow<'a, str>>,
    /// Name of a firm.
    pub company_name: Option<Cow<'a, str>>,
}

/// The name in two columns. A firm is recognised only when the first name is empty; names are not split.
#[must_use]
pub fn identify<'a>(last: &'a str, first: &'a str) -> Identity<'a> {
    let filled = |text: &'a str| Some(clean(text)).filter(|text| !text.is_empty());
    let (last, first) = (filled(last), filled(first));
    match last {
        Some(name) if first.is_none() && is_company(&name) => Identity {
            company_name: Some(name),
            ..Identity::default()
        },
        last_name => Identity {
            first_name: first,
            last_name,
            company_name: None,
        },
    }
}

/// The name in a single column. Splits it only when it is clearly the name of a person.
///
/// Titles are removed. The part in capitals is the family name (`DUPONT Jean`, `Jean de LA TOUR`);
/// without capitals, a list of first names decides (`Jean Dupont`). A name that neither decides
/// becomes the last name as a whole.
#[must_use]
pub fn split(full: &str) -> Identity<'_> {
    match clean(full) {
        Cow::Borrowed(name) => split_clean(name).map(Cow::Borrowed),
        Cow::Owned(name) => split_clean(&name).map(|part| Cow::Owned(part.to_owned())),
    }
}

/// Whether `text`, a [cleaned](clean) name, is the name of a firm, an institution or a shop.
#[must_use]
pub fn is_company(text: &str) -> bool {
    let words: Vec<Word<'_>> = words(text).collect();
    is_firm(&words)
}

/// Parts of a name, as slices of the name; empty for a missing part.
#[derive(Default)]
struct Parts<'t> {
    first: &'t str,
    last: &'t str,
    company: &'t str,
}

impl<'t> Parts<'t> {
    fn map<'a>(self, own: impl Fn(&'t str) -> Cow<'a, str>) -> Identity<'a> {
        let part = |text: &'t str| (!text.is_empty()).then(|| own(text));
        Identity {
            first_name: part(self.first),
            last_name: part(self.last),
            company_name: part(self.company),
        }
    }
}

/// One word of a name, and its position.
struct Word<'t> {
    text: &'t str,
    start: usize,
    /// Lower-case, no accents, no full stops: `S.A.R.L.` is `sarl`.
    folded: String,
}

impl Word<'_> {
    /// Whether the word has at least two letters, all capitals. Ignores the `d'` of `d'ORMESSON`.
    fn is_capitals(&self) -> bool {
        let name = self
            .text
            .strip_prefix("d'")
            .or(self.text.strip_prefix("d’"))
            .unwrap_or(self.text);
        let mut letters = name.chars().filter(|c| c.is_alphabetic());
        letters.clone().nth(1).is_some() && letters.all(char::is_uppercase)
    }

    /// Whether each part of the word is a capital and lower-case letters: `Anne-Sophie`.
    fn is_capitalised(&self) -> bool {
        self.text.split('-').all(|part| {
            let mut letters = part.chars();
            letters.next().is_some_and(char::is_uppercase)
                && part.chars().nth(1).is_some()
                && letters.all(|c| c.is_lowercase() || c == '\'')
        })
    }

    fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    text.split(' ').filter_map(move |word| {
        let start = at;
        at += word.len() + 1;
        // Cleaning keeps zero-width characters inside a text; they are not part of a word.
        let text = trim(word);
        let lead = word.find(text).unwrap_or_default();
        let mut folded = fold(text);
        folded.retain(|c| c != '.');
        (!text.is_empty()).then_some(Word {
            text,
            start: start + lead,
            folded,
        })
    })
}

fn is_firm(words: &[Word<'_>]) -> bool {
    let anywhere = |word: &Word<'_>| {
        marks_firm_anywhere(
            word.folded
                .trim_end_matches([',', ')'])
                .trim_start_matches('('),
        )
    };
    let undotted = |word: &Word<'_>| word.text.replace('.', "");
    let legal_form =
        |word: &Word<'_>| word.text.len() <= 8 && marks_firm_in_capitals(&undotted(word));
    let after_particle = |place: usize| {
        place > 0
            && words
                .get(place - 1)
                .is_some_and(|word| is_particle(&word.folded))
    };
    if words.iter().any(anywhere)
        || words.len() > 1
            && words
                .iter()
                .enumerate()
                .any(|(place, word)| legal_form(word) && !after_particle(place))
    {
        return true;
    }
    // `Le Bistrot`, `L'Auberge`: the article is skipped.
    let words = match words {
        [article, rest @ ..] if matches!(article.folded.as_str(), "le" | "la" | "les") => rest,
        _ => words,
    };
    let Some((first, rest)) = words.split_first() else {
        return false;
    };
    let trade = first
        .folded
        .trim_start_matches("l'")
        .trim_start_matches("l’");
    let works_council = undotted(first) == "CE" && !rest.is_empty();
    works_council
        || first.text.starts_with("Sté") && !rest.is_empty()
        || marks_firm_first(trade)
        || may_mark_firm_first(trade) && !is_surname(first, rest)
}

/// Whether a trade such as `CHÂTEAU` is a family name: alone, or with first names only.
fn is_surname(first: &Word<'_>, rest: &[Word<'_>]) -> bool {
    let all_first_names = rest
        .iter()
        .all(|word| given(&word.folded) != Given::Unknown);
    let title_case = first.is_capitalised() && !rest.is_empty();
    all_first_names && !title_case
}

fn split_clean(name: &str) -> Parts<'_> {
    let whole = Parts {
        last: name,
        ..Parts::default()
    };
    let all: Vec<Word<'_>> = words(name).collect();
    if is_firm(&all) {
        return Parts {
            company: name,
            ..Parts::default()
        };
    }
    let words = without_civilities(&all);
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return whole;
    };
    let odd = |c: char| !(c.is_alphabetic() || c == ' ' || c == '-' || c == '\'' || c == '’');
    let slice = name.get(first.start..last.end()).unwrap_or(name);
    let doubtful = words
        .iter()
        .any(|word| keeps_whole(&word.folded) || is_civility(&word.folded));
    if doubtful || slice.contains(odd) {
        return if words.len() == all.len() || doubtful {
            whole
        } else {
            Parts {
                last: slice,
                ..whole
            }
        };
    }
    let Some((cut, first_name_leads)) = cut_by_capitals(words).or_else(|| cut_by_list(words))
    else {
        return Parts {
            last: slice,
            ..whole
        };
    };
    let (Some(before), Some(after)) = (words.get(cut.wrapping_sub(1)), words.get(cut)) else {
        return Parts {
            last: slice,
            ..whole
        };
    };
    let left = name.get(first.start..before.end()).unwrap_or_default();
    let right = name.get(after.start..last.end()).unwrap_or_default();
    let (first, last) = if first_name_leads {
        (left, right)
    } else {
        (right, left)
    };
    Parts {
        first,
        last,
        company: "",
    }
}

/// The words after `M.`, `Mme`, `M. et Mme`…; all words when none would remain.
fn without_civilities<'w, 't>(all: &'w [Word<'t>]) -> &'w [Word<'t>] {
    let link = |word: &Word<'_>| matches!(word.folded.as_str(), "et" | "&" | "ou");
    let mut rest = all;
    loop {
        rest = match rest {
            [title, and, second, after @ ..]
                if is_civility(&title.folded)
                    && link(and)
                    && is_civility(&second.folded)
                    && !after.is_empty() =>
            {
                after
            }
            [title, after @ ..] if is_civility(&title.folded) && !after.is_empty() => after,
            _ => return rest,
        };
    }
}

/// The index of the word at which to split, and whether the first name comes first. For a family name
/// in capitals, with its particles, beside capitalised first names.
fn cut_by_capitals(words: &[Word<'_>]) -> Option<(usize, bool)> {
    let family = |word: &Word<'_>| word.is_capitals();
    let particle = |word: &Word<'_>| is_particle(&word.folded);
    let first_names = |words: &[Word<'_>]| {
        (1..=3).contains(&words.len())
            && words
                .iter()
                .all(|word| word.is_capitalised() && !particle(word))
    };
    let family_name = |words: &[Word<'_>]| {
        words.last().is_some_and(family) && words.iter().all(|word| family(word) || particle(word))
    };
    (1..words.len()).find_map(|cut| {
        let (left, right) = words.split_at(cut);
        if first_names(left) && family_name(right) {
            Some((cut, true))
        } else if family_name(left) && first_names(right) {
            Some((cut, false))
        } else {
            None
        }
    })
}

/// Like [`cut_by_capitals`], by the list of first names.
fn cut_by_list(words: &[Word<'_>]) -> Option<(usize, bool)> {
    let kind = |word: &Word<'_>| given(&word.folded);
    let leading = match words.first().map(kind) {
        Some(Given::Yes) => words
            .iter()
            .take_while(|word| kind(word) != Given::Unknown)
            .count(),
        _ => 0,
    };
    match words {
        [first, last] => match (kind(first), kind(last)) {
            (Given::Yes, Given::Unknown | Given::FamilyToo) if !is_particle(&last.folded) => {
                Some((1, true))
            }
            // `Thomas Keller`: the usual order.
            (Given::FamilyToo, Given::Unknown) => Some((1, true)),
            (Given::Unknown | Given::FamilyToo, Given::Yes) if !is_particle(&first.folded) => {
                Some((1, false))
            }
            _ => None,
        },
        // `Jean Pierre Dupont`, `Jean de La Tour`: first names, then particles and one family name.
        [_, .., last] if leading > 0 && leading < words.len() && kind(last) == Given::Unknown => {
            let (_, family) = words.split_at(leading);
            let (_, particles) = family.split_last()?;
            particles
                .iter()
                .all(|word| is_particle(&word.folded))
                .then_some((leading, true))
        }
        // `Le Goff Anne-Sophie`
        [article, name, first]
            if is_particle(&article.folded)
                && !is_particle(&name.folded)
                && kind(name) == Given::Unknown
                && kind(first) == Given::Yes =>
        {
            Some((2, false))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(identity: &Identity<'_>) -> (String, String, String) {
        let plain = |part: &Option<Cow<'_, str>>| part.as_deref().unwrap_or_default().to_owned();
        (
            plain(&identity.first_name),
            plain(&identity.last_name),
            plain(&identity.company_name),
        )
    }

    #[test]
    fn persons_are_split() {
        for (full, first, last) in [
            ("DUPONT Jean", "Jean", "DUPONT"),
            ("Jean Dupont", "Jean", "Dupont"),
            ("Dupont Jean", "Jean", "Dupont"),
            ("Jean DUPONT", "Jean", "DUPONT"),
            ("DUPONT JEAN", "JEAN", "DUPONT"),
            ("jean dupont", "jean", "dupont"),
            ("M. et Mme Jean DUPONT", "Jean", "DUPONT"),
            ("Monsieur et Madame Jean Dupont", "Jean", "Dupont"),
            ("Mme Sophie MARTIN", "Sophie", "MARTIN"),
            ("Dr Élodie Müller", "Élodie", "Müller"),
            ("Me Jean Garçon", "Jean", "Garçon"),
            ("Mr & Mme DUPONT Jean", "Jean", "DUPONT"),
            ("Jean de La Tour", "Jean", "de La Tour"),
            ("Jean de LA TOUR", "Jean", "de LA TOUR"),
            ("DE LA TOUR Jean", "Jean", "DE LA TOUR"),
            ("LE GOFF Anne-Sophie", "Anne-Sophie", "LE GOFF"),
            ("Le Goff Anne-Sophie", "Anne-Sophie", "Le Goff"),
            ("D'HÉROUVILLE Élodie", "Élodie", "D'HÉROUVILLE"),
            ("Élodie d'Hérouville", "Élodie", "d'Hérouville"),
            ("Jean d'ORMESSON", "Jean", "d'ORMESSON"),
            ("SCHMITT-WEBER Loïc", "Loïc", "SCHMITT-WEBER"),
            ("Loïc Schmitt-Weber", "Loïc", "Schmitt-Weber"),
            ("CHÂTEAU Jean", "Jean", "CHÂTEAU"),
            ("Jean CHÂTEAU", "Jean", "CHÂTEAU"),
            ("Jean Château", "Jean", "Château"),
            ("DUPONT Jean Pierre", "Jean Pierre", "DUPONT"),
            ("Jean Pierre Dupont", "Jean Pierre", "Dupont"),
            ("MARTIN Bernard", "Bernard", "MARTIN"),
            ("KOVÁCS Zoltán", "Zoltán", "KOVÁCS"),
            ("Jean Martin", "Jean", "Martin"),
            ("Thomas Keller", "Thomas", "Keller"),
            ("Maria de SA", "Maria", "de SA"),
            ("  DUPONT   Jean ", "Jean", "DUPONT"),
            ("Œuvrard Maëlle", "Maëlle", "Œuvrard"),
        ] {
            let got = parts(&split(full));
            assert_eq!(
                got,
                (first.to_owned(), last.to_owned(), String::new()),
                "{full}"
            );
        }
    }

    #[test]
    fn unclear_names_stay_whole() {
        for (full, last) in [
            ("DUPONT", "DUPONT"),
            ("de La Tour", "de La Tour"),
            ("Schmitt-Weber", "Schmitt-Weber"),
            ("CHÂTEAU", "CHÂTEAU"),
            ("M. DUPONT", "DUPONT"),
            ("M. et Mme Dupont", "Dupont"),
            ("M.", "M."),
            ("Martin Bernard", "Martin Bernard"),
            ("Zoltán Kovács", "Zoltán Kovács"),
            ("Keller Thomas", "Keller Thomas"),
            ("Famille DUPONT", "Famille DUPONT"),
            ("DUPONT Jean et DURAND Marie", "DUPONT Jean et DURAND Marie"),
            ("M. Jean et Mme Marie DUPONT", "M. Jean et Mme Marie DUPONT"),
            ("DUPONT Jeanne née MARTIN", "DUPONT Jeanne née MARTIN"),
            ("DUPONT (Jean)", "DUPONT (Jean)"),
            ("DUPONT J.", "DUPONT J."),
            ("Client 12", "Client 12"),
            ("de Sainte Marie", "de Sainte Marie"),
            ("Le Goff", "Le Goff"),
            ("", ""),
        ] {
            assert_eq!(
                parts(&split(full)),
                (String::new(), last.to_owned(), String::new()),
                "{full}"
            );
        }
    }

    #[test]
    fn firms_stay_whole() {
        for firm in [
            "SARL Cave du Port",
            "EARL des Trois Épis",
            "SCEA Müller",
            "S.A.R.L. DUPONT",
            "Restaurant L'Étoile",
            "Mairie de Ribeauvillé",
            "SAS Vins & Cie",
            "Dupont SA",
            "Hôtel du Lac",
            "Château Margaux Bordeaux",
            "Château de la Tour",
            "Domaine Weber",
            "Cave de Turckheim",
            "Caviste du Centre",
            "Association Saint-Vincent",
            "Ets DUPONT",
            "Société Générale",
            "CE Michelin",
            "Comité d'entreprise SNCF",
            "Épicerie fine",
            "Bar du Marché",
            "Brasserie Kronenbourg",
            "Boulangerie Paul",
            "Commune de Barr",
            "Syndicat viticole",
            "Weinhaus Müller GmbH",
            "Wine Imports Ltd",
            "Wijn BV",
            "Vini SRL",
            "Wines Inc.",
            "L'Auberge de l'Ill",
            "Le Bistrot",
            "Au Bon Coin",
            "Chez Paul",
            "Sté DUPONT",
            "Dupont Frères & Cie",
            "Restaurant",
            "GAEC DUPONT Jean",
        ] {
            assert_eq!(parts(&split(firm)).2, firm);
            assert_eq!(parts(&identify(firm, "")).2, firm);
            assert_eq!(
                parts(&identify(firm, "Jean")),
                ("Jean".to_owned(), firm.to_owned(), String::new())
            );
        }
        assert_eq!(
            parts(&identify("CHÂTEAU", " ")),
            (String::new(), "CHÂTEAU".to_owned(), String::new())
        );
        assert_eq!(identify("", ""), Identity::default());
        assert!(matches!(
            split("DUPONT Jean").last_name,
            Some(Cow::Borrowed("DUPONT"))
        ));
    }

    proptest! {
        #[test]
        fn no_word_is_lost(
            full in prop_oneof!["\\PC{0,24}", "(M\\.|Mme|et|DUPONT|Jean|Marie|Martin|de|La|SARL|Cave|d'ORMESSON|Élodie|12)( (M\\.|Mme|et|DUPONT|Jean|Marie|Martin|de|La|SARL|Cave|d'ORMESSON|Élodie|12)){0,5}"],
        ) {
            let identity = split(&full);
            let (first, last, company) = parts(&identity);
            let sorted = |text: &str| {
                let mut words: Vec<String> = text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
                words.sort();
                words
            };
            let cleaned = clean(&full);
            let all: Vec<Word<'_>> = words(&cleaned).collect();
            let untitled = without_civilities(&all).first().map_or(0, |word| word.start);
            let kept = sorted(&format!("{first} {last} {company}"));
            let expected = [sorted(&cleaned), sorted(&cleaned[untitled..])];
            prop_assert!(expected.contains(&kept), "{:?} became {:?}", full, identity);
        }
    }
}
