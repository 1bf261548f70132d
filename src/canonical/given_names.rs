//! First names used in France, folded; they distinguish `Jean Dupont` from `Dupont Jean`.

/// Whether a word is a first name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// A first name that is rarely a family name.
    Yes,
    /// A first name that is also a common family name: Martin, Thomas, Simon.
    FamilyToo,
    /// Not in the list.
    Unknown,
}

/// Looks up a folded word. A compound (`anne-sophie`, `jean-pierre`) is a first name when both parts
/// are.
pub(super) fn given(folded: &str) -> Given {
    let listed = |word: &str| GIVEN_ONLY.binary_search(&word).is_ok();
    let shared = |word: &str| FAMILY_TOO.binary_search(&word).is_ok();
    if let Some((first, second)) = folded.split_once('-') {
        let both = [first, second]
            .iter()
            .all(|part| listed(part) || shared(part));
        return if both { Given::Yes } else { Given::Unknown };
    }
    if listed(folded) {
        Given::Yes
    } else if shared(folded) {
        Given::FamilyToo
    } else {
        Given::Unknown
    }
}

/// Sorted.
#[rustfmt::skip]
const GIVEN_ONLY: [&str; 414] = [
    "adelaide", "adele", "adeline", "adrien", "adrienne", "agathe", "agnes", "aime", "alain", "alban", "alexandra",
    "alexia", "alfred", "alice", "aline", "alphonse", "amandine", "ambre", "amelie", "anais", "anastasia", "andrea",
    "angela", "angelique", "anita", "anna", "anne", "annick", "annie", "anouk", "anthony", "antoinette", "antonio",
    "apolline", "ariane", "arlette", "armelle", "astrid", "aude", "audrey", "aurelie", "aurelien", "aurore", "axel",
    "axelle", "baptiste", "barbara", "bastien", "beatrice", "benedicte", "benjamin", "berangere", "bernadette",
    "berthe", "bertille", "blandine", "brigitte", "bruno", "camille", "carine", "carla", "carlos", "carole",
    "caroline", "catherine", "cathy", "cecile", "cedric", "celia", "celine", "chantal", "charlene", "charline",
    "charlotte", "chloe", "christel", "christelle", "christian", "christiane", "christine", "claire", "clara",
    "clarisse", "claudia", "claudine", "clea", "clemence", "clementine", "clothilde", "clotilde", "colette", "coline",
    "constance", "corentin", "corinne", "cyrielle", "cyril", "cyrille", "damien", "daniele", "danielle", "daphne",
    "deborah", "delphine", "denise", "diane", "didier", "dorian", "doriane", "dorothee", "edith", "edouard", "edwige",
    "elea", "eleonore", "eliane", "eliette", "elisa", "elisabeth", "elise", "ella", "elodie", "eloise", "elsa",
    "emeline", "emilie", "emilien", "emma", "emmanuel", "emmanuelle", "enzo", "eric", "erika", "erwan", "estelle",
    "esther", "ethan", "eugenie", "eva", "eve", "evelyne", "fabien", "fabienne", "fabrice", "fanny", "faustine",
    "felicie", "fernande", "flavie", "flavien", "flora", "florence", "florent", "florian", "floriane", "france",
    "franck", "francoise", "frederic", "frederique", "gabrielle", "gael", "gaelle", "gaetan", "genevieve",
    "georgette", "geraldine", "germaine", "ghislain", "ghislaine", "gilberte", "giovanni", "gisele", "gregoire",
    "gregory", "guilhem", "gwenaelle", "gwendoline", "hanna", "hannah", "hans", "heidi", "helene", "heloise",
    "henriette", "honorine", "hortense", "hugo", "huguette", "ines", "ingrid", "irene", "iris", "isaac", "isabelle",
    "ivan", "jacqueline", "jade", "jean", "jeanne", "jeannine", "jeremie", "jeremy", "jerome", "jessica", "joan",
    "joanna", "jocelyne", "joel", "joelle", "johan", "johann", "johanna", "john", "jonathan", "jose", "josephine",
    "josette", "josiane", "juan", "judith", "julia", "julie", "juliette", "justin", "justine", "karin", "karine",
    "karl", "katia", "kevin", "klaus", "laetitia", "laura", "laure", "laurence", "laurie", "lea", "leila", "lena",
    "leo", "leonie", "liliane", "lilou", "lina", "linda", "lisa", "lise", "loic", "lola", "lorenzo", "lorraine",
    "lou", "louane", "louise", "lucette", "lucie", "lucien", "lucienne", "lucile", "ludivine", "ludovic", "luigi",
    "lydia", "lydie", "madeleine", "maelle", "maeva", "magali", "maite", "manon", "manuel", "manuela", "marcelle",
    "margot", "marguerite", "maria", "marianne", "marie", "marilyne", "marina", "marine", "mario", "marjorie",
    "marlene", "martine", "maryline", "maryse", "mathilde", "mathis", "matthieu", "maud", "max", "maxence", "maya",
    "melanie", "melissa", "michael", "michele", "micheline", "michelle", "mickael", "mireille", "mohamed", "monica",
    "monique", "muriel", "murielle", "myriam", "nadege", "nadia", "nadine", "natacha", "nathalie", "nathan", "nelly",
    "nina", "noe", "noelle", "noemie", "odette", "odile", "olga", "olivia", "oriane", "oscar", "pascale", "patricia",
    "patrick", "paula", "paulette", "pauline", "peggy", "perrine", "peter", "philippine", "pierrette", "quentin",
    "rachel", "raphael", "raphaelle", "raymonde", "rebecca", "regine", "rejane", "remi", "renee", "roberte",
    "rodolphe", "rolande", "romane", "romuald", "rosalie", "roseline", "roxane", "sabine", "sabrina", "sacha",
    "salome", "samantha", "sandra", "sandrine", "sara", "sarah", "sebastien", "segolene", "serge", "severine",
    "sidonie", "simone", "solange", "solene", "solenne", "sonia", "sophie", "stefan", "stephane", "stephanie",
    "susan", "suzanne", "suzette", "sybille", "sylvaine", "sylvette", "sylviane", "sylvie", "tatiana", "theo",
    "theodore", "therese", "thibaut", "thierry", "tiphaine", "tristan", "valentine", "valerie", "vanessa",
    "veronique", "victoire", "victoria", "violaine", "violette", "virginie", "viviane", "xavier", "yann", "yannick",
    "yasmine", "yohan", "yolande", "yves", "yvette", "yvonne", "zoe",
];

