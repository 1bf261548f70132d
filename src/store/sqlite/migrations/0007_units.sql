-- What each file or model held, and what became of it: one row of counts for each, written in the transaction that loads
-- its table. Counts and sums alone: nothing here is about a person.
-- lines = header_lines + empty_lines + totals_lines + left_aside + accepted + rejected, where nothing was lost.
-- Sums are JSON objects of exact decimals as text, by column: {"price_total_eur": "2136808338.26"}.

CREATE TABLE units (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    table_name TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    source TEXT NOT NULL,
    label TEXT NOT NULL,
    -- its cursor: the hash of a file's content, or the name of a model
    mark TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    header_lines INTEGER NOT NULL,
    empty_lines INTEGER NOT NULL,
    totals_lines INTEGER NOT NULL,
    left_aside INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    -- accepted rows that a later row of the same file or model replaced
    replaced INTEGER NOT NULL,
    sums TEXT NOT NULL,
    -- accepted rows that the run left in the table as new or changed, until another run changes them; NULL where the
    -- load deleted some of its own rows
    written INTEGER,
    written_sums TEXT,
    -- what the source says of its rows: the closing total of a file, or the server before and after the reading
    source_sums TEXT,
    source_sums_after TEXT,
    -- to be compared with them: the rows of the file as written, or the stored rows of the model
    compared_sums TEXT,
    PRIMARY KEY (source, run_id, table_name, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX units_by_table ON units (source, table_name, run_id);

-- For the cascade of a deleted run.
CREATE INDEX units_by_run ON units (run_id);

-- Changes of what customers allow: a row for each opt-out that appeared or disappeared in a source after the customer
-- was known. The state at first sight is not in it: nobody knows since when it holds.
CREATE TABLE consents (
    source TEXT NOT NULL,
    customer_key TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel = 'email' OR channel = 'sms' OR channel = 'phone'),
    at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'refused' OR state = 'allowed'),
    -- the run that read it; NULL where a person said so
    run_id INTEGER,
    author TEXT NOT NULL,
    proof TEXT,
    PRIMARY KEY (source, customer_key, channel, at)
) STRICT, WITHOUT ROWID;
