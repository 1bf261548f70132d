//! What PostgreSQL answers when it refuses, in French: by its code, what happened and what to do.
//!
//! Codes: appendix "PostgreSQL Error Codes" of its manual. The server speaks the language it was set to, so that nothing is
//! read out of its words but pgbouncer's, which are always English.

use postgres::error::DbError;

use crate::error::Error;

/// The words of an answer. Those about values and keys may show a person's data: the name of what is concerned then.
pub(super) fn words_of(answer: &DbError) -> Option<&str> {
    match answer.code().code().get(..2) {
        Some("22" | "23") => answer.constraint().or(answer.column()).or(answer.table()),
        _ => Some(answer.message()),
    }
}

/// The error that the server answered with.
pub(super) fn of_answer(answer: &DbError) -> Error {
    let code = answer.code().code();
    if let Some(error) = of_login(answer) {
        return error;
    }
    let known = ANSWERS.iter().find(|(known, _, _)| code.starts_with(known));
    let words = words_of(answer)
        .map(|words| format!(" « {words} »"))
        .unwrap_or_default();
    match known {
        Some((_, what, hint)) => Error::store(what.replace("{}", &words)).hint(*hint),
        None => Error::store(format!("PostgreSQL a refusé l'opération ({code}){words}")),
    }
}

/// The function of the server that refused, for one code has several meanings: words would be of any language.
fn of_login(answer: &DbError) -> Option<Error> {
    let words = answer.message();
    let is_of = |routine: &str| answer.routine() == Some(routine);
    let says = |sign: &str| answer.routine().is_none() && words.contains(sign);
    let (what, hint) = match answer.code().code() {
        "28P01" => (
            format!("PostgreSQL refuse le mot de passe, ou ne connaît pas ce rôle : « {words} »"),
            "Vérifiez le rôle et son mot de passe (PGPASSWORD, ~/.pgpass ou CRMRECO_DATABASE)",
        ),
        "28000" if is_of("InitializeSessionUserId") => (
            format!(
                "Ce rôle de PostgreSQL n'existe pas, ou n'a pas le droit de se connecter : « {words} »"
            ),
            "Sur le serveur : CREATE ROLE … LOGIN, ou donnez un autre rôle dans CRMRECO_DATABASE",
        ),
        "28000" if is_of("auth_failed") => (
            format!("PostgreSQL refuse ce rôle à ce compte de la machine : « {words} »"),
            "Prenez le rôle qui porte le nom de ce compte, ou donnez-lui un mot de passe (scram-sha-256 dans pg_hba.conf)",
        ),
        "28000" => (
            format!("PostgreSQL n'admet pas cette connexion : « {words} »"),
            "Ajoutez dans pg_hba.conf une ligne pour ce rôle, cette base et cette machine, puis rechargez le serveur",
        ),
        "3D000" => (
            format!("Cette base de PostgreSQL n'existe pas : « {words} »"),
            "Créez-la (CREATE DATABASE … OWNER …), ou corrigez CRMRECO_DATABASE",
        ),
        "08P01" if says("no such database") => (
            format!("Cette base n'existe pas derrière pgbouncer : « {words} »"),
            "Ajoutez-la à [databases] de pgbouncer.ini, ou corrigez CRMRECO_DATABASE",
        ),
        "08P01" if says("no such user") || says("authentication failed") => (
            format!("pgbouncer refuse ce rôle ou son mot de passe : « {words} »"),
            "Vérifiez auth_file ou auth_query de pgbouncer, et le mot de passe",
        ),
        "08P01" if says("unsupported startup parameter") => (
            format!("pgbouncer ne connaît pas un réglage de la connexion : « {words} »"),
            "Ajoutez-le à ignore_startup_parameters de pgbouncer.ini, ou retirez options de CRMRECO_DATABASE",
        ),
        _ => return None,
    };
    Some(Error::store(what).hint(hint))
}

