-- Who may let a plan go beyond the hard stops.
ALTER TABLE person ADD COLUMN prescriber BIGINT NOT NULL DEFAULT 0;
