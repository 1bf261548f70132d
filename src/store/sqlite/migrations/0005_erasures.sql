-- Customers erased at their request (GDPR, article 17), so that no sync brings them back. Nothing here is theirs: an
-- alias is random, and a mark is a keyed hash, by which a row that is read can be recognised and nobody be listed.

-- The key of the hashes; made with the first erasure.
CREATE TABLE erasure_secret (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    secret BLOB NOT NULL
) STRICT;

-- `alias` stands in place of the customer's key in the sales lines. `is_overwritten`: whether the file holds no old
-- bytes of the customer any more.
CREATE TABLE erasures (
    erasure_id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    alias TEXT NOT NULL UNIQUE,
    erased_at TEXT NOT NULL,
    is_overwritten INTEGER NOT NULL
) STRICT;

-- `source`: the connector of a customer's key; empty for an email address or a telephone number, which count for all.
CREATE TABLE erasure_marks (
    source TEXT NOT NULL,
    mark BLOB NOT NULL,
    erasure_id INTEGER NOT NULL REFERENCES erasures ON DELETE CASCADE,
    PRIMARY KEY (source, mark, erasure_id)
) STRICT, WITHOUT ROWID;
