-- The firm that a contact belongs to, where the source says. The index finds the contacts of a firm, and holds none of
-- the customers without one.

CREATE TABLE customers_6 (
    source TEXT NOT NULL,
    customer_key TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    company_name TEXT,
    email TEXT,
    phone TEXT,
    mobile TEXT,
    company_key TEXT,
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

INSERT INTO customers_6 (
    source, customer_key, first_name, last_name, company_name, email, phone, mobile, address, zip_code, city,
    country, email_opt_out, sms_opt_out, phone_opt_out, active, first_purchase_date, last_purchase_date,
    total_spent_eur, purchase_count, avg_order_value_eur, preferred_category, segment, source_ref, run_id,
    updated_at, row_hash
) SELECT
    source, customer_key, first_name, last_name, company_name, email, phone, mobile, address, zip_code, city,
    country, email_opt_out, sms_opt_out, phone_opt_out, active, first_purchase_date, last_purchase_date,
    total_spent_eur, purchase_count, avg_order_value_eur, preferred_category, segment, source_ref, run_id,
    updated_at, row_hash
FROM customers;
DROP TABLE customers;
ALTER TABLE customers_6 RENAME TO customers;

CREATE INDEX customers_by_company ON customers (source, company_key) WHERE company_key IS NOT NULL;
