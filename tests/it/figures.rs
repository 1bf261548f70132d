//! Customers' figures are the sums of their sales, however many customers there are and however the sales came.

use std::fmt::Write;

use crate::common::{Estate, counts};

/// More than are folded in memory at once.
const CUSTOMERS: usize = 10_050;

/// Its documents are known by their numbers alone: a line may change its customer.
fn estate() -> Estate {
    let estate = Estate::empty().setting("SALES_KEY", "document");
    let mut customers = "code_client;nom\n".to_owned();
    for customer in 0..CUSTOMERS {
        writeln!(customers, "C{customer};Client {customer}").unwrap();
    }
    estate.export("clients.csv", customers);
    estate.export(
        "produits.csv",
        "code_produit;nom;couleur\nR;Riesling;blanc\nP;Pinot noir;rouge\n",
    );
    estate
}

/// Two lines for every customer but a few, in an order that is not theirs; every third line has a document of its own.
fn sales(price: &dyn Fn(usize) -> String) -> String {
    let mut text =
        "num_ligne;num_piece;code_client;code_produit;date;quantite;montant_ttc\n".to_owned();
    for line in 0..2 * CUSTOMERS {
        let customer = line * 7919 % (CUSTOMERS - 25);
        let (order, product) = (line / 3, if line % 5 == 0 { "R" } else { "P" });
        let (day, price) = (1 + line % 28, price(line));
        writeln!(
            text,
            "V{line:06};FA{order};C{customer};{product};{day:02}/03/2024;3;{price}"
        )
        .unwrap();
    }
    text
}

/// Customers whose figures are not what SQL makes of their lines.
fn wrong(estate: &Estate) -> Vec<String> {
    estate.sql(
        "WITH bought AS (
             SELECT customer_key, round(sum(price_total_eur), 2) AS total, count(DISTINCT order_ref || substr(date_sale, 1, 4))
                        FILTER (WHERE sale_line_key NOT LIKE 'isavigne-avoir|%') AS orders,
                    min(date_sale) AS first, max(date_sale) AS last,
                    sum(quantity_bottles_75cl_eq) FILTER (WHERE product_key = 'P') AS red,
                    sum(quantity_bottles_75cl_eq) FILTER (WHERE product_key = 'R') AS white
             FROM sales_lines GROUP BY customer_key)
         SELECT customer_key FROM customers LEFT JOIN bought USING (customer_key)
         WHERE round(total_spent_eur, 2) IS NOT ifnull(total, 0)
            OR purchase_count IS NOT ifnull(orders, 0)
            OR first_purchase_date IS NOT first OR last_purchase_date IS NOT last
            OR preferred_category IS NOT CASE
                   WHEN orders IS NULL THEN NULL
                   WHEN ifnull(red, 0) >= ifnull(white, 0) THEN 'rouge' ELSE 'blanc' END
            OR (segment = 'prospect') IS NOT (orders IS NULL)",
    )
}

#[test]
fn figures_of_very_many_customers_are_the_sums_of_their_lines() {
    let estate = estate();
    estate.export("ventes_2024-04-01.csv", sales(&|_| "10,50".to_owned()));
    let first = estate.sync();
    assert_eq!(counts(&first, "SALES_LINES").inserted, 2 * CUSTOMERS as u64);
    assert_eq!(wrong(&estate), [""; 0], "after a first load");

    // A few lines change, one of them its customer: those two customers alone are summed up again.
    let few = sales(&|line| if line == 4 { "99,00" } else { "10,50" }.to_owned());
    let few = few.replacen("V000001;FA0;C7919;", "V000001;FA0;C3;", 1);
    estate.export("ventes_2024-04-02.csv", few);
    assert_eq!(counts(&estate.sync(), "SALES_LINES").updated, 2);
    assert_eq!(wrong(&estate), [""; 0], "after a few changes");

    // Every line changes.
    estate.export(
        "ventes_2024-04-03.csv",
        sales(&|line| format!("{},25", line % 90)),
    );
    assert_eq!(
        counts(&estate.sync(), "SALES_LINES").updated,
        2 * CUSTOMERS as u64
    );
    assert_eq!(wrong(&estate), [""; 0], "after many changes");
}

