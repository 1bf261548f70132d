//! The French help, command by command. English comes from the commands' own definitions; a test fails on a command,
//! an argument or an example that is missing here.

/// French help of one command.
pub(super) struct Texts {
    /// Name of the command; empty for the program itself.
    pub(super) command: &'static str,
    /// What it does, in one line.
    pub(super) about: &'static str,
    /// More about it; empty if there is no more.
    pub(super) details: &'static str,
    /// Its arguments, by name.
    pub(super) arguments: &'static [(&'static str, &'static str)],
    /// What follows the arguments; empty for the examples of the English help.
    pub(super) after: &'static str,
}

/// Without details, and with the English examples.
const SHORT: Texts = Texts {
    command: "",
    about: "",
    details: "",
    arguments: &[],
    after: "",
};

/// Arguments that mean the same in all commands.
pub(super) const EVERYWHERE: &[(&str, &str)] = &[
    (
        "home",
        "Dossier où sont .env et crmreco.db ; sinon, le dossier de données de ce système pour crmreco",
    ),
    ("json", "N'écrit qu'un document JSON sur la sortie standard"),
    (
        "verbose",
        "Écrit sur la sortie d'erreur ce qui est fait, avec les durées ; -vv : en détail [variable\u{a0}: CRMRECO_LOG]",
    ),
    (
        "log_format",
        "Forme de ce journal : text pour les gens, json pour les machines [variable\u{a0}: CRMRECO_LOG_FORMAT] [défaut\u{a0}: text]",
    ),
    ("help", "Affiche l'aide"),
    ("version", "Affiche la version"),
];

/// Names of values.
pub(super) const VALUE_NAMES: &[(&str, &str)] = &[
    ("AGE", "DURÉE"),
    ("DATABASE", "BASE"),
    ("DIR", "DOSSIER"),
    ("ENCODING", "ENCODAGE"),
    ("FIELD", "CHAMP"),
    ("FIELD=VALUE", "CHAMP=VALEUR"),
    ("FILE", "FICHIER"),
    ("FORM", "FORME"),
    ("GLOB", "MOTIF"),
    ("KEY", "CLÉ"),
    ("LINE", "LIGNE"),
    ("LOGIN", "IDENTIFIANT"),
    ("MARK", "SIGNE"),
    ("MM-DD", "MOIS-JOUR"),
    ("NAME", "NOM"),
    ("NAMES", "NOMS"),
    ("BASIS", "ORIGINE"),
    ("CUSTOMER", "CLIENT"),
    ("NEW", "NOUVEAU"),
    ("OLD", "ANCIEN"),
    ("SECONDS", "SECONDES"),
    ("SETTING", "RÉGLAGE"),
    ("SETTING=VALUE", "RÉGLAGE=VALEUR"),
    ("SHELL", "INTERPRÉTEUR"),
    ("STATE", "ÉTAT"),
    ("TEXT", "TEXTE"),
    ("SIGN", "SIGNE"),
    ("TIME", "INSTANT"),
    ("WHAT", "CONTENU"),
];

