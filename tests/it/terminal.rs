//! What a person meets at a real terminal: questions, a progress bar, and no colour for those who want none.

use std::fmt::Write;
use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use crate::common::Estate;

/// The program at a terminal of the usual size.
pub fn at_terminal(estate: &Estate, args: &[&str]) -> PtySession {
    at_terminal_of(estate, args, 100)
}

/// The program at a terminal of `columns`.
fn at_terminal_of(estate: &Estate, args: &[&str], columns: u16) -> PtySession {
    let piped = estate.command(args);
    let mut command = Command::new("sh");
    let script = format!("stty rows 24 cols {columns}; exec \"$0\" \"$@\"");
    command
        .args(["-c", &script])
        .arg(piped.get_program())
        .args(args);
    command
        .env_clear()
        .current_dir(estate.root())
        .env("TERM", "xterm-256color");
    command.envs(
        piped
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    spawn_command(command, Some(30_000)).unwrap()
}

/// Types a text and the key Enter.
pub fn type_in(session: &mut PtySession, text: &str) {
    session.send(&format!("{text}\r")).unwrap();
    session.flush().unwrap();
}

/// All that is printed until the program ends, and its exit code.
pub fn rest(mut session: PtySession) -> (String, i32) {
    let text = utf_8(&session.exp_eof().unwrap());
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (text, code),
        other => panic!("{other:?}: {text}"),
    }
}

/// The text of a session, which has one character a byte.
fn utf_8(bytes: &str) -> String {
    let byte = |c| u8::try_from(u32::from(c)).unwrap();
    String::from_utf8(bytes.chars().map(byte).collect()).unwrap()
}

/// The sequences that set a colour or a style: `ESC [ … m`.
fn styles(text: &str) -> Vec<&str> {
    let sequences = text
        .split('\u{1b}')
        .skip(1)
        .filter_map(|after| after.strip_prefix('['));
    let styles = sequences.filter(|s| {
        s.find(|c: char| c.is_ascii_alphabetic())
            .is_some_and(|at| s[at..].starts_with('m'))
    });
    styles.collect()
}

fn big_estate() -> Estate {
    let estate = Estate::of("plain");
    let mut text =
        "num_ligne;num_piece;code_client;produit_key;date;quantite;montant_ttc\n".to_owned();
    for row in 0..30_000 {
        writeln!(
            text,
            "V{row:08};FA{};C1;RIESLING-2020;27/12/2024;2;25,00",
            row / 3
        )
        .unwrap();
    }
    estate.export("ventes.csv", text);
    estate
}

#[test]
fn add_asks_for_what_was_left_out_one_by_one_with_defaults() {
    let estate = Estate::bare();
    let mut session = at_terminal(&estate, &["add", "demo"]);
    for (question, answer) in [
        ("[Tt]ype", "isavigne"),
        ("[Cc]hemin|[Dd]ossier", estate.exports().to_str().unwrap()),
        ("[Pp]attern|[Mm]otif", ""),
        ("[Ee]ncodage", ""),
        ("colonnes", ""),
        ("en-t", ""),
        ("cimales", "comma"),
        ("dates", ""),
        ("[Ff]euille", ""),
        ("ros des ventes", "document+customer"),
        ("export de ventes", ""),
        ("exercice", ""),
        ("Tester avant", "n"),
    ] {
        session.exp_regex(question).unwrap();
        type_in(&mut session, answer);
    }
    let (text, code) = rest(session);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("Connecteur 'demo' enregistré avec succès"),
        "{text}"
    );
    let config = estate.crmreco(&["show", "demo", "--json"]).exits(0).json()["config"].to_string();
    for setting in [
        "*.csv",
        "auto",
        estate.exports().to_str().unwrap(),
        "comma",
        "document+customer",
    ] {
        assert!(config.contains(setting), "{setting}: {config}");
    }
}