/// What was gathered on the way is not what stands in the table when a line replaced another one.
#[test]
fn a_line_that_comes_twice_counts_once_in_the_figures() {
    let estate = estate();
    let twice = sales(&|_| "10,50".to_owned()) + "V000000;FA0;C9;R;28/03/2024;3;77,00\n";
    estate.export("ventes.csv", twice);
    assert_eq!(
        counts(&estate.sync(), "SALES_LINES").inserted,
        2 * CUSTOMERS as u64
    );
    assert_eq!(wrong(&estate), [""; 0]);
}

#[test]
fn lines_of_unknown_customers_and_products_are_counted_among_very_many() {
    let estate = estate();
    let strange = "S1;FX1;NOBODY;R;01/03/2024;1;5,00\nS2;FX1;NOBODY;?;01/03/2024;1;5,00\nS3;FX2;C1;?;01/03/2024;1;5,00\n";
    estate.export("ventes.csv", sales(&|_| "10,50".to_owned()) + strange);
    let answer = estate.sync();
    let warnings = answer["warnings"].to_string();
    assert!(
        warnings.contains(
            "2 lignes citent un client inconnu, gardées quand même (par exemple isavigne-NOBODY)"
        ),
        "{warnings}"
    );
    assert!(
        warnings.contains("2 lignes citent un produit inconnu, gardées quand même (par exemple ?)"),
        "{warnings}"
    );
}

/// Forty lines of eight customers, and what a second export makes of them.
struct Again {
    estate: Estate,
    lines: Vec<String>,
}

impl Again {
    fn new() -> Self {
        Self::known_by("document")
    }

    fn known_by(sales_key: &str) -> Self {
        let estate = Estate::empty()
            .setting("MAX_REJECTS", "1")
            .setting("SALES_KEY", sales_key);
        let customers = (0..8).map(|customer| format!("C{customer};Client {customer}\n"));
        estate.export(
            "clients.csv",
            format!("code_client;nom\n{}", customers.collect::<String>()),
        );
        estate.export(
            "produits.csv",
            "code_produit;nom;couleur\nR;Riesling;blanc\nP;Pinot noir;rouge\n",
        );
        let line = |line: usize| {
            let (customer, product) = (line % 8, if line.is_multiple_of(3) { "R" } else { "P" });
            let (order, day) = (line / 2, 1 + line % 28);
            format!("V{line:03};FA{order:02};C{customer};{product};{day:02}/03/2024;3;10,50")
        };
        let again = Self {
            estate,
            lines: (0..40).map(line).collect(),
        };
        again.sync("2024-04-01", &again.lines);
        again
    }

    fn export(&self, day: &str, lines: &str) {
        let header = "num_ligne;num_piece;code_client;code_produit;date;quantite;montant_ttc\n";
        let name = format!("ventes_{day}.csv");
        self.estate.export(&name, format!("{header}{lines}"));
    }

    /// Loads `lines`, then holds every customer's figures against SQL. The warnings.
    fn sync(&self, day: &str, lines: &[String]) -> String {
        self.export(day, &(lines.join("\n") + "\n"));
        let answer = self.estate.sync();
        assert_eq!(wrong(&self.estate), [""; 0], "{answer}");
        answer["warnings"].to_string()
    }

    /// The second export: the lines of the first one, changed.
    fn then(&self, change: impl FnOnce(&mut Vec<String>)) -> String {
        let mut lines = self.lines.clone();
        change(&mut lines);
        self.sync("2024-04-02", &lines)
    }
}

fn replace(line: &mut String, old: &str, new: &str) {
    assert!(line.contains(old), "{line}");
    *line = line.replacen(old, new, 1);
}

#[test]
fn changed_new_and_unchanged_lines_are_summed_up() {
    Again::new().then(|lines| {
        replace(&mut lines[4], "10,50", "99,00");
        replace(&mut lines[5], "C5", "C2");
        replace(&mut lines[10], ";P;", ";R;");
        replace(&mut lines[7], "08/03/2024", "31/01/2023");
        lines.insert(20, "V019b;FA70;C1;R;01/04/2024;60;5,00".to_owned());
        lines.push("V999;FA71;C7;R;02/04/2024;60;5,00".to_owned());
    });
}

