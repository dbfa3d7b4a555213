-- The outbox: what waits until the server has it. Times are microseconds since 1970 in UTC.
-- Sealed columns are AES-256-GCM; outside them stands nothing from which a vital sign could be found.

-- One row: whose outbox this is, and where its chain stands.
CREATE TABLE meta (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    gateway       TEXT    NOT NULL,
    epoch         TEXT    NOT NULL CHECK (length(epoch) = 16),
    last_sequence INTEGER NOT NULL CHECK (last_sequence >= 0),
    head          TEXT    NOT NULL CHECK (length(head) = 64),
    last_capture  INTEGER NOT NULL CHECK (last_capture >= 0)
) STRICT;

-- One row for each opening of the outbox: the salt of the key that sealed with it, and a proof of the sealing key.
CREATE TABLE seal (
    id    INTEGER PRIMARY KEY,
    salt  BLOB NOT NULL UNIQUE CHECK (length(salt) = 32),
    nonce BLOB NOT NULL CHECK (length(nonce) = 12),
    proof BLOB NOT NULL
) STRICT;

-- Bytes as they arrived, committed before anything else is done with them.
CREATE TABLE capture (
    id          INTEGER PRIMARY KEY,
    seal        INTEGER NOT NULL REFERENCES seal (id),
    nonce       BLOB    NOT NULL CHECK (length(nonce) = 12),
    sealed      BLOB    NOT NULL,
    received_at INTEGER NOT NULL,
    -- How often decoding has been begun.
    tries       INTEGER NOT NULL CHECK (tries >= 1),
    -- Whether the seal was found broken: kept, and not tried again.
    broken      INTEGER NOT NULL DEFAULT 0 CHECK (broken IN (0, 1))
) STRICT;

-- Records in their place in the chain. `repeat_key` is a keyed hash of the reading's id: a repeat finds it taken.
CREATE TABLE entry (
    sequence     INTEGER PRIMARY KEY CHECK (sequence >= 1),
    repeat_key   BLOB    NOT NULL UNIQUE CHECK (length(repeat_key) = 32),
    seal         INTEGER NOT NULL REFERENCES seal (id),
    nonce        BLOB    NOT NULL CHECK (length(nonce) = 12),
    sealed       BLOB    NOT NULL,
    received_at  INTEGER NOT NULL,
    receipted_at INTEGER,
    -- Why the record is kept but no longer sent: the server's refusal, or a broken seal.
    set_aside    TEXT,
    CHECK (receipted_at IS NULL OR set_aside IS NULL)
) STRICT;

CREATE INDEX entry_waiting ON entry (sequence) WHERE receipted_at IS NULL AND set_aside IS NULL;
CREATE INDEX entry_receipted ON entry (receipted_at, sequence) WHERE receipted_at IS NOT NULL;
CREATE INDEX entry_set_aside ON entry (sequence) WHERE set_aside IS NOT NULL;