/// What the server answers when it is at work: the start of the code, what (`{}`: its words) and what to do.
const ANSWERS: &[(&str, &str, &str)] = &[
    (
        "53300",
        "PostgreSQL a trop de connexions :{}",
        "Attendez qu'il s'en libère, augmentez max_connections, ou passez par pgbouncer",
    ),
    (
        "53100",
        "Le disque du serveur PostgreSQL est plein : rien n'a été changé",
        "Libérez de la place sur le serveur, puis relancez la même commande",
    ),
    (
        "53200",
        "Le serveur PostgreSQL n'a plus de mémoire : rien n'a été changé",
        "Donnez-lui plus de mémoire ou réduisez work_mem, puis relancez la même commande",
    ),
    (
        "53",
        "Le serveur PostgreSQL a atteint une de ses limites : rien n'a été changé ;{}",
        "Augmentez cette limite, puis relancez la même commande",
    ),
    (
        "25006",
        "Cette base de PostgreSQL est en lecture seule : rien n'a été changé",
        "C'est sans doute une copie (standby) : donnez le serveur principal, ou ajoutez target_session_attrs=read-write",
    ),
    (
        "25P03",
        "PostgreSQL a fermé une transaction restée sans activité : rien n'a été changé",
        "Augmentez idle_in_transaction_session_timeout pour ce rôle, puis relancez la même commande",
    ),
    (
        "57P05",
        "PostgreSQL a fermé une connexion restée sans activité : rien n'a été changé",
        "Augmentez idle_session_timeout pour ce rôle, puis relancez la même commande",
    ),
    (
        "42501",
        "Un droit manque à ce rôle de PostgreSQL :{}",
        "Donnez-le-lui sur le serveur (GRANT), ou connectez-vous avec le rôle propriétaire",
    ),
    (
        "3F000",
        "Le schéma n'existe pas dans cette base de PostgreSQL :{}",
        "Vérifiez CRMRECO_SCHEMA ; une synchronisation crée ce qui manque, si son rôle en a le droit",
    ),
    (
        "42P01",
        "Une table manque dans cette base de PostgreSQL :{}",
        "Vérifiez CRMRECO_DATABASE et CRMRECO_SCHEMA ; une synchronisation crée ce qui manque",
    ),
    (
        "57P01",
        "PostgreSQL a été arrêté, ou a fermé cette connexion, pendant le travail : rien n'est resté à moitié fait",
        "Relancez la même commande quand le serveur tourne",
    ),
    (
        "57P02",
        "PostgreSQL s'est arrêté en catastrophe pendant le travail : rien n'est resté à moitié fait",
        "Voyez le journal du serveur, puis relancez la même commande",
    ),
    (
        "57P03",
        "PostgreSQL démarre ou s'arrête :{}",
        "Relancez la même commande dans un instant",
    ),
    (
        "57014",
        "PostgreSQL a interrompu une requête trop longue, ou quelqu'un l'a annulée : rien n'a été changé",
        "Augmentez statement_timeout pour ce rôle, puis relancez la même commande",
    ),
    (
        "55P03",
        "Un autre programme tient cette table de PostgreSQL : rien n'a été changé",
        "Attendez qu'il ait fini, puis relancez la même commande",
    ),
    (
        "40",
        "D'autres programmes changeaient les mêmes lignes dans PostgreSQL : rien n'a été changé",
        "Relancez la même commande",
    ),
    (
        "23505",
        "Un autre programme vient d'écrire les mêmes lignes dans PostgreSQL : rien n'a été changé ;{}",
        "Relancez la même commande",
    ),
    (
        "26000",
        "Une requête préparée s'est perdue : c'est le fait d'un pool de connexions (pgbouncer)",
        "Prenez pgbouncer 1.21 ou plus récent avec max_prepared_statements, ou le mode session",
    ),
    (
        "42P05",
        "Une requête préparée existe déjà : c'est le fait d'un pool de connexions (pgbouncer)",
        "Prenez pgbouncer 1.21 ou plus récent avec max_prepared_statements, ou le mode session",
    ),
    (
        "08",
        "La connexion à PostgreSQL a été coupée : rien n'est resté à moitié fait ;{}",
        "Vérifiez le serveur et ce qui se trouve devant lui (pgbouncer), puis relancez la même commande",
    ),
    (
        "58",
        "Le disque du serveur PostgreSQL ne répond pas comme il faut :{}",
        "Voyez le journal du serveur et son disque",
    ),
    (
        "XX001",
        "PostgreSQL trouve ses données abîmées :{}",
        "Voyez le journal du serveur, et remettez une sauvegarde",
    ),
];
