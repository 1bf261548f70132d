//! Sales units and bottle formats, and their equivalents in bottles of 75 cl.

use super::bottle_words::{Element, ONE, elements};
use super::decimal::{Decimal, divide_rounding};
use super::text::fold;

/// The contents of one sales unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Bottles in one unit.
    pub bottles: Decimal,
    /// Volume of one bottle in centilitres; `None` when the unit does not give it.
    pub format_cl: Option<Decimal>,
}

/// Volume of the standard bottle, in centilitres.
pub const USUAL_CL: Decimal = Decimal::from_ten_thousandths(USUAL_BOTTLE);

/// Volume of the standard bottle, in ten-thousandths of a centilitre.
const USUAL_BOTTLE: i64 = 75 * ONE;
/// Most bottles in one unit: more than a pallet.
const MAX_COUNT: i64 = 2_000 * ONE;
/// Largest number beside a volume that is read as a count: `1500-6`, `75 x 12`.
const MAX_COUNT_BESIDE_A_VOLUME: i64 = 60 * ONE;
/// From this number on, the only number of a pack may be a volume: `carton 75`.
const MIN_DOUBTFUL_COUNT: i64 = 37 * ONE;
/// Largest volume read in a product's name; `2020 L` is something else.
const MAX_VOLUME_IN_A_NAME: i64 = 10_000 * ONE;

/// Parses a sales unit: `bouteille`, `magnum`, `carton de 6`, `6 x 75 cl`, `C12`, `BIB 5L`, `hl`.
///
/// `case_size` is the number of bottles in a case written without a count. `region` (or appellation)
/// decides the volume of a jéroboam, which is larger in Bordeaux. Empty text is one bottle of the
/// product's format. `None` when the unit, or one word of it, is unknown.
#[must_use]
pub fn unit(text: &str, case_size: u32, region: Option<&str>) -> Option<Unit> {
    let found = elements(&fold(text), region);
    if found.is_empty() && !text.trim().is_empty() {
        return None;
    }
    read_unit(&found, case_size)
}

/// Volume of one bottle in centilitres, from a format column, a product's name or its code:
/// `75cl`, `0,75 L`, `1500 ml`, `Magnum`, `BIB 5L`, `RIESLING-2020-75CL`.
///
/// A volume with its unit takes precedence over a word: `demi-bouteille 50 cl` is 50. A number
/// without a unit is a volume only when it is the whole text and a bottle of that size exists. Words
/// that are also names of wines (`Cuvée Impériale`, `Quarts de Chaume`, `demi-sec`) count only when
/// they are the whole text. `None` for no volume, or for two different ones.
#[must_use]
pub fn format_cl(text: &str, region: Option<&str>) -> Option<Decimal> {
    let found = elements(&fold(text), region);
    if let Some(unit) = read_unit(&found, 1) {
        return unit.format_cl;
    }
    let volumes = found.iter().filter_map(|element| match *element {
        Element::Volume(volume) if (1..=MAX_VOLUME_IN_A_NAME).contains(&volume) => Some(volume),
        _ => None,
    });
    if volumes.clone().next().is_some() {
        return only_one(volumes).map(decimal);
    }
    let ends_with_half = matches!(found.last(), Some(Element::Fraction(2)));
    let words = found.iter().filter_map(|element| match *element {
        Element::Format {
            volume,
            also_a_name: false,
        } => Some(volume),
        _ => None,
    });
    only_one(words.chain(ends_with_half.then_some(USUAL_BOTTLE / 2))).map(decimal)
}

/// Bottles of 75 cl in `quantity` units, rounded once to 4 places, half away from zero.
///
/// An unknown unit (`None`) counts as a bottle of 75 cl. A unit without a volume takes the product's
/// volume, or 75 cl when that is unknown. `None` when the result is out of range.
#[must_use]
pub fn equivalents(
    quantity: Decimal,
    unit: Option<Unit>,
    product_format_cl: Option<Decimal>,
) -> Option<Decimal> {
    let Some(unit) = unit else {
        return Some(quantity);
    };
    multiple(quantity, (1, 0), unit, product_format_cl)
}

/// Like [`equivalents`], for a unit that is `mantissa` × 10^−`scale` of `unit`. Rounded once, so that six sixths of a
/// carton are one carton.
#[must_use]
pub fn multiple(
    quantity: Decimal,
    (mantissa, scale): (i128, u32),
    unit: Unit,
    product_format_cl: Option<Decimal>,
) -> Option<Decimal> {
    let format = unit
        .format_cl
        .or(product_format_cl)
        .map_or(USUAL_BOTTLE, Decimal::ten_thousandths);
    let numerator = i128::from(quantity.ten_thousandths())
        .checked_mul(i128::from(unit.bottles.ten_thousandths()))?
        .checked_mul(i128::from(format))?
        .checked_mul(mantissa)?;
    let denominator = i128::from(USUAL_BOTTLE) * i128::from(ONE);
    let denominator = denominator.checked_mul(10_i128.checked_pow(scale)?)?;
    Decimal::from_scaled(divide_rounding(numerator, denominator), 4)
}

