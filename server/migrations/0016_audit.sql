-- The audit trail: who looked at which record, and what people changed. Numbers begin at 1 and have no gaps; hash is the
-- SHA-256 over the hash before it and every other field. The database refuses to change or remove a row: see
-- src/store/append_only.rs. No FOREIGN KEY: an attempt on what is not there is recorded too.
CREATE TABLE audit (
    number BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    session TEXT,
    patient TEXT,
    action TEXT NOT NULL,
    subject TEXT,
    detail TEXT,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_patient ON audit (patient, number);
CREATE INDEX audit_person ON audit (person, number);

-- The newest entry. Whoever appends changes this row first, so that servers take turns.
CREATE TABLE audit_tip (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL,
    hash TEXT NOT NULL,
    lock_count BIGINT NOT NULL
);
INSERT INTO audit_tip (one, number, hash, lock_count)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0);

-- The newest entry of each day, signed by a key that is not in the database.
CREATE TABLE audit_head (
    day TEXT NOT NULL,
    public_key TEXT NOT NULL,
    number BIGINT NOT NULL,
    hash TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (day, public_key)
);