/// Sorted.
#[rustfmt::skip]
const FAMILY_TOO: [&str; 118] = [
    "adam", "albert", "alexandre", "alexis", "alix", "andre", "antoine", "armand", "arnaud", "arthur", "aubert",
    "augustin", "barthelemy", "benoit", "bernard", "bertrand", "blaise", "blanche", "brice", "cesar", "charles",
    "christophe", "claude", "clement", "colas", "constant", "daniel", "david", "denis", "desire", "dominique",
    "edmond", "ernest", "etienne", "eugene", "felix", "ferdinand", "fernand", "fleury", "francis", "francois",
    "gabriel", "gaspard", "gaston", "gautier", "georges", "gerard", "germain", "gervais", "gilbert", "gilles",
    "guillaume", "gustave", "guy", "henri", "henry", "herve", "hubert", "hugues", "jacob", "jacques", "jordan",
    "joseph", "jules", "julien", "lambert", "laurent", "leon", "louis", "luc", "lucas", "marc", "marcel", "marin",
    "marion", "martial", "martin", "mathieu", "maurice", "maxime", "michel", "nicolas", "noel", "octave", "olivier",
    "pascal", "patrice", "paul", "perrin", "philippe", "pierre", "raymond", "regis", "remy", "renaud", "rene",
    "richard", "robert", "robin", "rodrigue", "roger", "roland", "romain", "rose", "salomon", "samuel", "simon",
    "sylvain", "thibault", "thomas", "timothee", "tony", "urbain", "valentin", "victor", "vincent", "vivien", "yvon",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_apart() {
        assert!(GIVEN_ONLY.is_sorted_by(|a, b| a < b));
        assert!(FAMILY_TOO.is_sorted_by(|a, b| a < b));
        assert!(GIVEN_ONLY.iter().all(|name| !FAMILY_TOO.contains(name)));
        assert_eq!(given("anne-sophie"), Given::Yes);
        assert_eq!(given("schmitt-weber"), Given::Unknown);
    }
}