/// The program, then its commands in the order of the help.
pub(super) const ALL: &[Texts] = &[
    Texts {
        command: "",
        about: "Réunit clients, vins, ventes et stock d'un domaine dans une base propre",
        details: "Les sources (« connecteurs ») sont enregistrées une fois, testées, puis synchronisées à la main, par cron ou \
            dans une chaîne d'intégration, vers cinq tables d'une base SQLite. --json écrit un document JSON.",
        arguments: &[],
        after: "Exemples :
  crmreco add isavigne_prod --type isavigne --path /mnt/shared/isavigne
  crmreco test isavigne_prod
  crmreco sync isavigne_prod
  crmreco sync --all --json | jq '.[].records_processed'

Code de retour :
  0  fait
  1  exécuté, en échec : source injoignable ou illisible, trop de rejets, --max-age dépassé
  2  la ligne de commande est fausse
  3  configuration : connecteur inconnu, nom déjà pris, réglage manquant ou faux
  4  ce connecteur est en cours de synchronisation ailleurs
  130, 143  arrêté par Ctrl-C ou TERM ; rien ne reste à moitié fait",
    },
    Texts {
        command: "list",
        about: "Liste les connecteurs : état, totaux, dernières synchronisations",
        arguments: &[(
            "all_estates",
            "Liste les connecteurs de tous les domaines du serveur PostgreSQL",
        )],
        ..SHORT
    },
    Texts {
        command: "add",
        about: "Enregistre un connecteur",
        details: "Sur un terminal, le nom et les réglages qui manquent sont demandés un à un et vérifiés aussitôt, et le connecteur \
            peut être testé avant d'être enregistré. Les réglages sont écrits dans le fichier .env du dossier de crmreco.",
        arguments: &[
            (
                "name",
                "Nom du nouveau connecteur : minuscules, chiffres et soulignés simples",
            ),
            ("kind", "Type de source"),
            (
                "sheet",
                "La seule feuille à lire d'un classeur ; sinon, toutes celles dont la table est connue",
            ),
            (
                "api-key-stdin",
                "Lit la clé API de cet utilisateur sur l'entrée standard",
            ),
            (
                "company-id",
                "Ne lit que cette société d'Odoo ; sinon, toutes celles que voit l'utilisateur",
            ),
            (
                "sales-basis",
                "Ce qui compte comme vente : orders (commandes, moins les avoirs) ou invoices (factures et avoirs) [défaut\u{a0}: orders]",
            ),
            (
                "allow-http",
                "Envoie la clé API en http:// vers une autre machine : on peut la lire en chemin",
            ),
        ],
        after: "Exemples :
  crmreco add                                 # demande tout, sur un terminal
  crmreco add isavigne_prod                   # demande le reste
  crmreco add isavigne_prod --type isavigne --path /mnt/shared/isavigne
  crmreco add isavigne_prod --type isavigne --path exports --pattern '*.csv' --encoding windows-1252
  crmreco add odoo_prod --type odoo --url https://cave.odoo.com --db cave \\
    --user crm@cave.fr --api-key-stdin < key.txt

La clé API d'Odoo ne se donne jamais sur la ligne de commande, où d'autres pourraient la lire : elle
vient de l'entrée standard (--api-key-stdin), de la variable CRMRECO_CONNECTOR__<NOM>__API_KEY, ou
se tape au terminal sans s'afficher.",
    },
    Texts {
        command: "set",
        about: "Change des réglages d'un connecteur",
        details: "Sur un terminal et sans RÉGLAGE, les demande un à un avec leur valeur d'aujourd'hui. Les réglages sont vérifiés \
            ensemble : si l'un ne convient pas, rien n'est changé. Les secrets ne se donnent jamais sur la ligne de commande, où \
            d'autres pourraient les lire.",
        arguments: &[
            ("name", "Connecteur à changer"),
            (
                "settings",
                "Réglages à changer, comme ENCODING=utf-8 ; une valeur vide en retire un",
            ),
            (
                "unset",
                "Retire un réglage : sa valeur par défaut s'applique",
            ),
            (
                "api-key-stdin",
                "Lit la clé API de cet utilisateur sur l'entrée standard",
            ),
        ],
        after: "Exemples :
  crmreco set isavigne_prod                    # demande, avec les valeurs d'aujourd'hui
  crmreco set isavigne_prod ENCODING=windows-1252 'FILE_PATTERN=*.csv'
  crmreco set isavigne_prod EXPORT_PATH='/mnt/Mes exports' --unset CASE_SIZE
  crmreco set isavigne_prod 'COLUMN__CUSTOMERS__CUSTOMER_KEY=Code tiers'
  crmreco set odoo_prod --api-key-stdin < key.txt",
    },
    Texts {
        command: "rename",
        about: "Donne un autre nom à un connecteur ; lignes, rejets, curseurs et historique suivent",
        details: "Tuée à n'importe quel instant, l'opération est faite ou ne l'est pas : la commande suivante fait le reste. Pendant \
            une synchronisation du connecteur, rien n'est fait (code de retour 4).",
        arguments: &[
            ("old", "Connecteur à renommer"),
            (
                "new",
                "Son nouveau nom : minuscules, chiffres et soulignés simples",
            ),
        ],
        after: "",
    },
    Texts {
        command: "remove",
        about: "Retire un connecteur ; ses lignes et son historique restent, sauf avec --purge",
        details: "Avec --purge, le connecteur peut avoir été retiré avant : `crmreco list` montre ce qu'il a laissé.",
        arguments: &[
            ("name", "Connecteur à retirer"),
            ("purge", "Efface aussi ses lignes et son historique"),
            ("yes", "Ne demande rien"),
        ],
        after: "Exemples :
  crmreco remove isavigne_old                 # demande d'abord
  crmreco remove isavigne_old --yes
  crmreco remove isavigne_old --purge --yes   # ses lignes et son historique aussi",
    },
    Texts {
        command: "show",
        about: "Montre un connecteur : réglages (secrets masqués), état, dernières synchronisations par table",
        arguments: &[("name", "Connecteur à montrer")],
        ..SHORT
    },
    Texts {
        command: "test",
        about: "Vérifie que les connecteurs sont lisibles maintenant, fichier par fichier ou modèle par modèle",
        arguments: &[
            ("names", "Connecteurs à tester"),
            ("all", "Teste tous les connecteurs"),
        ],
        ..SHORT
    },
    Texts {
        command: "sync",
        about: "Synchronise des connecteurs : lit ce qui est nouveau, le normalise, le charge",
        arguments: &[
            ("names", "Connecteurs à synchroniser"),
            ("all", "Synchronise tous les connecteurs"),
            ("source", "Ne charge que cette table"),
            (
                "last_sync",
                "Lit ce qui a changé depuis cet instant, au lieu du dernier lu : 2025-12-27T16:00:00 (heure locale) ou RFC 3339",
            ),
            ("full", "Relit tout"),
            ("dry_run", "Dit ce qui changerait, et ne change rien"),
            (
                "allow_shrink",
                "Permet qu'un relevé efface plus d'un cinquième d'une table",
            ),
            ("jobs", "Connecteurs synchronisés en même temps"),
            ("quiet", "N'écrit que les erreurs"),
        ],
        after: "Exemples :
  crmreco sync isavigne_prod
  crmreco sync isavigne_prod --dry-run
  crmreco sync isavigne_prod --source sales_lines --full
  crmreco sync --all --quiet                  # pour cron : seuls les échecs s'affichent
  crmreco sync --all --json | jq '.[] | {connector_name, success}'",
        ..SHORT
    },
    Texts {
        command: "logs",
        about: "Montre les synchronisations d'un connecteur, la plus récente d'abord, ou les lignes rejetées",
        arguments: &[
            ("name", "Connecteur dont on veut l'historique"),
            ("limit", "Nombre de synchronisations à montrer"),
            ("offset", "Nombre de synchronisations à passer"),
            (
                "rejects",
                "Montre les lignes rejetées de la synchronisation de ce numéro ; sans numéro, de la dernière qui en a",
            ),
        ],
        after: "Exemples :
  crmreco logs isavigne_prod
  crmreco logs isavigne_prod --limit 10 --offset 10
  crmreco logs isavigne_prod --rejects        # de la dernière synchronisation qui a des rejets
  crmreco logs isavigne_prod --rejects 42     # de la synchronisation 42",
        ..SHORT
    },
    Texts {
        command: "receipt",
        about: "Montre qu'une synchronisation n'a rien perdu : ce que chaque fichier ou modèle contenait et ce qu'il est devenu",
        details: "Les lignes d'un fichier sont son en-tête, des lignes vides, des totaux, des lignes hors de la table, des lignes \
            enregistrées et des lignes rejetées. Le total en bas d'un fichier est comparé à ses lignes, ce qu'un serveur compte à ce qui \
            est enregistré, et ce qui a été accepté à la table. Code de retour 1 si quelque chose manque.",
        arguments: &[
            ("name", "Connecteur dont on veut le reçu"),
            (
                "run",
                "Montre le reçu de la synchronisation de ce numéro ; sans numéro, de la dernière qui a lu quelque chose",
            ),
        ],
        after: "Exemples :
  crmreco receipt isavigne_prod               # de la dernière qui a lu quelque chose
  crmreco receipt isavigne_prod --run 42      # de la synchronisation 42
  crmreco receipt isavigne_prod --json | jq '.units[] | select(.balanced | not)'",
    },
    Texts {
        command: "rejects",
        about: "Liste les lignes qui n'ont pas pu être lues, et les corrige",
        details: "Chaque ligne rejetée est gardée entière tant qu'elle n'est pas lue. Une correction remplace ce que dit une cellule, \
            d'une ligne ou de chaque ligne qui le dit, dans cet export et dans tous les suivants ; « replay » relit ces lignes.",
        arguments: &[
            (
                "name",
                "Connecteur dont on veut les lignes ; sans lui, tous",
            ),
            ("state", "Liste les lignes dans cet état"),
            ("group", "Compte seulement les lignes qui ont la même faute"),
            ("table", "Seulement les lignes de cette table"),
            ("limit", "Nombre de lignes à montrer"),
            ("offset", "Nombre de lignes à passer"),
        ],
        after: "Exemples :
  crmreco rejects                             # toutes celles à traiter
  crmreco rejects isavigne_prod --group
  crmreco rejects show isavigne_prod 3f2a
  crmreco rejects fix isavigne_prod 3f2a Qté=12
  crmreco rejects fix isavigne_prod --table sales_lines --field unit --value CRT6 --to 'carton de 6'
  crmreco rejects replay isavigne_prod
  crmreco rejects ignore isavigne_prod 3f2a --reason 'ligne de test'
  crmreco rejects undo isavigne_prod 4
  crmreco rejects export isavigne_prod --csv rejets.csv
  crmreco rejects import isavigne_prod rejets.csv",
    },
    Texts {
        command: "rejects show",
        about: "Montre une ligne rejetée, cellule par cellule",
        arguments: &[
            ("name", "Connecteur de la ligne"),
            ("id", "Numéro de la ligne, ou son début"),
        ],
        ..SHORT
    },
    Texts {
        command: "rejects fix",
        about: "Corrige des cellules d'une ligne, ou une valeur partout où elle est",
        arguments: &[
            ("name", "Connecteur de la ligne"),
            ("id", "Numéro de la ligne, ou son début"),
            (
                "changes",
                "Ce que ses cellules doivent dire : une colonne comme l'export l'appelle, ou un champ",
            ),
            ("table", "Table dont les cellules sont à corriger"),
            (
                "field",
                "Colonne à corriger, comme l'export l'appelle, ou un champ",
            ),
            ("value", "Ce que disent les cellules"),
            ("to", "Ce qu'elles doivent dire"),
            ("note", "Pourquoi, pour qui le lira plus tard"),
        ],
        ..SHORT
    },
    Texts {
        command: "rejects replay",
        about: "Relit les lignes corrigées",
        arguments: &[
            ("name", "Connecteur dont les lignes sont à relire"),
            ("dry_run", "Dit ce qui changerait, et ne change rien"),
        ],
        ..SHORT
    },
    Texts {
        command: "rejects ignore",
        about: "Laisse des lignes de côté : elles ne comptent plus dans MAX_REJECTS",
        arguments: &[
            ("name", "Connecteur des lignes"),
            ("ids", "Numéros des lignes, ou leurs débuts"),
            ("reason", "Pourquoi elles peuvent rester dehors"),
        ],
        ..SHORT
    },
    Texts {
        command: "rejects undo",
        about: "Retire des corrections",
        arguments: &[
            ("name", "Connecteur des corrections"),
            ("corrections", "Numéros des corrections"),
        ],
        ..SHORT
    },
    Texts {
        command: "rejects export",
        about: "Écrit les lignes à corriger en CSV pour un tableur",
        arguments: &[
            ("name", "Connecteur des lignes"),
            ("csv", "Écrit dans ce fichier"),
        ],
        ..SHORT
    },
    Texts {
        command: "rejects import",
        about: "Reprend les corrections qui y ont été remplies",
        arguments: &[
            ("name", "Connecteur des lignes"),
            ("file", "Fichier exporté, avec ses corrections"),
            ("note", "Pourquoi, pour qui le lira plus tard"),
        ],
        ..SHORT
    },
    Texts {
        command: "status",
        about: "Montre l'état global ; avec --max-age, échoue si un connecteur n'a pas réussi depuis cette durée",
        details: "Avec --max-age et sans aucun connecteur, le code de retour est 3 : une surveillance du mauvais dossier ne doit pas passer pour un succès.",
        arguments: &[(
            "max_age",
            "Âge du plus ancien succès accepté, comme 90m, 26h ou 2d",
        )],
        after: "",
    },
    Texts {
        command: "metrics",
        about: "Montre le nombre de lignes de chaque table, d'erreurs et d'avertissements",
        ..SHORT
    },
    Texts {
        command: "doctor",
        about: "Dit ce qui empêche une synchronisation, et la commande qui y remédie",
        details: "Regarde le dossier de crmreco et ses droits, le disque, les réglages, la base, l'horloge, les verrous, ce que cron \
            trouverait, la dernière sauvegarde, et chaque connecteur : s'il est lisible maintenant, sa clé, son dernier succès. Code de retour 1 si quelque \
            chose échoue.",
        arguments: &[(
            "quick",
            "Ne contacte aucun serveur, n'ouvre aucun export et ne lit pas toute la base",
        )],
        after: "Exemples :
  crmreco doctor
  crmreco doctor --quick                      # sans lire les sources ni toute la base
  crmreco doctor --json | jq '.checks[] | select(.state != \"ok\")'",
    },
    Texts {
        command: "move",
        about: "Déplace la base vers un serveur PostgreSQL, ou de là vers un fichier",
        details: "Lignes, rejets, historique et curseurs sont copiés, et prouvés égaux des deux côtés par les comptes et les sommes de \
            chaque mois ; alors seulement les réglages de .env mènent au nouvel endroit. L'ancienne base reste telle quelle. Tuée à \
            n'importe quel instant, la commande laisse la base là où le disent les réglages. Pendant la synchronisation d'un \
            connecteur, rien n'est fait (code de retour 4).",
        arguments: &[
            (
                "to",
                "Adresse de la base du serveur (postgresql://…), ou sqlite",
            ),
            ("schema", "Schéma des tables sur le serveur"),
            ("estate", "Nom du domaine sur le serveur"),
        ],
        after: "",
    },
    Texts {
        command: "database",
        about: "Dit qui peut lire la base d'un serveur",
        ..SHORT
    },
    Texts {
        command: "database grant-reader",
        about: "Laisse un rôle du serveur lire un domaine, et aucun autre",
        details: "Le rôle reçoit SELECT sur les tables, et pour chacune une règle qui porte le nom du domaine, que nul réglage de sa \
            session ne change. Il doit exister, sans être superutilisateur ni dispensé des règles.",
        arguments: &[
            ("role", "Rôle du serveur"),
            (
                "estate",
                "Domaine qu'il peut lire ; sinon celui des réglages",
            ),
        ],
        after: "",
    },
    Texts {
        command: "database revoke-reader",
        about: "Reprend à un rôle du serveur ce que grant-reader lui a donné",
        arguments: &[("role", "Rôle du serveur")],
        ..SHORT
    },
    Texts {
        command: "prune",
        about: "Efface l'historique plus ancien que `CRMRECO_KEEP_DAYS`",
        details: "Les synchronisations, leurs messages et les lignes rejetées sont effacés après 400 jours, ou après le nombre de jours \
            que donne `CRMRECO_KEEP_DAYS` dans l'environnement ou dans le fichier .env du dossier de crmreco. La dernière \
            synchronisation de chaque connecteur et son dernier succès restent. La première synchronisation réussie d'un jour fait \
            de même.",
        arguments: &[("dry_run", "Compte ce qui serait effacé, et n'efface rien")],
        after: "Exemples :
  crmreco prune --dry-run                     # ce qui serait effacé
  crmreco prune
  CRMRECO_KEEP_DAYS=90 crmreco prune",
    },
    Texts {
        command: "erase",
        about: "Efface un client à sa demande, et pour de bon (RGPD, article 17)",
        details: "Retire le client de toutes les tables, des lignes rejetées et des messages de l'historique, et l'écarte des \
            synchronisations suivantes. Ses lignes de vente restent sans nom : les totaux ne changent pas. La source n'est pas \
            changée : effacez-y aussi le client. Rien ne permet de revenir en arrière.\n\n\
            Le client se donne par sa clé (`isavigne-C12`, `odoo-12`), son adresse e-mail ou son téléphone. D'autres comptes de la \
            machine peuvent lire une ligne de commande pendant qu'elle tourne, et l'interpréteur la garde : la clé en dit le moins.",
        arguments: &[
            (
                "customer",
                "Clé, adresse e-mail ou téléphone, comme dans la table customers",
            ),
            ("connector", "Connecteur du client, si plusieurs en ont un"),
            ("yes", "Ne demande rien"),
        ],
        after: "Exemples :
  crmreco erase isavigne-C12                  # demande d'abord
  crmreco erase isavigne-C12 --yes
  crmreco erase jean.dupont@example.fr --connector isavigne_prod --yes",
    },
    Texts {
        command: "backup",
        about: "Sauvegarde la base et ses réglages dans un fichier, pendant les synchronisations",
        details: "Le fichier contient la base telle qu'elle est à un instant, vérifiée, les réglages sans leurs secrets, et un manifeste \
            avec les lignes et une somme de contrôle de chaque table. Il va dans le sous-dossier backups du dossier de crmreco, ou \
            dans DOSSIER, qui doit exister. Les 30 dernières sauvegardes de ce dossier de crmreco restent ; celles d'un autre ne \
            sont jamais effacées.",
        arguments: &[
            (
                "to",
                "Dossier de la sauvegarde, ou - pour la sortie standard",
            ),
            ("keep", "Nombre de sauvegardes gardées"),
            (
                "with_secrets",
                "Garde les clés et les jetons dans les réglages de la sauvegarde",
            ),
        ],
        after: "",
    },
    Texts {
        command: "backup verify",
        about: "Vérifie qu'une sauvegarde est entière, sans la restaurer",
        details: "La lit jusqu'au bout : ses sommes de contrôle, la base comme SQLite la vérifie, les lignes et la somme de chaque \
            table. Code de retour 1 si quelque chose ne va pas.",
        arguments: &[
            ("file", "Sauvegarde à vérifier"),
            (
                "latest",
                "Vérifie la plus récente, dans le dossier de la dernière",
            ),
        ],
        after: "",
    },
    Texts {
        command: "restore",
        about: "Remet une sauvegarde à la place de la base",
        details: "La sauvegarde est d'abord vérifiée, mise au format actuel si une version plus ancienne l'a faite, et prend sa place d'un \
            coup. La base qui y était reste à côté, sous le nom crmreco.db.before-INSTANT. Les réglages restent ; un dossier qui n'en \
            a pas reçoit ceux de la sauvegarde. Les clients effacés depuis la sauvegarde le sont de nouveau. Refusé pendant une \
            synchronisation.",
        arguments: &[
            ("file", "Sauvegarde à restaurer"),
            ("yes", "Ne demande rien"),
            (
                "dry_run",
                "Vérifie la sauvegarde, dit ce qu'elle remplacerait, et ne change rien",
            ),
        ],
        after: "Exemples :
  crmreco restore backups/crmreco-2025-12-27T01-15-00Z.tar.zst --dry-run
  crmreco restore backups/crmreco-2025-12-27T01-15-00Z.tar.zst        # demande d'abord
  crmreco --home /srv/crmreco restore /mnt/nas/crmreco-2025-12-27T01-15-00Z.tar.zst --yes",
    },
    Texts {
        command: "export",
        about: "Écrit les lignes d'une table en CSV, en lignes JSON ou en classeur Excel",
        details: "Toutes les colonnes de la base, tous les connecteurs, dans l'ordre des clés. Un fichier est écrit en entier ou pas du \
            tout, et seul son propriétaire peut le lire. La mémoire ne croît pas avec le nombre de lignes.",
        arguments: &[
            ("table", "Table à exporter"),
            ("connector", "N'exporte que les lignes de ce connecteur"),
            (
                "format",
                "Forme des lignes ; sinon, celle que dit la fin du nom de FICHIER, ou csv",
            ),
            (
                "excel",
                "CSV pour Excel en français : points-virgules, virgules décimales, marque d'ordre des octets, et aucun texte qui s'exécute comme une formule",
            ),
            (
                "output",
                "Écrit dans ce fichier, au lieu de la sortie standard",
            ),
        ],
        after: "Exemples :
  crmreco export customers > clients.csv
  crmreco export sales_lines --excel -o ventes.csv        # s'ouvre dans Excel en français
  crmreco export sales_lines -o ventes.xlsx
  crmreco export stock_levels --connector isavigne_prod --format jsonl | jq .product_key",
    },
    Texts {
        command: "query",
        about: "Exécute une requête SQL qui ne fait que lire",
        details: "Une instruction de SQLite. Tout ce qui écrirait est refusé, et la requête s'arrête après --timeout. Les tables sont \
            décrites dans docs/database.md.",
        arguments: &[
            ("sql", "La requête"),
            (
                "format",
                "Forme des lignes : table (les 1 000 premières, pour les gens), csv, ou json (ce qu'écrit aussi --json)",
            ),
            (
                "timeout",
                "Secondes après lesquelles la requête est arrêtée",
            ),
        ],
        after: "",
    },
    Texts {
        command: "serve",
        about: "Montre la même chose en pages web, pour qui n'ouvre jamais de terminal",
        arguments: &[
            (
                "addr",
                "Adresse et port d'écoute ; toute autre que celle de cette machine demande un jeton",
            ),
            (
                "hosts",
                "Nom sous lequel les navigateurs y accèdent, outre localhost et les adresses IP ; demande un jeton",
            ),
            ("open", "Ouvre les pages dans un navigateur, déjà connecté"),
            (
                "no_login",
                "Laisse entrer tous les comptes de cette machine, sans code",
            ),
        ],
        after: "Exemples :
  crmreco serve                               # affiche une adresse qui connecte une fois
  crmreco serve --open                        # de même, dans un navigateur
  crmreco serve --addr 127.0.0.1:8080
  CRMRECO_SERVE_TOKEN=$(openssl rand -hex 32) \\
    crmreco serve --addr 0.0.0.0:5000 --host crm.domaine.example

Sans cette adresse, la page de connexion demande le code qui s'affiche dans le terminal : d'autres
comptes de cette machine atteignent aussi ses ports. --no-login les laisse tous entrer.

D'autres machines ont besoin de CRMRECO_SERVE_TOKEN : les gens le tapent une fois sur la page de
connexion, les scripts l'envoient ainsi : `Authorization: Bearer JETON`. La variable peut aussi être
dans le fichier .env du dossier de crmreco.",
        ..SHORT
    },
    Texts {
        command: "completions",
        about: "Affiche le script de complétion d'un interpréteur de commandes",
        details: "Le script appelle crmreco lui-même : les noms de connecteurs, les réglages et leurs valeurs se complètent aussi.",
        arguments: &[("shell", "Interpréteur qui doit compléter")],
        after: "Exemples :
  crmreco completions bash > ~/.local/share/bash-completion/completions/crmreco
  crmreco completions zsh > ~/.zfunc/_crmreco        # un dossier de $fpath
  crmreco completions fish > ~/.config/fish/completions/crmreco.fish
  crmreco completions powershell >> $PROFILE
  crmreco completions elvish >> ~/.config/elvish/rc.elv",
    },
    Texts {
        command: "help",
        about: "Affiche l'aide du programme ou d'une commande",
        ..SHORT
    },
];