/// Unclear whether the document was corrected or its number reused: the line is rejected.
#[test]
fn an_existing_line_whose_customer_change_is_rejected_is_summed_up() {
    let again = Again::known_by("auto");
    let warnings = again.then(|lines| {
        replace(&mut lines[4], "10,50", "99,00");
        replace(&mut lines[5], "C5", "C2");
    });
    assert!(
        warnings.contains(
            "le document FA02 de 2024 est déjà en base pour un autre client (C5, le 06/03/2024)"
        ),
        "{warnings}"
    );
    let held = "SELECT customer_key FROM sales_lines WHERE sale_line_key = 'isavigne-vente|FA02|2024|V005'";
    assert_eq!(again.estate.sql(held), ["isavigne-C5"]);
}

#[test]
fn an_existing_line_missing_from_the_export_is_summed_up() {
    Again::new().then(|lines| {
        replace(&mut lines[4], "10,50", "99,00");
        lines.remove(12);
    });
}

/// As many lines as there are rows, but not the same.
#[test]
fn a_repeated_line_does_not_replace_a_missing_one() {
    Again::new().then(|lines| {
        replace(&mut lines[4], "10,50", "99,00");
        lines[12] = lines[11].clone();
    });
    Again::new().then(|lines| {
        lines[12] = lines[11].replace("10,50", "77,00");
    });
    // Not one after the other.
    Again::new().then(|lines| {
        replace(&mut lines[4], "10,50", "99,00");
        lines[36] = lines[4].clone();
    });
}

/// The second of two changed lines with one key is the one in the table.
#[test]
fn a_changed_line_that_comes_twice_is_summed_up_as_it_ends() {
    for last in ["77,00", "10,50"] {
        Again::new().then(|lines| {
            replace(&mut lines[4], "10,50", "99,00");
            lines.push(lines[4].replace("99,00", last));
        });
    }
}

#[test]
fn an_existing_line_whose_new_version_is_rejected_is_summed_up() {
    Again::new().then(|lines| {
        replace(&mut lines[4], "10,50", "99,00");
        replace(&mut lines[12], ";3;10", ";trois;10");
    });
}

#[test]
fn lines_in_any_order_are_summed_up() {
    Again::new().then(|lines| {
        replace(&mut lines[4], "10,50", "99,00");
        lines.reverse();
    });
}

#[test]
fn a_second_export_in_two_files_is_summed_up_as_a_whole() {
    let again = Again::new();
    let (mut early, late) = (again.lines[..30].to_vec(), &again.lines[20..]);
    replace(&mut early[4], "10,50", "99,00");
    again.export("2024-04-02", &(early.join("\n") + "\n"));
    again.sync("2024-04-03", late);
}

/// A file whose last line is cut waits for the next sync, with those after it and without those before.
#[test]
fn the_lines_of_a_waiting_file_are_not_summed_up() {
    let again = Again::new();
    let mut waiting = again.lines.clone();
    replace(&mut waiting[4], "10,50", "99,00");
    replace(&mut waiting[20], "10,50", "99,00");
    let whole = waiting.join("\n") + "\n";
    let cut = whole.clone() + "V9;FA99";
    let of = |total| format!("SELECT count(*) FROM sales_lines WHERE price_total_eur = {total}");
    let mut before = again.lines.clone();
    replace(&mut before[5], "10,50", "77,00");

    again.export("2024-04-03", &cut);
    assert!(again.sync("2024-04-02", &before).contains("coupée"));
    assert_eq!(again.estate.sql(&of("77.0")), ["1"]);
    assert_eq!(again.estate.sql(&of("99.0")), ["0"]);

    // Now it is the first that is read.
    assert!(again.sync("2024-04-04", &before).contains("coupée"));
    assert_eq!(again.estate.sql(&of("77.0")), ["1"]);
    assert_eq!(again.estate.sql(&of("99.0")), ["0"]);

    again.export("2024-04-03", &whole);
    again.sync("2024-04-04", &before);
    assert_eq!(again.estate.sql(&of("99.0")), ["2"]);
}

