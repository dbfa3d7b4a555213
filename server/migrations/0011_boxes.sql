-- Where a box stands, since when, and which change of its history that was. One that was registered by hand has no
-- history and is live.
ALTER TABLE gateway ADD COLUMN state TEXT NOT NULL DEFAULT 'live';
ALTER TABLE gateway ADD COLUMN state_since BIGINT;
ALTER TABLE gateway ADD COLUMN state_number BIGINT NOT NULL DEFAULT 0;
-- From when on readings are expected of it; none for a box that was registered by hand, of which they always were.
ALTER TABLE gateway ADD COLUMN monitored_from BIGINT;
-- When it took the place of another box, if it did.
ALTER TABLE gateway ADD COLUMN takes_over_since BIGINT;
UPDATE gateway SET state = 'retired' WHERE revoked_at IS NOT NULL;
CREATE INDEX gateway_key ON gateway (signing_public_key);

-- The history of each box: appended to, never altered.
CREATE TABLE box_change (
    gateway TEXT NOT NULL REFERENCES gateway (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (gateway, number)
);

-- Test readings and attempts: kept and receipted as others are, and seen by nothing that judges, expects or averages.
CREATE TABLE test_record (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    patient TEXT NOT NULL REFERENCES patient (id),
    device TEXT NOT NULL REFERENCES device (id),
    measured_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    stored_at BIGINT NOT NULL,
    gateway TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    FOREIGN KEY (gateway, epoch, sequence) REFERENCES entry (gateway, epoch, sequence)
);
CREATE INDEX test_record_of_gateway ON test_record (gateway, stored_at);

-- What a replaced box heard before a time is still its devices' then owner's.
CREATE TABLE former_device (
    device TEXT NOT NULL REFERENCES device (id),
    gateway TEXT NOT NULL REFERENCES gateway (id),
    patient TEXT NOT NULL REFERENCES patient (id),
    user_index BIGINT,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (gateway, device)
);

-- Which box a job's box takes the place of, and which box out of stock a job is for.
ALTER TABLE install_job ADD COLUMN replaces TEXT;
ALTER TABLE install_job ADD COLUMN for_box TEXT;
