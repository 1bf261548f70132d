//! Words that distinguish firms from persons. All folded: lower-case, no accents.

/// Whether `word` is a title before a name, such as `mme`. Titles are not part of a name.
pub(super) fn is_civility(word: &str) -> bool {
    matches!(
        word.strip_suffix('.').unwrap_or(word),
        "m" | "mr"
            | "mm"
            | "mme"
            | "mmes"
            | "mlle"
            | "mlles"
            | "melle"
            | "dr"
            | "pr"
            | "me"
            | "mtre"
            | "monsieur"
            | "madame"
            | "mademoiselle"
            | "messieurs"
            | "mesdames"
            | "docteur"
            | "maitre"
            | "professeur"
            | "mrs"
            | "ms"
            | "miss"
            | "herr"
            | "frau"
    )
}

/// Whether `word` is a particle of family names: `de`, `von`.
pub(super) fn is_particle(word: &str) -> bool {
    matches!(
        word,
        "de" | "du"
            | "des"
            | "d'"
            | "la"
            | "le"
            | "les"
            | "van"
            | "von"
            | "der"
            | "den"
            | "di"
            | "da"
            | "del"
            | "della"
            | "dos"
            | "ten"
            | "ter"
            | "zu"
            | "zum"
            | "zur"
            | "el"
            | "al"
            | "ben"
            | "saint"
            | "sainte"
    )
}

/// Whether a name with `word` stays whole: it is not one person, and perhaps no firm.
pub(super) fn keeps_whole(word: &str) -> bool {
    matches!(
        word,
        "famille"
            | "indivision"
            | "succession"
            | "hoirie"
            | "consorts"
            | "veuve"
            | "vve"
            | "ve"
            | "nee"
            | "ne"
            | "epouse"
            | "epoux"
            | "ep"
            | "fils"
            | "fille"
            | "pere"
            | "mere"
            | "freres"
            | "soeurs"
            | "et"
            | "ou"
            | "&"
            | "client"
            | "divers"
            | "comptoir"
            | "passage"
            | "test"
    )
}

/// Whether `word`, a legal form or a trade, marks a firm at any position.
pub(super) fn marks_firm_anywhere(word: &str) -> bool {
    matches!(
        word,
        "sarl"
            | "sasu"
            | "scea"
            | "gaec"
            | "gfa"
            | "eurl"
            | "scev"
            | "sica"
            | "cuma"
            | "scic"
            | "selarl"
            | "sprl"
            | "bvba"
            | "gmbh"
            | "ltd"
            | "llc"
            | "inc"
            | "plc"
            | "corp"
            | "restaurant"
            | "restaurants"
            | "vignoble"
            | "vignobles"
            | "vins"
            | "viticulteur"
            | "viticulteurs"
            | "vigneron"
            | "vignerons"
            | "distribution"
            | "holding"
            | "consulting"
            | "immobilier"
            | "negoce"
            | "wines"
            | "cie"
            | "company"
            | "cooperative"
    )
}

/// Whether `word` is a legal form that is also a name (Earl, Sá, Sas). Only capitals match.
pub(super) fn marks_firm_in_capitals(word: &str) -> bool {
    matches!(
        word,
        "SAS"
            | "EARL"
            | "SA"
            | "SCI"
            | "SNC"
            | "SCOP"
            | "SCP"
            | "GIE"
            | "AG"
            | "BV"
            | "NV"
            | "KG"
            | "OHG"
            | "SRL"
            | "SPA"
    )
}

/// Whether `word`, a trade or an institution, marks a firm as the first word of its name.
pub(super) fn marks_firm_first(word: &str) -> bool {
    matches!(
        word,
        "ets"
            | "etablissement"
            | "etablissements"
            | "societe"
            | "association"
            | "assoc"
            | "asso"
            | "amicale"
            | "comite"
            | "syndicat"
            | "commune"
            | "mairie"
            | "communaute"
            | "conseil"
            | "departement"
            | "prefecture"
            | "hotel"
            | "auberge"
            | "brasserie"
            | "bistrot"
            | "bistro"
            | "cafe"
            | "caviste"
            | "caves"
            | "epicerie"
            | "boulangerie"
            | "patisserie"
            | "boucherie"
            | "charcuterie"
            | "traiteur"
            | "fromagerie"
            | "supermarche"
            | "hypermarche"
            | "superette"
            | "pharmacie"
            | "cabinet"
            | "clinique"
            | "hopital"
            | "ecole"
            | "college"
            | "lycee"
            | "universite"
            | "fondation"
            | "entreprise"
            | "entreprises"
            | "groupe"
            | "groupement"
            | "agence"
            | "banque"
            | "camping"
            | "gite"
            | "chambre"
            | "chambres"
            | "domaines"
            | "chateaux"
            | "vinotheque"
            | "oenotheque"
            | "garage"
            | "transports"
            | "tabac"
            | "librairie"
            | "pizzeria"
            | "creperie"
            | "cse"
            | "office"
            | "residence"
            | "leclerc"
            | "carrefour"
            | "auchan"
            | "intermarche"
            | "lidl"
            | "metro"
            | "monoprix"
            | "au"
            | "aux"
            | "chez"
    )
}

/// Whether `word` is a trade that is also a family name. It marks a firm as the first word, except in a person's name:
/// `CHÂTEAU Jean`.
pub(super) fn may_mark_firm_first(word: &str) -> bool {
    matches!(
        word,
        "chateau" | "domaine" | "cave" | "caveau" | "bar" | "maison" | "clos" | "club" | "ville"
    )
}