#[test]
fn lines_changed_to_unknown_customers_and_products_are_counted() {
    let warnings = Again::new().then(|lines| {
        replace(&mut lines[4], "C4", "NOBODY");
        replace(&mut lines[5], "C5;P", "NOBODY;?");
        replace(&mut lines[6], "C6;R", "C6;?");
    });
    assert!(
        warnings.contains(
            "2 lignes citent un client inconnu, gardées quand même (par exemple isavigne-NOBODY)"
        ),
        "{warnings}"
    );
    assert!(
        warnings.contains("2 lignes citent un produit inconnu, gardées quand même (par exemple ?)"),
        "{warnings}"
    );
}

/// Few customers are looked for among the lines; from half of them on, all lines are folded. Lines in reverse order are
/// read from the table instead of the log.
#[test]
fn figures_are_the_same_however_many_customers_changed() {
    for changed in 1..=8 {
        for is_reversed in [false, true] {
            let warnings = Again::new().then(|lines| {
                for line in &mut lines[8..8 + changed] {
                    replace(line, "10,50", "99,00");
                }
                lines.push("V999;FA71;NOBODY;R;02/04/2024;60;5,00".to_owned());
                if is_reversed {
                    lines.reverse();
                }
            });
            assert!(
                warnings.contains("1 ligne cite un client inconnu"),
                "{warnings}"
            );
        }
    }
}

/// Its second version makes it no sale: it is deleted in the run that has written it.
#[test]
fn a_line_cancelled_in_the_first_sync_of_very_many_customers_is_not_summed_up() {
    let estate = estate();
    estate.export("ventes_2024-04-01.csv", sales(&|_| "10,50".to_owned()));
    estate.export(
        "ventes_2024-04-02.csv",
        "num_ligne;num_piece;code_client;code_produit;date;quantite;montant_ttc;statut\n\
         V000000;FA0;C0;R;01/03/2024;3;10,50;annulée\n\
         V900000;FA900000;C1;R;01/03/2024;3;10,50;validée\n",
    );
    assert_eq!(counts(&estate.sync(), "SALES_LINES").deleted, 1);
    assert_eq!(wrong(&estate), [""; 0]);
}

/// A line read twice, once as it was and once changed, is one line: another one is missing all the same.
#[test]
fn a_missing_line_is_reported_where_another_one_changes_between_two_files() {
    let again = Again::new();
    let mut lines = again.lines.clone();
    lines.remove(12);
    again.export("2024-04-02", &(lines.join("\n") + "\n"));
    replace(&mut lines[4], "10,50", "99,00");
    let warnings = again.sync("2024-04-03", &lines);
    assert!(warnings.contains("FA06, R, 2024-03-13"), "{warnings}");
}

#[test]
fn a_line_that_ends_as_it_was_is_not_missing() {
    let warnings = Again::new().then(|lines| {
        lines.remove(12);
        let mut changed = lines[4].clone();
        replace(&mut changed, "10,50", "99,00");
        lines.insert(4, changed);
    });
    assert!(
        warnings.contains("1 ligne en base n'est plus dans l'export"),
        "{warnings}"
    );
}

/// The lines of a file that waits or fails are read again with it: they are counted then.
#[test]
fn changed_customers_of_a_file_that_is_not_kept_are_not_reported() {
    let other_order = "code_produit;num_piece;code_client;num_ligne;date;quantite;montant_ttc\n";
    for (end, why) in [("V9;FA99", "coupée"), (other_order, "un autre en-tête")] {
        let again = Again::known_by("auto");
        let renamed = again.lines.iter().map(|line| line.replace(";C", ";D"));
        // More lines than a batch: some are written before the file turns out to be cut.
        let new = (100..700).map(|line| format!("V{line};FA{line};C1;R;01/03/2024;3;10,50"));
        let renamed: Vec<String> = renamed.chain(new).collect();
        again.export("2024-04-03", &(renamed.join("\n") + "\n" + end));
        again.export("2024-04-02", "V998;FA98;C1;R;01/03/2024;3;10,50\n");
        let answer = again.estate.crmreco(&["sync", "cave", "--json"]).json();
        let messages = answer["warnings"].to_string() + &answer["errors"].to_string();
        assert!(messages.contains(why), "{messages}");
        assert!(!messages.contains("avec un autre client"), "{messages}");
    }
}