const fn decimal(ten_thousandths: i64) -> Decimal {
    Decimal::from_ten_thousandths(ten_thousandths)
}

fn only_one(mut values: impl Iterator<Item = i64>) -> Option<i64> {
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

/// Number of bottles, and volume of one; `None` for what the text does not give.
type Contents = (Option<i64>, Option<i64>);

fn read_unit(found: &[Element], case_size: u32) -> Option<Unit> {
    use Element::{Dash, Fraction, Number, Pack, Times};
    let case_size = i64::from(case_size) * ONE;
    let (count, format) = match found {
        [] => (None, None),
        [Number(value)] => (None, Some(printed_volume(*value)?)),
        [Times, Number(count)] => (Some(*count), None),
        // `douzaine de magnums`
        [Times, Number(count), bottle @ ..] => (Some(*count), container(bottle)?),
        // `6-pack`: the number before a pack without a usual size is its count.
        [Number(count), Pack { usual: false }] | [Number(count), Dash, Pack { usual: false }] => {
            (Some(*count), None)
        }
        [Number(packs), Pack { usual }, inside @ ..] => {
            let (count, format) = in_a_pack(inside, *usual, case_size)?;
            (Some(multiply(*packs, count)?), format)
        }
        [Pack { usual }, inside @ ..] => {
            let (count, format) = in_a_pack(inside, *usual, case_size)?;
            (Some(count), format)
        }
        // `6 bouteilles caisse` is understood below; half a carton is not a known unit.
        [.., Fraction(_), Pack { .. }] => return None,
        [inside @ .., Pack { .. }] => contents(inside)?,
        _ => contents(found)?,
    };
    let count = count.unwrap_or(ONE);
    let whole = count % ONE == 0 && (ONE..=MAX_COUNT).contains(&count);
    let some_volume = format.is_none_or(|volume| volume > 0);
    (whole && some_volume).then(|| Unit {
        bottles: decimal(count),
        format_cl: format.map(decimal),
    })
}

/// Contents of one pack, from the elements after its name.
fn in_a_pack(inside: &[Element], usual: bool, case_size: i64) -> Option<(i64, Option<i64>)> {
    use Element::{Dash, Number, Pack, Times};
    match inside {
        // `caisse carton de 6`: one case made of cardboard.
        [Pack { .. }, inside @ ..] => in_a_pack(inside, usual, case_size),
        // `carton-6`, `C x 6`.
        [Dash | Times, inside @ ..] if !matches!(inside, [Dash | Times, ..]) => {
            in_a_pack(inside, usual, case_size)
        }
        [Number(count)] if *count < MIN_DOUBTFUL_COUNT || printed_volume(*count).is_none() => {
            Some((*count, None))
        }
        [Number(_)] => None,
        _ => {
            let (count, format) = contents(inside)?;
            Some((count.or(usual.then_some(case_size))?, format))
        }
    }
}

/// Contents of a unit without a pack: `6 magnums`, `6x75cl`, `1500-6`, `bouteille 75 cl`.
fn contents(found: &[Element]) -> Option<Contents> {
    use Element::{Dash, Number, Times};
    match found {
        [] => Some((None, None)),
        [Number(count), Times | Dash, Number(other)] => count_and_volume(*count, *other),
        [Number(count), Times | Dash, bottle @ ..] | [Number(count), bottle @ ..] => {
            Some((Some(*count), container(bottle)?))
        }
        [bottle @ .., Times | Dash, Number(count)] if let Some(format) = container(bottle) => {
            Some((Some(*count), format))
        }
        // `bouteille 75`
        [bottle @ .., Number(volume)] if let Some(volume) = printed_volume(*volume) => {
            container(bottle)?;
            Some((None, Some(volume)))
        }
        bottle => Some((None, container(bottle)?)),
    }
}

/// Volume of one bottle. The outer `None`: not understood; the inner `None`: a bottle without a volume.
#[expect(
    clippy::option_option,
    reason = "not understood and no volume are two results"
)]
fn container(found: &[Element]) -> Option<Option<i64>> {
    use Element::{Bag, Dash, Format, Fraction, Number, Piece, Volume};
    match found {
        [Piece | Bag] => Some(None),
        [Fraction(2)] => Some(Some(USUAL_BOTTLE / 2)),
        [Fraction(_)] => Some(Some(USUAL_BOTTLE / 4)),
        // Bags are sold by the litre: `BIB 5`.
        [Bag, Number(litres)] | [Bag, Dash, Number(litres)] => {
            Some(Some(multiply(*litres, 100 * ONE)?))
        }
        // A written volume takes precedence over the bottle's name.
        [Volume(volume) | Format { volume, .. }]
        | [Volume(volume), Format { .. } | Fraction(_) | Piece | Bag]
        | [Format { .. } | Fraction(_) | Piece | Bag, Volume(volume)]
        | [
            Format { .. } | Fraction(_) | Piece | Bag,
            Dash,
            Volume(volume),
        ] => Some(Some(*volume)),
        _ => None,
    }
}

