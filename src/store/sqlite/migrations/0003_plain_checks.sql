-- The codes a column may hold are spelt out with OR: for each statement that writes, SQLite builds a table of
-- its own for the list of an IN, which made up nearly half of an UPDATE of one customer.

CREATE TABLE customers_3 (
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
        CHECK (segment = 'vip' OR segment = 'standard' OR segment = 'at_risk' OR segment = 'prospect'
            OR segment = 'inactive'),
    source_ref TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    PRIMARY KEY (source, customer_key)
) STRICT, WITHOUT ROWID;

INSERT INTO customers_3 SELECT * FROM customers;
DROP TABLE customers;
ALTER TABLE customers_3 RENAME TO customers;

CREATE TABLE product_catalog_3 (
    source TEXT NOT NULL,
    product_key TEXT NOT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL
        CHECK (category = 'rouge' OR category = 'blanc' OR category = 'rosé' OR category = 'pétillant'
            OR category = 'mousseux' OR category = 'fortifié' OR category = 'autre'),
    price_segment TEXT CHECK (price_segment = 'entry' OR price_segment = 'standard' OR price_segment = 'premium'
            OR price_segment = 'luxury'),
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

INSERT INTO product_catalog_3 SELECT * FROM product_catalog;
DROP TABLE product_catalog;
ALTER TABLE product_catalog_3 RENAME TO product_catalog;

CREATE TABLE contact_history_3 (
    source TEXT NOT NULL,
    contact_key TEXT NOT NULL,
    customer_key TEXT NOT NULL,
    date_contact TEXT NOT NULL,
    channel TEXT CHECK (channel = 'email' OR channel = 'sms' OR channel = 'phone' OR channel = 'website'
            OR channel = 'direct'),
    campaign TEXT,
    subject TEXT,
    status TEXT
        CHECK (status = 'sent' OR status = 'delivered' OR status = 'opened' OR status = 'clicked'
            OR status = 'replied' OR status = 'bounced' OR status = 'unsubscribed'),
    product_key_suggested TEXT,
    response TEXT,
    response_details TEXT,
    source_ref TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    PRIMARY KEY (source, contact_key)
) STRICT, WITHOUT ROWID;

INSERT INTO contact_history_3 SELECT * FROM contact_history;
DROP TABLE contact_history;
ALTER TABLE contact_history_3 RENAME TO contact_history;
