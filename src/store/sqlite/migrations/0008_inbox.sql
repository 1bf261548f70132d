-- The inbox of rejected rows: a row here for each that could not be read, whole, however many exports repeat it.
-- row_hash is made of what the row says (or of its key, where the source has no cells), so that it is the same on every
-- machine and in every export.

CREATE TABLE reject_rows (
    source TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'open' OR state = 'fixed' OR state = 'ignored' OR state = 'closed'),
    -- why it is closed (replayed, source_mended, superseded), or ignored (what a person said)
    note TEXT,
    -- where it was read last, and what was wrong
    origin TEXT NOT NULL,
    position TEXT NOT NULL,
    column_name TEXT,
    value TEXT,
    reason TEXT NOT NULL,
    key TEXT,
    -- JSON arrays; NULL where the source has no cells
    headers TEXT,
    cells TEXT,
    is_cut INTEGER NOT NULL,
    first_run INTEGER NOT NULL,
    last_run INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    -- runs that rejected it
    times INTEGER NOT NULL,
    PRIMARY KEY (source, table_name, row_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX reject_rows_by_fault ON reject_rows (state, source, table_name, column_name, value, reason);
CREATE INDEX reject_rows_by_origin ON reject_rows (source, table_name, origin)
    WHERE state = 'open' OR state = 'fixed';

-- Cells that are read otherwise than the source says them: of one row, or of every row that says so.
CREATE TABLE corrections (
    source TEXT NOT NULL,
    correction_id INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope = 'row' OR scope = 'value'),
    row_hash TEXT,
    -- canonical field, or header as written
    field TEXT NOT NULL,
    old_value TEXT NOT NULL,
    new_value TEXT NOT NULL,
    note TEXT,
    author TEXT NOT NULL,
    at TEXT NOT NULL,
    undone_at TEXT,
    PRIMARY KEY (source, correction_id)
) STRICT, WITHOUT ROWID;

-- Files that are read again, because corrections of them changed, with all that were read by the same run or later. An
-- empty origin is any file.
CREATE TABLE rereads (
    source TEXT NOT NULL,
    table_name TEXT NOT NULL,
    origin TEXT NOT NULL,
    from_run INTEGER NOT NULL,
    PRIMARY KEY (source, table_name, origin)
) STRICT, WITHOUT ROWID;