/// Which number is the count and which the volume in `6 x 75`, `75 x 6`, `1500-6`; `None` when both readings are
/// possible, or neither.
fn count_and_volume(left: i64, right: i64) -> Option<Contents> {
    let reading = |count: i64, volume: i64| {
        let volume = printed_volume(volume).filter(|_| count <= MAX_COUNT_BESIDE_A_VOLUME)?;
        (count % ONE == 0).then_some((Some(count), Some(volume)))
    };
    match (reading(left, right), reading(right, left)) {
        (Some(only), None) | (None, Some(only)) => Some(only),
        _ => None,
    }
}

/// Volume in centilitres of a number without a unit: centilitres (`75`), millilitres (`750`) or
/// litres (`0.75`). `None` when no bottle has that volume.
fn printed_volume(number: i64) -> Option<i64> {
    const CENTILITRES: [i64; 11] = [
        187_500, 200_000, 250_000, 375_000, 460_000, 500_000, 620_000, 700_000, 750_000, 1_000_000,
        1_500_000,
    ];
    const LARGER: [i64; 4] = [2_250_000, 3_000_000, 5_000_000, 6_000_000];
    if CENTILITRES.contains(&number) {
        return Some(number);
    }
    if number == 187 * ONE {
        return Some(USUAL_BOTTLE / 4);
    }
    let is_volume = |centilitres: &i64| {
        let millilitres = *centilitres * 10 == number;
        let decimal_litres = *centilitres == number * 100 && number % ONE != 0;
        millilitres || decimal_litres
    };
    CENTILITRES
        .iter()
        .chain(&LARGER)
        .find(|volume| is_volume(volume))
        .copied()
}

