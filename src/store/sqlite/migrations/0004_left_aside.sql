-- Rows read past on purpose, for they are no rows of that table: quotes, cancelled sales.
ALTER TABLE run_tables ADD COLUMN left_aside INTEGER NOT NULL DEFAULT 0;