/// The name too is asked for, each answer is checked at once, and a failed test is no reason to save.
#[test]
fn add_checks_each_answer_and_offers_a_test_before_it_saves() {
    for saves in ["n", "o"] {
        let estate = Estate::of("plain");
        let exports = estate.exports();
        let missing = estate.root().join("nulle_part");
        let mut session = at_terminal(&estate, &["add"]);
        for (question, answer) in [
            ("Nom du connecteur", "Ma Cave"),
            ("ettres minuscules", ""),
            ("Nom du connecteur", "cave"),
            ("pris", ""),
            ("Nom du connecteur", "chai"),
            ("[Tt]ype", "isavigne"),
            ("Dossier des exports", missing.to_str().unwrap()),
            ("garder quand", "n"),
            ("Dossier des exports", exports.to_str().unwrap()),
            ("Motif", "*.txt"),
            ("Encodage", "ebcdic"),
            ("ENCODING", ""),
            ("Encodage", ""),
            ("colonnes", ""),
            ("en-t", ""),
            ("cimales", ""),
            ("dates", ""),
            ("Feuille", ""),
            ("ros des ventes", ""),
            ("export de ventes", ""),
            ("exercice", "13-45"),
            ("FISCAL_YEAR_START", ""),
            ("exercice", ""),
            ("Tester avant", ""),
            ("Enregistrer quand", saves),
        ] {
            session.exp_regex(question).unwrap();
            let is_message = ["ettres", "pris", "ENCODING", "FISCAL"];
            if !is_message.iter().any(|begin| question.starts_with(begin)) {
                type_in(&mut session, answer);
            }
        }
        let (text, code) = rest(session);
        assert_eq!(code, 0, "{text}");
        assert_eq!(
            estate.env_text().contains("__CHAI__"),
            saves == "o",
            "{text}"
        );
        assert_eq!(
            text.contains("Rien n'a été changé."),
            saves == "n",
            "{text}"
        );
    }
}

#[test]
fn add_without_a_name_is_a_usage_error_where_nobody_can_be_asked() {
    let outcome = Estate::bare().crmreco(&["add"]).exits(2);
    assert!(outcome.stderr.contains("<NAME>"), "{outcome:?}");
}

#[test]
fn add_asks_nothing_when_all_settings_are_given() {
    let estate = Estate::bare();
    let path = estate.exports();
    let args = [
        "add",
        "demo",
        "--type",
        "isavigne",
        "--path",
        path.to_str().unwrap(),
        "--pattern",
        "*.csv",
        "--encoding",
        "auto",
    ];
    let (text, code) = rest(at_terminal(&estate, &args));
    assert_eq!(code, 0, "{text}");
    assert!(
        estate
            .env_text()
            .contains("CRMRECO_CONNECTOR__DEMO__TYPE=isavigne")
    );
}

/// Keys that empty the line and type another text.
fn retype(session: &mut PtySession, old: &str, new: &str) {
    session.send(&"\u{8}".repeat(old.chars().count())).unwrap();
    type_in(session, new);
}

#[test]
fn set_asks_with_today_s_values_and_keeps_what_is_confirmed() {
    let estate = Estate::of("plain").setting("ENCODING", "utf-8");
    let estate = estate.setting("CASE_SIZE", "6");
    let before = estate.env_text();
    let mut session = at_terminal(&estate, &["set", "cave"]);
    for (question, old, new) in [
        ("Dossier des exports", None, ""),
        ("Motif", None, ""),
        ("Encodage", Some("utf-8"), "auto"),
        ("colonnes", None, ""),
        ("en-t", None, ""),
        ("cimales", None, ""),
        ("dates", None, ""),
        ("Feuille", None, ""),
        ("ros des ventes", None, ""),
        ("export de ventes", None, ""),
        ("exercice", None, ""),
        ("CASE_SIZE", Some("6"), ""),
    ] {
        session.exp_regex(question).unwrap();
        match old {
            Some(old) => {
                session.exp_string(old).unwrap();
                retype(&mut session, old, new);
            }
            None => type_in(&mut session, new),
        }
    }
    let (text, code) = rest(session);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("ENCODING=auto, CASE_SIZE retiré"), "{text}");
    let after = before
        .replace("ENCODING=\"utf-8\"", "ENCODING=auto")
        .replace("CRMRECO_CONNECTOR__CAVE__CASE_SIZE=\"6\"\n", "");
    assert_eq!(estate.env_text(), after);
}