fn multiply(a: i64, b: i64) -> Option<i64> {
    i64::try_from(i128::from(a) * i128::from(b) / i128::from(ONE)).ok()
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "small literals")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bottles and centilitres of a unit as plain numbers; 0 centilitres when the unit gives none.
    fn read(text: &str) -> Option<(f64, f64)> {
        let plain = |value: Decimal| {
            f64::from(i32::try_from(value.ten_thousandths()).expect("a small number")) / 1e4
        };
        unit(text, 12, None).map(|unit| (plain(unit.bottles), unit.format_cl.map_or(0.0, plain)))
    }

    #[test]
    fn single_bottles() {
        for (texts, volume) in [
            ("|unité|Pièce|u|pce|U.|Unit(s)|BIB|fontaine à vin", 0.0),
            (
                "bouteille|Bouteilles|BTL|btl.|bt|bte|bouteille(s)|75|75cl|75 CL|0,75|0.75 L|750|750 ml|7,5 dl|bouteille 75|bouteille de 75 cl|75cl bouteille|col|1 bouteille|bt 75",
                75.0,
            ),
            (
                "demi|demie|demis|demi-bouteille|demi bouteille|1/2|1/2 bouteille|1/2 btl|½|½ bouteille|fillette|37,5 cl|37.5|375|37,5|375ml|demi-bouteille 37,5 cl",
                37.5,
            ),
            (
                "quart|quarts|1/4|187|18.75|18,75 cl|quart de bouteille|quart 18.75 cl",
                18.75,
            ),
            ("20 cl|20|200 ml|quart 20 cl", 20.0),
            ("pot|Pot lyonnais|46cl", 46.0),
            (
                "50|50 cl|500|0.5 L|1/2 litre|demi-litre|demi-bouteille 50 cl|0,5",
                50.0,
            ),
            ("quart de litre|25cl", 25.0),
            ("clavelin|62 cl", 62.0),
            (
                "magnum|Magnums|MAG|mag.|150|150cl|1,5 L|1.5|1L5|1500|1500 ml|magnum 150 cl|magnum (1,5 L)|magnum 150",
                150.0,
            ),
            ("marie-jeanne|Marie Jeanne", 225.0),
            (
                "double magnum|double-magnum|jéroboam|JEROBOAM|3 L|BIB 3L|bib 3 l|BIB 3",
                300.0,
            ),
            ("réhoboam", 450.0),
            (
                "BIB 5L|bib5|5 L BIB|Bag-in-Box 5 L|BIB 5 litres|cubi 5L|BIB-5L|jéroboam 5 L",
                500.0,
            ),
            ("mathusalem|impériale", 600.0),
            ("salmanazar", 900.0),
            ("fontaine à vin 10 L|BIB 10|10 litres", 1000.0),
            ("balthazar", 1200.0),
            ("nabuchodonosor", 1500.0),
            ("melchior|salomon", 1800.0),
            ("souverain", 2625.0),
            ("primat", 2700.0),
            ("melchizédec|Melchizedek", 3000.0),
            ("litre|L|l.|1 L|litres|100", 100.0),
            ("hl|hectolitre|HL|100 L", 10_000.0),
            ("cl", 1.0),
        ] {
            for text in texts.split('|') {
                assert_eq!(read(text), Some((1.0, volume)), "{text:?}");
            }
        }
    }

    #[test]
    fn packs() {
        for (texts, bottles, volume) in [
            (
                "carton|Caisse|case|coffret|cartons|ctn|1 carton|douzaine|C12|Dozen(s)|carton de 12|caisse x 12",
                12.0,
                0.0,
            ),
            (
                "carton de 6|caisse 6|C6|c 6|CT6|carton6|carton (6)|caisse bois 6|caisse bois de 6|CBO 6|CBO6|coffret 6|lot de 6|pack de 6|6-pack|x6|x 6|1 carton de 6|carton par 6|carton de 6 unités|caisse carton de 6|carton-6",
                6.0,
                0.0,
            ),
            ("coffret 3|lot de 3", 3.0, 0.0),
            ("2 cartons", 24.0, 0.0),
            (
                "6x75cl|6 x 75 cl|6×75cl|6X75|75x6|75 cl x 6|6*0,75|carton 6x75cl|6/75cl|6/75|75-6|750-6|6-75cl|carton de 6 bouteilles|6 bouteilles|6 btl|carton de 6 x 75 cl|6x75cl carton|C6-75cl|carton de 6 bouteilles de 75 cl",
                6.0,
                75.0,
            ),
            (
                "1500-6|carton de 6 magnums|6 magnums|6 x magnum|magnum x6|6x1,5L|6 mag|150-6|coffret bois 6 magnums",
                6.0,
                150.0,
            ),
            (
                "carton de magnums|douzaine de magnums|12x150cl",
                12.0,
                150.0,
            ),
            (
                "carton de 12 demis|12 x 1/2|12x37,5|12 demi-bouteilles|375-12|C12 1/2 bouteilles",
                12.0,
                37.5,
            ),
            ("carton de 4 BIB 5L|4 x 5 L", 4.0, 500.0),
            ("carton 24", 24.0, 0.0),
        ] {
            for text in texts.split('|') {
                assert_eq!(read(text), Some((bottles, volume)), "{text:?}");
            }
        }
    }

    #[test]
    fn unknown_units() {
        for text in [
            "tonneau",
            "fût",
            "barrique",
            "kg",
            "lot",
            "?",
            "-",
            "carton de",
            "carton de 0",
            "6",
            "12",
            "3,7",
            "carton 75",
            "demi carton",
            "demi-caisse",
            "20x50",
            "carton de 2,5",
            "carton de six",
            "0 cl",
            "double",
            "demi-magnum",
            "6x",
            "x",
            "1 500 ml",
            "75 %",
            "carton de 99999",
            "99999999999 cl",
            "carton de 6 + 1",
            "demi-sec",
            "palette",
            "1/3",
            "bouteille 6",
        ] {
            let expected = matches!(text, "carton de").then_some((12.0, 0.0));
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_jeroboam_is_larger_in_bordeaux() {
        for (region, volume) in [
            ("Bordeaux", 500),
            ("Saint-Émilion Grand Cru", 500),
            ("St-Emilion", 500),
            ("HAUT-MÉDOC", 500),
            ("Pessac-Léognan", 500),
            ("Côtes de Bourg", 500),
            ("Bourgogne", 300),
            ("Champagne", 300),
            ("Engraves", 300),
            ("", 300),
        ] {
            let got = unit("Jéroboam", 12, Some(region)).and_then(|unit| unit.format_cl);
            assert_eq!(got, Some(decimal(volume * ONE)), "{region}");
            assert_eq!(format_cl("Château X 2015 jéroboam", Some(region)), got);
        }
    }

    #[test]
    fn formats_inside_names() {
        for (text, volume) in [
            ("RIESLING-2020-75CL", 75.0),
            ("CREMANT-37.5CL", 37.5),
            ("Magnum", 150.0),
            ("150cl", 150.0),
            ("BIB 5L", 500.0),
            ("Côtes du Rhône BIB 10 litres", 1000.0),
            ("37,5 cl", 37.5),
            ("0.75 L", 75.0),
            ("1500 ml", 150.0),
            ("Riesling 2020 magnum", 150.0),
            ("Riesling 13.5 % vol. 75cl", 75.0),
            ("Gewurztraminer 2018 1/2 bouteille", 37.5),
            ("Gewurztraminer 2018 demi", 37.5),
            ("Quart", 18.75),
            ("Magnum Crémant 1,5L", 150.0),
            ("6x75cl", 75.0),
            ("Pinot 1L5", 150.0),
            ("Vin de Pays 1 litre", 100.0),
            ("Impériale", 600.0),
            ("Vin jaune clavelin", 62.0),
            ("RIESLING-2020-MAG", 150.0),
            ("75", 75.0),
        ] {
            let expected = Some(decimal((volume * 1e4) as i64));
            assert_eq!(format_cl(text, None), expected, "{text}");
        }
        for text in [
            "",
            "Riesling 2020",
            "Riesling 13.5 %",
            "Lot 75",
            "Cuvée 1500",
            "Crémant demi-sec",
            "Quarts de Chaume 2019",
            "Cuvée Impériale",
            "Cuvée 1 L'Étoile",
            "Balthazar Cornas",
            "Riesling 2020 L",
            "Coffret 75cl + 150cl",
            "12",
            "5",
            "carton de 6",
            "RIESLING-2020-75",
            "Cuvée 12 750 ml",
            "0 cl",
        ] {
            assert_eq!(format_cl(text, None), None, "{text}");
        }
    }

    #[test]
    fn equivalents_in_usual_bottles() {
        let d = |text: f64| decimal((text * 1e4).round() as i64);
        for (quantity, text, product, expected) in [
            (1.0, "bouteille", None, 1.0),
            (3.0, "magnum", None, 6.0),
            (-2.0, "carton de 6", None, -12.0),
            (2.0, "carton de 6", Some(37.5), 6.0),
            (1.0, "", Some(150.0), 2.0),
            (5.0, "demi", Some(75.0), 2.5),
            (1.0, "quart", None, 0.25),
            (1.0, "hl", None, 133.3333),
            (2.0, "hl", None, 266.6667),
            (-2.0, "hl", None, -266.6667),
            (4.0, "fût", Some(150.0), 4.0),
            (1.0, "clavelin", None, 0.8267),
        ] {
            let got = equivalents(d(quantity), unit(text, 12, None), product.map(d));
            assert_eq!(got, Some(d(expected)), "{quantity} {text}");
        }
        let most = decimal(i64::MAX);
        assert_eq!(equivalents(most, unit("magnum", 12, None), None), None);
        assert_eq!(
            equivalents(most, unit("primat", 12, None), Some(most)),
            None
        );
    }

    const ALPHABET: &str = "( |carton|caisse|de|magnum|demi|[0-9]{1,4}|[0-9],[0-9]|x|/|-|cl|L|ml|BIB|1/2|bouteille|\\PC){0,8}";

    proptest! {
        #[test]
        fn any_text_is_safe(text in ALPHABET, any in "\\PC{0,20}", case_size: u32) {
            for text in [&text, &any] {
                if let Some(unit) = unit(text, case_size, Some(&any)) {
                    prop_assert!(unit.bottles >= decimal(ONE));
                    prop_assert!(unit.format_cl.is_none_or(|volume| volume > decimal(0)));
                }
                let volume = format_cl(text, None);
                prop_assert!(volume.is_none_or(|volume| volume > decimal(0)));
            }
        }

        #[test]
        fn equivalents_are_linear(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000, text in ALPHABET) {
            let unit = unit(&text, 12, None).filter(|unit| unit.bottles < decimal(100 * ONE));
            let of = |quantity| equivalents(decimal(quantity), unit, None).map(Decimal::ten_thousandths);
            if let (Some(x), Some(y), Some(sum)) = (of(a), of(b), of(a + b)) {
                // Each of the three is rounded by half a ten-thousandth at most.
                prop_assert!((x + y - sum).abs() <= 1, "{x} + {y} = {sum}");
                prop_assert_eq!(of(-a), Some(-x));
            }
        }
    }
}
