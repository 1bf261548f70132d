//! The settings of an iSaVigne connector for people: questions, form fields and flags.

use crate::connectors::{
    Flag, FlagValue, FormField, Guide, Input, KindIcon, RejectLimit, SettingSpec,
};

/// Patterns that [`super::pattern`] accepts: `**` is a whole component, and each `[` is closed.
const GLOB_PATTERN: &str = concat!(
    r"(\*\*|\*?(([^*\/\[]|\[[^!][^\]]*\]|\[!.[^\]]*\])\*?)*)",
    r"(\/(\*\*|\*?(([^*\/\[]|\[[^!][^\]]*\]|\[!.[^\]]*\])\*?)*))*"
);

/// The settings of an iSaVigne connector.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        key: "EXPORT_PATH",
        question: Some("Dossier des exports"),
        field: Some(FormField {
            label: "Chemin d'export",
            help: "Chemin absolu du dossier où iSaVigne dépose ses exports, vu de la machine qui sert cette page",
            example: "/mnt/shared/isavigne",
            input: Input::Folder,
        }),
        flag: Some(Flag {
            name: "path",
            help: "Folder in which iSaVigne drops its exports",
            value: FlagValue::Folder("DIR"),
        }),
        is_required: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "FILE_PATTERN",
        question: Some("Motif des fichiers à lire"),
        field: Some(FormField {
            label: "Motif des fichiers",
            help: "Les fichiers à lire dans ce dossier : * remplace n'importe quelle suite de signes",
            example: "*.csv",
            input: Input::Text(Some(GLOB_PATTERN)),
        }),
        flag: Some(Flag::text(
            "pattern",
            "GLOB",
            "Files to read in it, as a glob",
        )),
        default: Some("*.csv"),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "ENCODING",
        question: Some(
            "Encodage (auto, utf-8, windows-1252, iso-8859-15, utf-16, cp850 ou macintosh)",
        ),
        field: Some(FormField {
            label: "Encodage",
            help: "Laissez « Automatique » : chaque fichier est reconnu",
            example: "auto",
            input: Input::Choice(&[
                ("auto", "Automatique"),
                ("utf-8", "UTF-8"),
                ("latin-1", "Latin-1"),
                ("iso-8859-1", "ISO-8859-1"),
                ("windows-1252", "Windows-1252"),
                ("iso-8859-15", "ISO-8859-15 (Latin-9)"),
                ("utf-16", "UTF-16"),
                ("cp850", "CP850 (DOS)"),
                ("macintosh", "Macintosh"),
            ]),
        }),
        flag: Some(Flag::text(
            "encoding",
            "ENCODING",
            "auto, utf-8, windows-1252, iso-8859-15, utf-16, cp850 or macintosh",
        )),
        default: Some("auto"),
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "DELIMITER",
        question: Some("Séparateur des colonnes (auto, ; , | ou tab)"),
        field: Some(FormField {
            label: "Séparateur des colonnes",
            help: "Laissez « Automatique » : chaque fichier est reconnu",
            example: "auto",
            input: Input::Choice(&[
                ("auto", "Automatique"),
                (";", "Point-virgule"),
                (",", "Virgule"),
                ("tab", "Tabulation"),
                ("|", "Barre verticale"),
            ]),
        }),
        flag: Some(Flag::text(
            "delimiter",
            "SIGN",
            "What separates the cells: auto, ';', ',', '|' or tab",
        )),
        default: Some("auto"),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "HEADER_LINE",
        question: Some("Ligne des en-têtes (auto, ou son numéro)"),
        field: Some(FormField {
            label: "Ligne des en-têtes",
            help: "Laissez « auto » : la ligne qui nomme les colonnes est cherchée parmi les vingt premières",
            example: "auto",
            input: Input::Text(Some("auto|[1-9][0-9]{0,5}")),
        }),
        flag: Some(Flag::text(
            "header-line",
            "LINE",
            "The line that names the columns: auto, or its number",
        )),
        default: Some("auto"),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "DECIMAL_MARK",
        question: Some("Signe des décimales (auto, virgule ou point)"),
        field: Some(FormField {
            label: "Signe des décimales",
            help: "Laissez « Automatique », sauf si un message le demande",
            example: "auto",
            input: Input::Choice(&[
                ("auto", "Automatique"),
                ("comma", "Virgule : 12,50"),
                ("dot", "Point : 12.50"),
            ]),
        }),
        flag: Some(Flag::text(
            "decimal-mark",
            "MARK",
            "What stands before the decimals: auto, comma or dot",
        )),
        default: Some("auto"),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "DATE_FORM",
        question: Some("Ordre des dates (auto, dmy, mdy ou ymd)"),
        field: Some(FormField {
            label: "Ordre des dates",
            help: "Laissez « Automatique », sauf si un message le demande",
            example: "auto",
            input: Input::Choice(&[
                ("auto", "Automatique"),
                ("dmy", "Jour, mois, année : 27/12/2025"),
                ("mdy", "Mois, jour, année : 12/27/2025"),
                ("ymd", "Année, mois, jour : 2025-12-27"),
            ]),
        }),
        flag: Some(Flag::text(
            "date-form",
            "FORM",
            "Order of dates: auto, dmy, mdy or ymd",
        )),
        default: Some("auto"),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "SHEET",
        question: Some("Feuille à lire dans un classeur (auto, ou son nom)"),
        field: Some(FormField {
            label: "Feuille des classeurs",
            help: "Laissez « auto » : toutes les feuilles qui contiennent un tableau connu sont lues",
            example: "auto",
            input: Input::Text(None),
        }),
        flag: Some(Flag::text(
            "sheet",
            "NAME",
            "The one sheet to read of a workbook [default: every sheet that holds a known table]",
        )),
        default: Some("auto"),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "SALES_KEY",
        question: Some(
            "Numéros des ventes (auto, document, document+customer, document+date ou line)",
        ),
        field: Some(FormField {
            label: "Numéros des ventes",
            help: "Ce que le domaine sait de ses numéros de pièces. Laissez « Automatique », sauf si un message le demande",
            example: "auto",
            input: Input::Choice(&[
                ("auto", "Automatique"),
                ("document", "Chaque numéro ne sert qu'une fois par an"),
                (
                    "document+customer",
                    "Un numéro peut servir à plusieurs clients",
                ),
                ("document+date", "Un numéro peut servir à plusieurs dates"),
                ("line", "Chaque numéro de ligne ne sert qu'une fois"),
            ]),
        }),
        flag: Some(Flag::text(
            "sales-key",
            "KEY",
            "What tells sales apart: auto, document, document+customer, document+date or line",
        )),
        default: Some("auto"),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "SALES_FILES",
        question: Some("Ce que contient un export de ventes (increment, period, full ou append)"),
        field: Some(FormField {
            label: "Contenu des exports de ventes",
            help: "Ce qu'un fichier de ventes contient, par rapport à ceux d'avant",
            example: "increment",
            input: Input::Choice(&[
                ("increment", "Des ventes à ajouter ou à corriger"),
                (
                    "period",
                    "Toutes les ventes de sa première à sa dernière date",
                ),
                ("full", "Toutes les ventes depuis toujours"),
                ("append", "Des ventes qu'aucun autre fichier ne contient"),
            ]),
        }),
        flag: Some(Flag::text(
            "sales-files",
            "WHAT",
            "What a file of sales holds: increment, period, full or append",
        )),
        default: Some("increment"),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "FISCAL_YEAR_START",
        question: Some("Premier jour de l'exercice, où les numéros recommencent (mois-jour)"),
        field: Some(FormField {
            label: "Premier jour de l'exercice",
            help: "Le jour où les numéros de pièces recommencent : 01-01 pour le 1er janvier, 08-01 pour le 1er août",
            example: "01-01",
            input: Input::Text(Some("(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")),
        }),
        flag: Some(Flag::text(
            "fiscal-year-start",
            "MM-DD",
            "Day on which the numbers of documents begin again",
        )),
        default: Some("01-01"),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "CASE_SIZE",
        field: Some(FormField {
            label: "Bouteilles par carton",
            help: "Ce que contient un carton quand l'export compte en cartons sans dire leur contenance",
            example: "12",
            input: Input::Text(Some("0*([1-9][0-9]{0,2}|1000)")),
        }),
        default: Some("12"),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "MAX_REJECTS",
        field: Some(RejectLimit::FIELD),
        default: Some(RejectLimit::USUAL),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
    SettingSpec {
        key: "MAX_FILE_SIZE",
        field: Some(FormField {
            label: "Taille maximale d'un fichier",
            help: "Un fichier plus grand est refusé sans être lu : 500M, 4G, ou un nombre d'octets",
            example: "4G",
            input: Input::Text(Some("[1-9][0-9]{0,18}[KMGTkmgt]?")),
        }),
        default: Some("4G"),
        is_advanced: true,
        ..SettingSpec::OPTIONAL
    },
];

/// What to know before registering one.
pub(crate) const GUIDE: Guide = Guide {
    title: "Fichiers attendus",
    icon: KindIcon::File,
    points: &[
        "*client*.csv, *tiers*.csv → Clients",
        "*produit*.csv, *article*.csv, *tarif*.csv → Produits",
        "*vente*.csv, *facture*.csv, *avoir*.csv, *commande*.csv → Ventes",
        "*stock*.csv, *inventaire*.csv → Stock",
        "*contact*.csv, *campagne*.csv → Contacts",
    ],
    is_ordered: false,
};
