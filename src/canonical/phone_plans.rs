//! Numbering plans of the countries that wine is sold to, as published by the ITU.

/// The trunk prefix: dialled before a national number inside the country, not from abroad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trunk {
    /// No prefix; a leading zero is part of the number.
    None,
    /// Always this prefix: a number without it has no area code.
    Required(&'static str),
    /// This prefix, which may be omitted.
    Optional(&'static str),
}

/// The numbering plan of one country.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// ISO 3166 alpha-2.
    pub country: &'static str,
    /// Calling code, without `+`.
    pub code: &'static str,
    pub trunk: Trunk,
    /// Fewest digits of a national number, without the trunk prefix.
    pub min: usize,
    /// Most digits of a national number, without the trunk prefix.
    pub max: usize,
}

const fn plan(
    country: &'static str,
    code: &'static str,
    trunk: Trunk,
    min: usize,
    max: usize,
) -> Plan {
    Plan {
        country,
        code,
        trunk,
        min,
        max,
    }
}

const ZERO: Trunk = Trunk::Required("0");
const ZERO_OR_NOT: Trunk = Trunk::Optional("0");

/// All plans, sorted by country. Spreadsheets remove a leading zero: it is optional where the length of a number shows
/// that it is missing.
#[rustfmt::skip]
pub(super) const PLANS: [Plan; 100] = [
    plan("AD", "376", Trunk::None, 6, 9),
    plan("AE", "971", ZERO, 8, 9),
    plan("AL", "355", ZERO, 8, 9),
    plan("AR", "54", ZERO_OR_NOT, 10, 11),
    plan("AT", "43", ZERO, 6, 13),
    plan("AU", "61", ZERO_OR_NOT, 9, 9),
    plan("BA", "387", ZERO, 8, 9),
    plan("BE", "32", ZERO, 8, 9),
    plan("BG", "359", ZERO, 7, 9),
    plan("BL", "590", ZERO_OR_NOT, 9, 9),
    plan("BR", "55", ZERO_OR_NOT, 10, 11),
    plan("CA", "1", Trunk::Optional("1"), 10, 10),
    plan("CH", "41", ZERO_OR_NOT, 9, 9),
    plan("CI", "225", Trunk::None, 10, 10),
    plan("CL", "56", Trunk::None, 9, 9),
    plan("CM", "237", Trunk::None, 9, 9),
    plan("CN", "86", ZERO_OR_NOT, 10, 11),
    plan("CO", "57", Trunk::None, 10, 10),
    plan("CY", "357", Trunk::None, 8, 8),
    plan("CZ", "420", Trunk::None, 9, 9),
    plan("DE", "49", ZERO, 6, 11),
    plan("DK", "45", Trunk::None, 8, 8),
    plan("DZ", "213", ZERO, 8, 9),
    plan("EE", "372", Trunk::None, 7, 8),
    plan("EG", "20", ZERO, 8, 10),
    plan("ES", "34", Trunk::None, 9, 9),
    plan("FI", "358", ZERO, 6, 11),
    plan("FO", "298", Trunk::None, 6, 6),
    plan("FR", "33", ZERO_OR_NOT, 9, 9),
    plan("GB", "44", ZERO, 9, 10),
    plan("GF", "594", ZERO_OR_NOT, 9, 9),
    plan("GG", "44", ZERO, 10, 10),
    plan("GI", "350", Trunk::None, 8, 8),
    plan("GP", "590", ZERO_OR_NOT, 9, 9),
    plan("GR", "30", Trunk::None, 10, 10),
    plan("HK", "852", Trunk::None, 8, 8),
    plan("HR", "385", ZERO, 8, 9),
    plan("HU", "36", Trunk::Required("06"), 8, 9),
    plan("ID", "62", ZERO, 8, 12),
    plan("IE", "353", ZERO, 7, 9),
    plan("IL", "972", ZERO, 8, 9),
    plan("IM", "44", ZERO, 10, 10),
    plan("IN", "91", ZERO_OR_NOT, 10, 10),
    plan("IS", "354", Trunk::None, 7, 7),
    plan("IT", "39", Trunk::None, 6, 11),
    plan("JE", "44", ZERO, 10, 10),
    plan("JP", "81", ZERO, 9, 10),
    plan("KR", "82", ZERO, 8, 10),
    plan("LB", "961", ZERO, 7, 8),
    plan("LI", "423", Trunk::None, 7, 9),
    plan("LT", "370", ZERO_OR_NOT, 8, 8),
    plan("LU", "352", Trunk::None, 6, 9),
    plan("LV", "371", Trunk::None, 8, 8),
    plan("MA", "212", ZERO_OR_NOT, 9, 9),
    plan("MC", "377", Trunk::None, 8, 9),
    plan("MD", "373", ZERO_OR_NOT, 8, 8),
    plan("ME", "382", ZERO_OR_NOT, 8, 8),
    plan("MF", "590", ZERO_OR_NOT, 9, 9),
    plan("MG", "261", ZERO_OR_NOT, 9, 9),
    plan("MK", "389", ZERO_OR_NOT, 8, 8),
    plan("MO", "853", Trunk::None, 8, 8),
    plan("MQ", "596", ZERO_OR_NOT, 9, 9),
    plan("MT", "356", Trunk::None, 8, 8),
    plan("MU", "230", Trunk::None, 7, 8),
    plan("MX", "52", Trunk::None, 10, 10),
    plan("MY", "60", ZERO, 8, 10),
    plan("NC", "687", Trunk::None, 6, 6),
    plan("NL", "31", ZERO_OR_NOT, 9, 9),
    plan("NO", "47", Trunk::None, 8, 8),
    plan("NZ", "64", ZERO, 8, 10),
    plan("PE", "51", ZERO, 8, 9),
    plan("PF", "689", Trunk::None, 6, 8),
    plan("PH", "63", ZERO, 8, 10),
    plan("PL", "48", Trunk::None, 9, 9),
    plan("PM", "508", Trunk::None, 6, 6),
    plan("PT", "351", Trunk::None, 9, 9),
    plan("QA", "974", Trunk::None, 8, 8),
    plan("RE", "262", ZERO_OR_NOT, 9, 9),
    plan("RO", "40", ZERO_OR_NOT, 9, 9),
    plan("RS", "381", ZERO, 8, 10),
    plan("RU", "7", Trunk::Optional("8"), 10, 10),
    plan("SA", "966", ZERO, 8, 9),
    plan("SE", "46", ZERO, 7, 9),
    plan("SG", "65", Trunk::None, 8, 8),
    plan("SI", "386", ZERO_OR_NOT, 8, 8),
    plan("SK", "421", ZERO_OR_NOT, 9, 9),
    plan("SM", "378", Trunk::None, 6, 10),
    plan("SN", "221", Trunk::None, 9, 9),
    plan("TH", "66", ZERO, 8, 9),
    plan("TN", "216", Trunk::None, 8, 8),
    plan("TR", "90", ZERO_OR_NOT, 10, 10),
    plan("TW", "886", ZERO, 8, 9),
    plan("UA", "380", ZERO_OR_NOT, 9, 9),
    plan("US", "1", Trunk::Optional("1"), 10, 10),
    plan("UY", "598", ZERO, 7, 8),
    plan("VA", "39", Trunk::None, 6, 11),
    plan("VN", "84", ZERO, 9, 10),
    plan("WF", "681", Trunk::None, 6, 6),
    plan("YT", "262", ZERO_OR_NOT, 9, 9),
    plan("ZA", "27", ZERO_OR_NOT, 9, 9),
];
