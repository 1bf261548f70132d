-- Where the time of a run went: seconds by phase, of the run as a whole (table_name '') and of each table.
-- A phase a row, so that a new one needs no migration.

CREATE TABLE run_phases (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    table_name TEXT NOT NULL,
    phase TEXT NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (run_id, table_name, phase)
) STRICT, WITHOUT ROWID;
