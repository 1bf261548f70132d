//! Whatever stands in the folder, a sync ends with one answer and keeps its promises on counts.

use proptest::prelude::*;

use crate::common::{Estate, check_counts};

/// Bytes that look like an export often enough to get past the header.
fn export() -> impl Strategy<Value = Vec<u8>> {
    let header = prop::sample::select(vec![
        "code_client;nom;ville",
        "code_client,nom",
        "sep=;",
        "nom",
        "\u{feff}code_client\tnom",
        "",
    ]);
    let piece = prop_oneof![
        prop::sample::select(vec![
            ";", ",", "\"", "\n", "\r", "\r\n", "C1", "=\"0\"", "Total", "\0", "é", "'"
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    (header, prop::collection::vec(piece, 0..40))
        .prop_map(|(header, pieces)| [header.as_bytes(), b"\n", &pieces.concat()].concat())
}

proptest! {
    // A case is a process: few of them, but of any shape.
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_file_ends_in_one_document(bytes in export()) {
        let estate = Estate::empty().setting("MAX_REJECTS", "100%");
        estate.export("clients.csv", &bytes);
        let outcome = estate.crmreco(&["sync", "cave", "--json"]);
        let answer = outcome.json();
        prop_assert!(matches!(outcome.code, Some(0 | 1)), "{outcome:?}");
        prop_assert_eq!(answer["success"].as_bool(), Some(outcome.code == Some(0)));
        check_counts(&answer);
        let again = estate.crmreco(&["sync", "cave", "--full", "--json"]).json();
        let changed = |key: &str| again["records"]["CUSTOMERS"][key].as_u64().unwrap_or(0);
        prop_assert_eq!(changed("inserted") + changed("updated") + changed("deleted"), 0);
    }
}
