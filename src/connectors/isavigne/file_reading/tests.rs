//! Whole files: from bytes to records, rejects and warnings.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use jiff::civil::{Date, date};
use tempfile::TempDir;

use crate::canonical::rows::Record;
use crate::canonical::{Catalog, Cursor, Erased, Erasure, ErasureSecret, Person, Reject, Table};
use crate::connectors::Settings;
use crate::connectors::{Connector, Request, Sink};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::stop::Stop;

/// Result of reading a file.
#[derive(Default)]
struct Seen {
    /// Lines that became records.
    rows: Vec<u64>,
    /// Line and reason.
    rejects: Vec<(String, String)>,
    warnings: Vec<String>,
    error: Option<String>,
    erased: Option<Erased>,
    /// Lines that the sync keeps out under the customer's key.
    kept_out: Vec<u64>,
    left_aside: usize,
}

impl Seen {
    fn rejected_lines(&self) -> Vec<&str> {
        self.rejects.iter().map(|(line, _)| line.as_str()).collect()
    }

    /// Whether the reason of each reject contains `word`.
    fn all_say(&self, word: &str) -> bool {
        self.rejects.iter().all(|(_, reason)| reason.contains(word))
    }

    fn warns(&self, words: &str) -> bool {
        self.warnings.iter().any(|warning| warning.contains(words))
    }

    fn error(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }
}

impl Sink for Seen {
    fn begin_unit(&mut self, _: &str, _: u64) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, position: u64, _: &dyn Record) -> Result<()> {
        self.rows.push(position);
        Ok(())
    }

    fn reject(&mut self, reject: Reject, _: Option<&str>) -> Result<()> {
        self.rejects.push((reject.position, reject.reason));
        Ok(())
    }

    fn remove_all(&mut self, _: &str, _: &str) -> Result<()> {
        Ok(())
    }

    fn covers(&mut self, _: Date, _: Date) -> Result<()> {
        Ok(())
    }

    fn remember(&mut self, _: Cursor) -> Result<()> {
        Ok(())
    }

    fn forget(&mut self, _: &str) -> Result<()> {
        Ok(())
    }

    fn fail(&mut self, error: Error) {
        self.error = Some(error.full_text());
    }

    fn erased(&self) -> Option<&Erased> {
        self.erased.as_ref()
    }

    fn keeps_out(&mut self, position: u64, person: &Person<'_>) -> Result<bool> {
        let Some(erased) = &self.erased else {
            return Ok(false);
        };
        let erasure = erased.by_key(person.key);
        let is_out = erasure.or_else(|| erased.by_contact(person)).is_some();
        self.kept_out.extend(is_out.then_some(position));
        Ok(is_out)
    }

    fn left_aside(&mut self, _: Option<(&str, &str)>) -> Result<()> {
        self.left_aside += 1;
        Ok(())
    }

    fn present(&mut self, _: Vec<String>) -> Result<()> {
        Ok(())
    }

    fn missing(&mut self, _: &str) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn keeps_old_rows(&mut self) -> Result<bool> {
        Ok(false)
    }

    fn advance(&mut self, _: u64) -> Result<()> {
        Ok(())
    }

    fn keep_unit(&mut self, _: Cursor) -> Result<()> {
        Ok(())
    }

    fn discard_unit(&mut self) -> Result<()> {
        Ok(())
    }

    fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }
}

fn folder_with(name: &str, content: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    folder
}

fn open(folder: &TempDir, more: &[(&str, &str)]) -> Box<dyn Connector> {
    let mut settings = Settings::default();
    let path = folder.path().to_string_lossy().into_owned();
    settings.insert("EXPORT_PATH".to_owned(), path);
    for (key, value) in more {
        settings.insert((*key).to_owned(), (*value).to_owned());
    }
    super::super::open(&settings, &Home::at(folder.path())).unwrap()
}

fn read_with(name: &str, content: &str, more: &[(&str, &str)]) -> Seen {
    read_into(Seen::default(), name, content, more)
}

