-- The five canonical tables. Primary key: (source, key). STRICT so that a REAL column holds numbers and
-- nothing else; WITHOUT ROWID because every access is by key.
-- Each row ends with where it comes from, the run that last changed it, when, and the hash of its values.

CREATE TABLE customers (
    source TEXT NOT NULL,
    customer_key TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    company_name TEXT,
    email TEXT,
    phone TEXT,
    mobile TEXT,
    address TEXT,
    zip_code TEXT,
    city TEXT,
    country TEXT,
    email_opt_out INTEGER NOT NULL,
    sms_opt_out INTEGER NOT NULL,
    phone_opt_out INTEGER NOT NULL,
    active INTEGER NOT NULL,
    -- computed from sales_lines after each load
    first_purchase_date TEXT,
    last_purchase_date TEXT,
    total_spent_eur REAL NOT NULL DEFAULT 0,
    purchase_count INTEGER NOT NULL DEFAULT 0,
    avg_order_value_eur REAL,
    preferred_category TEXT,
    segment TEXT NOT NULL DEFAULT 'prospect'
        CHECK (segment IN ('vip', 'standard', 'at_risk', 'prospect', 'inactive')),
    source_ref TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    PRIMARY KEY (source, customer_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE product_catalog (
    source TEXT NOT NULL,
    product_key TEXT NOT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL
        CHECK (category IN ('rouge', 'blanc', 'rosé', 'pétillant', 'mousseux', 'fortifié', 'autre')),
    price_segment TEXT CHECK (price_segment IN ('entry', 'standard', 'premium', 'luxury')),
    list_price_eur REAL,
    cost_price_eur REAL,
    grape_varieties TEXT,
    flavors TEXT,
    vintage INTEGER,
    region TEXT,
    alcohol_percent REAL,
    total_acidity_g_l REAL,
    residual_sugar_g_l REAL,
    body TEXT,
    tannins TEXT,
    format_cl REAL,
    barcode TEXT,
    active INTEGER NOT NULL,
    source_ref TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    PRIMARY KEY (source, product_key)
) STRICT, WITHOUT ROWID;

-- No secondary index: each costs a second per million lines loaded, and what reads this table reads all of it.
CREATE TABLE sales_lines (
    source TEXT NOT NULL,
    sale_line_key TEXT NOT NULL,
    customer_key TEXT NOT NULL,
    product_key TEXT NOT NULL,
    order_ref TEXT,
    date_sale TEXT NOT NULL,
    quantity_units REAL NOT NULL,
    unit TEXT,
    quantity_bottles_75cl_eq REAL NOT NULL,
    price_unit_eur REAL,
    price_total_eur REAL,
    price_total_excl_tax_eur REAL,
    cost_total_eur REAL,
    margin_percent REAL,
    channel TEXT,
    notes TEXT,
    source_ref TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    PRIMARY KEY (source, sale_line_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_levels (
    source TEXT NOT NULL,
    stock_key TEXT NOT NULL,
    product_key TEXT NOT NULL,
    warehouse TEXT,
    quantity_units REAL NOT NULL,
    quantity_bottles_75cl_eq REAL NOT NULL,
    reserved_qty REAL,
    available_qty REAL,
    last_count_date TEXT,
    source_ref TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    PRIMARY KEY (source, stock_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_history (
    source TEXT NOT NULL,
    contact_key TEXT NOT NULL,
    customer_key TEXT NOT NULL,
    date_contact TEXT NOT NULL,
    channel TEXT CHECK (channel IN ('email', 'sms', 'phone', 'website', 'direct')),
    campaign TEXT,
    subject TEXT,
    status TEXT
        CHECK (status IN ('sent', 'delivered', 'opened', 'clicked', 'replied', 'bounced', 'unsubscribed')),
    product_key_suggested TEXT,
    response TEXT,
    response_details TEXT,
    source_ref TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    PRIMARY KEY (source, contact_key)
) STRICT, WITHOUT ROWID;

-- History: one row a run, one a table of a run, one a message.

CREATE TABLE runs (
    run_id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    connector_type TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'success', 'error', 'interrupted')),
    started_at TEXT NOT NULL,
    ended_at TEXT,
    duration_seconds REAL
) STRICT;

CREATE INDEX runs_by_source ON runs (source, run_id);

CREATE TABLE run_tables (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    table_name TEXT NOT NULL,
    rows_read INTEGER NOT NULL,
    inserted INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    PRIMARY KEY (run_id, table_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_messages (
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('error', 'warning')),
    message TEXT NOT NULL,
    PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;

-- Rows that could not be understood. `position` is a line of a file or the id of a record.
CREATE TABLE rejects (
    reject_id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    source TEXT NOT NULL,
    table_name TEXT NOT NULL,
    origin TEXT NOT NULL,
    position TEXT NOT NULL,
    column_name TEXT,
    value TEXT,
    reason TEXT NOT NULL
) STRICT;

CREATE INDEX rejects_by_run ON rejects (run_id);

-- How far each source has been read: for files, the hash of every content read and the file's name.
CREATE TABLE cursors (
    source TEXT NOT NULL,
    table_name TEXT NOT NULL,
    mark TEXT NOT NULL,
    label TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    PRIMARY KEY (source, table_name, mark)
) STRICT, WITHOUT ROWID;

-- Rows each source holds in each table, kept by the loads so that nobody has to count millions.
CREATE TABLE row_counts (
    source TEXT NOT NULL,
    table_name TEXT NOT NULL,
    rows INTEGER NOT NULL,
    PRIMARY KEY (source, table_name)
) STRICT, WITHOUT ROWID;

-- The day on which a source's customers were last sorted into segments: time alone moves them.
CREATE TABLE segmented (
    source TEXT PRIMARY KEY,
    day TEXT NOT NULL
) STRICT, WITHOUT ROWID;
