//! Words for the categories of wine. All folded: lower-case, no accents, spaces between words.
//!
//! Longer runs of words come first, so that `sauvignon blanc` is not read as `sauvignon`.

use super::Category::{self, Autre, Blanc, Fortifie, Mousseux, Petillant, Rose, Rouge};

/// A word or a run of words, and its category.
pub(super) type Clue = (&'static str, Category);

/// Ways of making wine, and things that are not wine. They take precedence over colours (`Crémant rosé`).
#[rustfmt::skip]
pub(super) const KINDS: [Clue; 107] = [
    ("muscat de beaumes de venise", Fortifie), ("eau de vie", Autre), ("eaux de vie", Autre),
    ("fine de bourgogne", Autre), ("jus de raisin", Autre), ("frais de port", Autre), ("port et emballage", Autre),
    ("clairette de die", Mousseux), ("blanquette de limoux", Mousseux), ("vin doux naturel", Fortifie),
    ("vins doux naturels", Fortifie), ("vin de liqueur", Fortifie), ("vins de liqueur", Fortifie),
    ("pineau des charentes", Fortifie), ("floc de gascogne", Fortifie), ("marc de", Autre), ("marc d", Autre),
    ("fine champagne", Autre), ("tire bouchon", Autre), ("tire bouchons", Autre), ("foie gras", Autre),
    ("tee shirt", Autre), ("t shirt", Autre), ("cheque cadeau", Autre), ("bon cadeau", Autre),
    ("petillant naturel", Petillant), ("petillants naturels", Petillant), ("pet nat", Petillant),
    ("semi sparkling", Petillant), ("methode traditionnelle", Mousseux), ("methode champenoise", Mousseux),
    ("rasteau vdn", Fortifie), ("cognac", Autre), ("armagnac", Autre), ("whisky", Autre), ("rhum", Autre),
    ("gin", Autre), ("vodka", Autre), ("spiritueux", Autre), ("verre", Autre), ("verres", Autre), ("carafe", Autre),
    ("carafes", Autre), ("bouchon", Autre), ("bouchons", Autre), ("limonadier", Autre), ("accessoire", Autre),
    ("accessoires", Autre), ("jus", Autre), ("vinaigre", Autre), ("biere", Autre), ("cidre", Autre), ("huile", Autre),
    ("confiture", Autre), ("terrine", Autre), ("livre", Autre), ("tablier", Autre), ("panier", Autre),
    ("emballage", Autre), ("transport", Autre), ("livraison", Autre), ("visite", Autre), ("degustation", Autre),
    ("consigne", Autre), ("autre", Autre), ("autres", Autre), ("petnat", Petillant), ("perlant", Petillant),
    ("petillant", Petillant), ("petillants", Petillant), ("petillante", Petillant),
    ("frizzante", Petillant), ("cremant", Mousseux), ("cremants", Mousseux), ("champagne", Mousseux),
    ("champagnes", Mousseux), ("cava", Mousseux), ("prosecco", Mousseux), ("mousseux", Mousseux),
    ("effervescent", Mousseux), ("effervescents", Mousseux), ("effervescente", Mousseux), ("sekt", Mousseux),
    ("spumante", Mousseux), ("franciacorta", Mousseux), ("sparkling", Mousseux), ("asti", Mousseux),
    ("porto", Fortifie), ("banyuls", Fortifie), ("maury", Fortifie), ("rivesaltes", Fortifie),
    ("vdn", Fortifie), ("vdl", Fortifie), ("liqueur", Fortifie), ("pineau", Fortifie), ("xeres", Fortifie),
    ("jerez", Fortifie), ("sherry", Fortifie), ("madere", Fortifie), ("madeira", Fortifie), ("marsala", Fortifie),
    ("macvin", Fortifie), ("ratafia", Fortifie), ("mistelle", Fortifie), ("fortifie", Fortifie),
    ("fortifies", Fortifie), ("malaga", Fortifie),
];

/// Names of colours, and of sweet wines, which are white.
#[rustfmt::skip]
pub(super) const COLOURS: [Clue; 29] = [
    ("selection de grains nobles", Blanc), ("vin de paille", Blanc), ("vendanges tardives", Blanc),
    ("vendange tardive", Blanc), ("vin jaune", Blanc), ("blanc", Blanc), ("blancs", Blanc), ("blanche", Blanc),
    ("white", Blanc), ("bianco", Blanc), ("blanco", Blanc), ("weiss", Blanc), ("weisswein", Blanc),
    ("liquoreux", Blanc), ("moelleux", Blanc), ("sgn", Blanc),
    ("vin gris", Rose), ("gris de gris", Rose), ("rose", Rose), ("roses", Rose), ("rosado", Rose), ("rosato", Rose),
    ("rouge", Rouge), ("rouges", Rouge), ("red", Rouge), ("rosso", Rouge), ("tinto", Rouge),
    ("rot", Rouge), ("rotwein", Rouge),
];

/// Grapes and appellations of one colour, for names without a colour.
#[rustfmt::skip]
pub(super) const GRAPES: [Clue; 83] = [
    ("melon de bourgogne", Blanc), ("entre deux mers", Blanc), ("pinot noir blanc", Blanc), ("pinot gris", Blanc),
    ("pinot blanc", Blanc), ("ugni blanc", Blanc), ("petit manseng", Blanc), ("gros manseng", Blanc),
    ("grenache blanc", Blanc), ("grenache gris", Blanc), ("folle blanche", Blanc), ("gros plant", Blanc),
    ("cabernet blanc", Blanc), ("sauvignon blanc", Blanc), ("pinot noir", Rouge), ("cabernet sauvignon", Rouge),
    ("cabernet franc", Rouge), ("grenache noir", Rouge), ("petit verdot", Rouge), ("fer servadou", Rouge),
    ("pinot meunier", Rouge), ("riesling", Blanc), ("gewurztraminer", Blanc), ("gewurz", Blanc), ("gewurtz", Blanc),
    ("chardonnay", Blanc), ("sauvignon", Blanc), ("auxerrois", Blanc), ("sylvaner", Blanc), ("muscat", Blanc),
    ("muscadet", Blanc), ("chenin", Blanc), ("viognier", Blanc), ("marsanne", Blanc), ("roussanne", Blanc),
    ("semillon", Blanc), ("aligote", Blanc), ("chasselas", Blanc), ("edelzwicker", Blanc), ("gentil", Blanc),
    ("klevener", Blanc), ("savagnin", Blanc), ("colombard", Blanc), ("rolle", Blanc), ("vermentino", Blanc),
    ("clairette", Blanc), ("picpoul", Blanc), ("piquepoul", Blanc), ("bourboulenc", Blanc), ("mauzac", Blanc),
    ("jacquere", Blanc), ("altesse", Blanc), ("macabeu", Blanc), ("sauternes", Blanc), ("chablis", Blanc),
    ("sancerre", Blanc), ("merlot", Rouge), ("cabernet", Rouge), ("syrah", Rouge), ("shiraz", Rouge),
    ("grenache", Rouge), ("mourvedre", Rouge), ("carignan", Rouge), ("cinsault", Rouge), ("cinsaut", Rouge),
    ("malbec", Rouge), ("cot", Rouge), ("tannat", Rouge), ("gamay", Rouge), ("poulsard", Rouge), ("trousseau", Rouge),
    ("negrette", Rouge), ("braucol", Rouge), ("duras", Rouge), ("mondeuse", Rouge), ("nielluccio", Rouge),
    ("sciaccarello", Rouge), ("tempranillo", Rouge), ("sangiovese", Rouge), ("nebbiolo", Rouge), ("zinfandel", Rouge),
    ("counoise", Rouge), ("marselan", Rouge),
];

/// Codes in a colour column. A single letter inside a name is not a code.
#[rustfmt::skip]
pub(super) const CODES: [Clue; 9] = [
    ("r", Rouge), ("rg", Rouge), ("rge", Rouge), ("b", Blanc), ("bl", Blanc), ("bla", Blanc), ("vt", Blanc),
    ("rs", Rose), ("gris", Rose),
];