/// Reads a file where the customer C1, whose address is `jean@example.fr`, was erased.
fn read_after_erasure(name: &str, content: &str) -> Seen {
    let secret = ErasureSecret::of(&[7; ErasureSecret::BYTES]);
    let marks = [
        secret.key("isavigne-C1"),
        secret.email("jean@example.fr").unwrap(),
    ];
    let erasure = Erasure {
        id: 1,
        alias: Erasure::alias_of(&[1]),
    };
    let erased = Erased::of(secret, marks.map(|mark| (mark, erasure.clone())));
    let seen = Seen {
        erased: Some(erased),
        ..Seen::default()
    };
    read_into(seen, name, content, &[])
}

fn read_into(mut seen: Seen, name: &str, content: &str, more: &[(&str, &str)]) -> Seen {
    let folder = folder_with(name, content);
    let connector = open(&folder, more);
    let request = Request {
        tables: Table::ALL.to_vec(),
        since: None,
        full: true,
        allow_shrink: false,
        today: date(2025, 12, 27),
        stop: Stop::default(),
        known: BTreeMap::new(),
    };
    for mut reading in connector.plan(&request).unwrap().readings {
        if let Err(error) = reading.read(&Catalog::default(), &mut seen) {
            seen.error = Some(error.full_text());
        }
    }
    seen
}

fn read(name: &str, content: &str) -> Seen {
    read_with(name, content, &[])
}

fn customers(content: &str) -> Seen {
    read("clients.csv", content)
}

const SALES: &str = "num_piece;code_client;produit_key;date;quantite;montant_ttc\n";

fn sales(lines: &str) -> Seen {
    read("ventes.csv", &format!("{SALES}{lines}"))
}

#[test]
fn the_header_is_found_below_titles() {
    let seen = customers(
        "Domaine du Test;;\nClients au 12/11/2025;;\n\ncode_client;nom;ville\nC1;Durand;Nice\n",
    );
    assert_eq!(seen.rows, [5]);
    assert!(
        seen.warns("2 lignes au-dessus de l'en-tête sautées (ligne 4 : en-tête)"),
        "{:?}",
        seen.warnings
    );
    let seen = customers("# export\tdu jour\ncode_client\tnom\tville\nC1\tDurand\tNice\n");
    assert_eq!(seen.rows, [3]);
    assert!(seen.warns("1 ligne au-dessus de l'en-tête sautée"));
}

#[test]
fn settings_of_header_and_delimiter_are_obeyed() {
    let content = "code_client;nom;ville\ncode_client;nom;pays\nC1;Durand;France\n";
    assert_eq!(
        read_with("clients.csv", content, &[("HEADER_LINE", "2")]).rows,
        [3]
    );
    let seen = read_with("clients.csv", content, &[("HEADER_LINE", "3")]);
    assert!(
        seen.rows.is_empty() && seen.error().contains("ligne 3 (réglage HEADER_LINE)"),
        "{}",
        seen.error()
    );
    let seen = read_with("clients.csv", content, &[("DELIMITER", ",")]);
    assert!(
        seen.error().contains("réglage DELIMITER"),
        "{}",
        seen.error()
    );
}