#[test]
fn set_never_shows_a_secret_and_an_empty_answer_keeps_it() {
    let estate = Estate::bare();
    estate.env_lines(
        "CRMRECO_CONNECTOR__CLOUD__TYPE=odoo\nCRMRECO_CONNECTOR__CLOUD__URL=https://cave.odoo.com\n\
         CRMRECO_CONNECTOR__CLOUD__DB=cave\nCRMRECO_CONNECTOR__CLOUD__USER=crm\nCRMRECO_CONNECTOR__CLOUD__API_KEY=0ldk3y",
    );
    for (key, kept) in [("", "0ldk3y"), ("n3wk3y", "n3wk3y")] {
        let mut session = at_terminal(&estate, &["set", "cloud"]);
        for (question, answer) in [
            ("Adresse d'Odoo", ""),
            ("Base de donn", ""),
            ("Identifiant", ""),
            ("vide pour garder", key),
        ] {
            session.exp_regex(question).unwrap();
            type_in(&mut session, answer);
        }
        let (text, code) = rest(session);
        assert_eq!(code, 0, "{text}");
        assert!(!text.contains("k3y"), "{text}");
        assert!(estate.env_text().contains(&format!("API_KEY={kept}\n")));
    }
}

#[test]
fn ctrl_c_in_the_form_of_set_changes_nothing() {
    let estate = Estate::of("plain");
    let before = estate.env_text();
    let mut session = at_terminal(&estate, &["set", "cave"]);
    session.exp_regex("Dossier").unwrap();
    session.send_control('c').unwrap();
    let _ = session.exp_eof();
    let _ = session.process().wait();
    assert_eq!(estate.env_text(), before);
}

#[test]
fn ctrl_c_at_a_question_writes_nothing() {
    let estate = Estate::bare();
    let mut session = at_terminal(&estate, &["add", "demo"]);
    session.exp_regex("[Tt]ype").unwrap();
    session.send_control('c').unwrap();
    let _ = session.exp_eof();
    let status = session.process().wait().unwrap();
    let stopped =
        matches!(status, WaitStatus::Exited(_, 130)) || matches!(status, WaitStatus::Signaled(..));
    assert!(stopped, "{status:?}");
    assert!(!estate.env_path().exists());
}

#[test]
fn remove_asks_first() {
    for (answer, kept) in [("n", true), ("o", false)] {
        let estate = Estate::of("plain");
        let mut session = at_terminal(&estate, &["remove", "cave"]);
        session.exp_string("cave").unwrap();
        session.exp_string("?").unwrap();
        type_in(&mut session, answer);
        let (text, _) = rest(session);
        assert_eq!(
            estate.env_text().contains("__CAVE__"),
            kept,
            "{answer}: {text}"
        );
    }
}

#[test]
fn sync_shows_a_progress_bar_that_redraws_itself() {
    let estate = big_estate();
    let (text, code) = rest(at_terminal(&estate, &["sync", "cave"]));
    assert_eq!(code, 0, "{text}");
    let redrawn = text.contains("\u{1b}[2K")
        || text.contains("\u{1b}[K")
        || text.replace("\r\n", "").contains('\r');
    assert!(redrawn, "nothing was redrawn: {text:?}");
}

#[test]
fn the_bar_has_room_on_a_narrow_terminal() {
    let estate = big_estate();
    let (text, code) = rest(at_terminal_of(&estate, &["sync", "cave"], 60));
    assert_eq!(code, 0, "{text}");
    let bars = text.split(['\r', '\n']).filter(|line| line.contains('%'));
    let widest = bars.map(|line| line.matches(['█', '░']).count()).max();
    assert!(widest >= Some(12), "{text:?}");
}