#[test]
fn a_file_whose_header_cannot_be_read_is_refused_with_what_was_seen() {
    for (content, cause) in [
        ("C1;Durand;Nice\nC2;Petit;Metz\n", "pas de ligne d'en-tête"),
        ("code_client,nom,ville\nC1;Durand;Nice\n", "séparateur"),
        (
            "code_client~nom~ville\nC1~Durand~Nice\n",
            "séparateur inconnu « ~ »",
        ),
        (
            "code_client  nom  ville\nC1  Durand  Nice\n",
            "séparateur inconnu « plusieurs espaces »",
        ),
        (
            "\"code_client;nom;ville\"\n\"C1;Durand;Nice\"\n",
            "entre guillemets",
        ),
        ("'code_client';'nom'\n'C1';'Durand'\n", "apostrophes"),
        (
            "“code_client”;“nom”\n“C1”;“Durand”\n",
            "guillemets typographiques",
        ),
        (
            "\"code_client\";\"nom\"\n\"C1\";\"Le \\\"Clos\\\" x\"\n",
            "barre oblique inversée",
        ),
        (
            "code_client;nom|enseigne;ville\nC1;Durand|Au Bon Vin;Nice\n",
            "nom|enseigne",
        ),
        (
            "Titre\ncode_client;prenom;ville\nC1;Zoé;Nice\n",
            "ligne 2 : colonne obligatoire absente",
        ),
    ] {
        let seen = customers(content);
        assert!(seen.rows.is_empty(), "{content}");
        assert!(seen.error().contains(cause), "{content}: {}", seen.error());
    }
}

#[test]
fn rows_above_the_header_are_not_lost_in_silence() {
    let seen = read(
        "ventes.csv",
        &format!("F1;C1;P1;01/10/2025;6;60,00\n{SALES}F2;C2;P1;02/10/2025;6;60,00\n"),
    );
    assert!(
        seen.rows.is_empty() && seen.error().contains("ligne 1"),
        "{}",
        seen.error()
    );
}

#[test]
fn lines_swallowed_by_an_open_quote_are_rejected_one_by_one() {
    let seen = customers("code_client;nom\nC1;\"Durand\nC2;Petit\nC3;Roux\"\nC4;Blanc\n");
    assert_eq!(
        (seen.rows.as_slice(), seen.rejected_lines()),
        (&[5][..], vec!["2", "3", "4"])
    );
    assert!(
        seen.all_say("guillemet ouvert ligne 2, fermé ligne 4"),
        "{:?}",
        seen.rejects
    );
}

#[test]
fn a_check_counts_the_rows_that_a_sync_reads() {
    for content in [
        // A code holds a line end: a quote was open.
        "code_client;nom;ville\nC1;Durand;Nice\n\"\nC2\";Petit;Metz\n",
        "code_client;nom\n\"C1\nC2\";Petit\nC3;Roux\n",
        "code_client;nom;ville\nC1;\"Durand\nfils\";Nice\nC2;Petit;Metz\n",
    ] {
        let folder = folder_with("clients.csv", content);
        let checks = open(&folder, &[]).check(&Stop::default()).unwrap();
        let seen = customers(content);
        let read = seen.rows.len() + seen.rejects.len();
        let counted = checks.first().and_then(|check| check.rows);
        assert_eq!(counted, u64::try_from(read).ok(), "{content}");
    }
}

#[test]
fn a_quote_never_enters_a_key() {
    let seen = customers("code_client;nom\nC1\";Durand\n\"\"\"C2\"\"\";Petit\n=\"C3\";Roux\n");
    assert_eq!(
        (seen.rows.as_slice(), seen.rejected_lines()),
        (&[4][..], vec!["2", "3"])
    );
    assert!(seen.all_say("guillemet"));
}

#[test]
fn lines_that_are_no_rows_are_skipped_and_counted() {
    let seen = sales(
        "F1;C1;P1;01/10/2025;6;60,00\nSous-total C1;C1;;;6;60,00\nnum_piece;code_client;produit_key;date;quantite;montant_ttc\n\
         F2;C1;P1;02/10/2025;6;60,00\n------;----;\nTotal général;;;;12;120,00\nÉdité le 12/11/2025\n",
    );
    assert_eq!(
        (seen.rows.as_slice(), seen.rejects.len()),
        (&[2, 5][..], 0),
        "{:?}",
        seen.rejects
    );
    assert!(seen.warns("2 lignes de total sautées"));
    assert!(seen.warns("1 ligne d'en-tête répétée, sautée"));
    assert!(seen.warns("2 lignes de pied de liste sautées"));
    assert!(!seen.warns("n'est pas la somme"));
}

#[test]
fn a_customer_called_total_stays() {
    let seen = customers(
        "code_client;nom;ville\nC1;TOTAL ENERGIES;Paris\nTOTAL;Total Vins Négoce;Paris\nTotal;1;\n",
    );
    assert_eq!(seen.rows, [2, 3]);
}

#[test]
fn a_name_that_begins_with_total_is_a_name() {
    let seen = customers("nom;code_client;ville\nTotal Énergies;1001;\nTotal clients;1;\n");
    assert_eq!(seen.rows, [2]);
    let seen = read(
        "stock.csv",
        "code_produit;depot;quantite\nEXPORT;;12\nFIN;Chai;3\nTotal;;15\n",
    );
    assert_eq!(seen.rows, [2, 3]);
    let seen = customers("code_client;nom;ville\nC1;Durand;Nice\nÉdité le;12/11/2025;\nPage;1;\n");
    assert_eq!(seen.rows, [2]);
}

#[test]
fn a_title_with_an_open_quote_does_not_hide_the_header() {
    let seen = customers(
        "\"Liste des clients;;\n\"code_client\";\"nom\";\"ville\"\n\"C1\";\"Durand\";\"Nice\"\n",
    );
    assert_eq!(seen.rows, [3]);
}

#[test]
fn a_total_that_is_not_the_sum_of_its_rows_is_told() {
    let seen =
        sales("F1;C1;P1;01/10/2025;6;60,00\nF2;C1;P1;02/10/2025;6;60,00\nTotal;;;;12;12 345,00\n");
    assert!(
        seen.warns(
            "le total écrit ligne 4 (12\u{202F}345,00) n'est pas la somme des lignes lues (120,00)"
        ),
        "{:?}",
        seen.warnings
    );
}

#[test]
fn second_lines_of_a_header_are_no_rows() {
    for second in [
        "CLI_CODE;CLI_NOM;CLI_VILLE",
        "Customer code;Last name;City",
        "-----;-----;-----",
        "texte;texte;texte",
    ] {
        let seen = customers(&format!(
            "Code client;Nom;Ville\n{second}\nC1;Durand;Nice\n"
        ));
        assert_eq!(
            (seen.rows.as_slice(), seen.rejects.len()),
            (&[3][..], 0),
            "{second}"
        );
        assert!(
            seen.warns("1 seconde ligne d'en-tête sautée"),
            "{second}: {:?}",
            seen.warnings
        );
    }
}

#[test]
fn a_header_in_another_order_further_down_fails_the_file() {
    let seen =
        customers("code_client;nom;ville\nC1;Durand;Nice\nnom;code_client;ville\nPetit;C2;Metz\n");
    assert!(
        seen.error().contains("un autre en-tête commence ligne 3"),
        "{}",
        seen.error()
    );
}

#[test]
fn a_row_that_alone_has_another_number_of_cells_is_rejected() {
    let mut rows = String::from("code_client;nom;ville\n");
    for number in 1..=20 {
        writeln!(rows, "C{number};Durand;Nice").unwrap();
    }
    let seen = customers(&format!("{rows}D1;Pe;tit;\nD2\n"));
    assert_eq!(
        (seen.rows.len(), seen.rejected_lines()),
        (20, vec!["22", "23"])
    );
    assert_eq!(
        seen.rejects[0].1,
        "a 4 cellules au lieu de 3 (séparateur dans une cellule ?)"
    );
    assert_eq!(seen.rejects[1].1, "a 1 cellule au lieu de 3");
}

#[test]
fn spare_cells_are_fine_where_all_rows_have_them() {
    let seen = customers("code_client;nom;ville\nC1;Durand;Nice;\nC2;Petit;Metz;;;\n");
    assert_eq!(seen.rows, [2, 3]);
    let mut rows = String::from("code_client;nom;ville\n");
    for number in 1..=20 {
        writeln!(rows, "C{number};Durand;Nice;").unwrap();
    }
    let seen = customers(&format!("{rows}D1;Petit;Metz\n"));
    assert_eq!((seen.rows.len(), seen.rejected_lines()), (20, vec!["22"]));
}