/// Lines of the tables in `text`, without colours.
fn table_lines(text: &str) -> Vec<String> {
    let text = text.replace('\r', "");
    let text = console::strip_ansi_codes(&text).into_owned();
    let lines = text.lines().filter(|line| line.starts_with([' ', '─']));
    lines
        .filter(|line| !line.contains('→'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn columns_go_away_on_a_narrow_terminal_before_a_name_or_a_number_breaks() {
    let name = "domaine_de_la_cote_de_beaune";
    let estate = big_estate();
    estate.connector(name, &estate.root().join("nulle_part"));
    estate.crmreco(&["sync", "--all"]).exits(1);
    for columns in [60_u16, 80] {
        for (args, whole) in [
            (&["list"][..], &[name, "Connecteur", "Statut"][..]),
            (
                &["show", "cave"],
                &["30\u{202f}000", "Lignes", "Ajoutées", "Rejetées"],
            ),
            (&["logs", "cave"], &["Statut", "Lignes"]),
            (&["test", "cave"], &["ventes.csv", "30\u{202f}000"]),
        ] {
            let (text, _) = rest(at_terminal_of(&estate, args, columns));
            let lines = table_lines(&text);
            for line in &lines {
                let width = console::measure_text_width(line);
                assert!(
                    width <= usize::from(columns),
                    "{columns} {args:?}: {line:?}"
                );
            }
            for word in whole {
                assert!(
                    lines.iter().any(|line| line.contains(word)),
                    "{columns} {args:?} {word}: {text}"
                );
            }
        }
    }
    let (wide, _) = rest(at_terminal_of(&estate, &["list"], 200));
    assert!(
        wide.contains("Erreur") && wide.contains("Avertissements"),
        "{wide}"
    );
}

#[test]
fn piped_lines_have_no_blanks_at_their_ends() {
    let estate = Estate::of_bad("plain");
    estate.sync();
    for args in [
        &["list"][..],
        &["show", "cave"],
        &["logs", "cave"],
        &["test", "cave"],
    ] {
        let text = estate.crmreco(args).exits(0).stdout;
        let padded = text.lines().find(|line| line.ends_with(' '));
        assert_eq!(padded, None, "{args:?}");
    }
}

#[test]
fn colours_are_recognised_in_output() {
    assert_eq!(styles("\u{1b}[2K\u{1b}[1;31mx\u{1b}[0m\u{1b}[1A").len(), 2);
}

#[test]
fn no_color_is_honoured_at_a_terminal() {
    let estate = big_estate();
    for args in [
        &["sync", "cave"][..],
        &["list"],
        &["show", "cave"],
        &["test", "cave"],
        &["status"],
    ] {
        let (text, code) = rest(at_terminal(&estate, args));
        assert_eq!(code, 0, "{text}");
        assert!(text.trim().len() > 20, "{text}");
        assert_eq!(styles(&text), Vec::<&str>::new(), "{args:?}");
    }
}

#[test]
fn json_at_a_terminal_is_a_document_without_colour() {
    let estate = Estate::of("plain");
    estate.sync();
    let (text, code) = rest(at_terminal(&estate, &["list", "--json"]));
    assert_eq!(code, 0, "{text}");
    let answer: serde_json::Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(answer["connectors"]["cave"]["status"], "healthy");
}

#[test]
fn a_log_at_a_terminal_is_not_broken_by_bars() {
    let estate = big_estate();
    let (text, code) = rest(at_terminal(&estate, &["sync", "cave", "-v"]));
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains('\u{1b}'), "{text:?}");
    assert!(!text.replace("\r\n", "").contains('\r'), "{text:?}");
    let logged = text.lines().filter(|line| line.contains(" INFO "));
    let begins = logged.map(|line| line.starts_with("20") && line.as_bytes()[4] == b'-');
    let begins: Vec<bool> = begins.collect();
    assert!(
        begins.len() > 4 && begins.iter().all(|begins| *begins),
        "{text}"
    );
}

/// In a file, a setting or a name of somebody else's.
#[test]
fn control_characters_are_shown_and_not_executed() {
    let estate = Estate::of_bad("plain").setting("SHEET", "\u{202e}gpj.exe\u{1b}[2J");
    let text = estate.export_text("clients.csv");
    let odd = "\u{2066}\u{1b}]0;titre\u{7}\u{202e}";
    estate.export("clients.csv", text + &format!(";{odd};{odd}\n"));
    estate.export(
        "ventes.csv",
        format!("num;code_client;produit_key;date;quantite;{odd}\n1;C1;R;{odd};{odd};1\n"),
    );
    for args in [
        &["sync", "cave"][..],
        &["show", "cave"],
        &["test", "cave"],
        &["list"],
        &["logs", "cave"],
        &["logs", "cave", "--rejects"],
    ] {
        let told = estate.crmreco(args).text();
        let obeyed = |one: &char| {
            (one.is_control() && *one != '\n')
                || ('\u{202a}'..='\u{2069}').contains(one) && *one != '\u{202f}'
        };
        assert_eq!(told.chars().find(obeyed), None, "{args:?}: {told:?}");
    }
}