#[test]
fn cells_left_out_are_fine_where_the_exporter_does_so() {
    let mut rows = String::from("code_client;nom;ville;email\n");
    for number in 0..30 {
        let rest = ["", ";Nice", ";Nice;a@exemple.fr"][number % 3];
        writeln!(rows, "C{number};Durand{rest}").unwrap();
    }
    assert_eq!(customers(&rows).rows.len(), 30);
    let seen =
        customers("code_client;nom;ville;email\nC1;Durand;Nice;a@exemple.fr\nC2;Petit;Metz\n");
    assert_eq!(
        (seen.rows.as_slice(), seen.rejected_lines()),
        (&[2][..], vec!["3"])
    );
}

#[test]
fn shifted_cells_are_rejected() {
    let seen = customers(
        "code_client;nom;adresse;ville;email\nC1;Durand;1 rue A; Bât B;Nice\nC2;Petit;2 rue B;Metz;b@exemple.fr\n",
    );
    assert_eq!(
        (seen.rows.as_slice(), seen.rejected_lines()),
        (&[3][..], vec!["2"])
    );
    assert!(seen.all_say("cellules décalées"));
}

#[test]
fn spoiled_text_is_told_with_its_first_cell() {
    let seen = customers(
        "code_client,nom,ville\nC1,B&eacute;n&eacute;teau,L&#039;Isle\nC2,B\u{FFFD}n,Nice\n",
    );
    assert_eq!(seen.rows, [2, 3]);
    assert!(seen.warns(
        "entités HTML (comme &eacute;) gardées telles quelles, d'abord ligne 2, colonne nom"
    ));
    assert!(seen.warns("d'abord ligne 3, colonne nom"));
}

#[test]
fn a_last_line_that_is_not_whole_makes_the_file_wait() {
    let seen = customers("code_client;nom;ville\nC1;Durand;Nice\nC2;Pet");
    assert!(
        seen.warns("la dernière ligne est coupée"),
        "{:?}",
        seen.warnings
    );
    let seen = customers("code_client;nom;ville\nC1;Durand;Nice\n2 clients");
    assert_eq!(seen.rows, [2]);
    assert!(!seen.warns("coupée"));
}

/// The sync remembers the key under which an erased customer comes: the key of a row without a code is that of no
/// customer, and would keep all such rows out.
#[test]
fn a_row_of_an_erased_customer_without_a_code_says_nothing_of_other_rows() {
    let seen = read_after_erasure(
        "clients.csv",
        "code_client;nom;email\n;Zyxwvut;Jean@example.fr\n;Autre;paul@example.fr\nC9;Zyxwvut;jean@example.fr\nC1;Zyxwvut;\nC2;Durand;\n",
    );
    assert_eq!((seen.kept_out, seen.left_aside), (vec![4, 5], 1));
    assert_eq!(seen.rows, [6]);
    assert_eq!(
        seen.rejects,
        [(
            "3".to_owned(),
            "est vide, une valeur est obligatoire".to_owned()
        )]
    );
}

#[test]
fn an_erased_customer_whose_name_is_like_a_total_is_in_no_warning() {
    let content = format!(
        "nom_client;{SALES}Zyxwvut;F1;C1;P1;27/12/2024;6;72,00\nTotal Zyxwvut;F2;C1;P1;27/12/2024;7;84,00\n"
    );
    let told = read("ventes.csv", &content);
    assert!(told.warns("« Total Zyxwvut »"), "{:?}", told.warnings);
    let seen = read_after_erasure("ventes.csv", &content);
    assert_eq!(seen.rows, [2, 3]);
    assert!(!seen.warns("Zyxwvut"), "{:?}", seen.warnings);
}
