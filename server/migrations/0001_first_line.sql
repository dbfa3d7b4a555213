-- One text for both engines: BIGINT (microseconds UTC, or a number) and TEXT (ids, hexadecimal, JSON) only.

CREATE TABLE team (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    team TEXT NOT NULL REFERENCES team (id)
);

-- A patient without a care coordinator cannot be written at all.
CREATE TABLE patient (
    id TEXT NOT NULL PRIMARY KEY,
    family_name TEXT NOT NULL,
    given_name TEXT NOT NULL,
    title TEXT NOT NULL,
    born_on TEXT NOT NULL,
    nhs_number TEXT NOT NULL UNIQUE,
    team TEXT NOT NULL REFERENCES team (id),
    coordinator TEXT NOT NULL REFERENCES person (id),
    activated_at BIGINT NOT NULL
);

CREATE TABLE gateway (
    id TEXT NOT NULL PRIMARY KEY,
    tag_key TEXT NOT NULL,
    signing_public_key TEXT NOT NULL,
    registered_at BIGINT NOT NULL
);

CREATE TABLE device (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    gateway TEXT NOT NULL REFERENCES gateway (id),
    patient TEXT NOT NULL REFERENCES patient (id),
    registered_at BIGINT NOT NULL
);

-- Every numbered record as it arrived, readings and attempts alike, refused ones included: the chain is proved from here.
CREATE TABLE entry (
    gateway TEXT NOT NULL REFERENCES gateway (id),
    epoch TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    record TEXT NOT NULL,
    refused TEXT,
    stored_at BIGINT NOT NULL,
    PRIMARY KEY (gateway, epoch, sequence)
);

CREATE TABLE reading (
    id TEXT NOT NULL PRIMARY KEY,
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
CREATE INDEX reading_of_patient ON reading (patient, measured_at);

CREATE TABLE attempt (
    id TEXT NOT NULL PRIMARY KEY,
    patient TEXT NOT NULL REFERENCES patient (id),
    device TEXT NOT NULL REFERENCES device (id),
    reason TEXT NOT NULL,
    measured_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    stored_at BIGINT NOT NULL,
    gateway TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    FOREIGN KEY (gateway, epoch, sequence) REFERENCES entry (gateway, epoch, sequence)
);
CREATE INDEX attempt_of_patient ON attempt (patient, measured_at);

-- Signed heads of the gateways' chains.
CREATE TABLE head (
    gateway TEXT NOT NULL REFERENCES gateway (id),
    epoch TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    signature TEXT NOT NULL,
    stored_at BIGINT NOT NULL,
    PRIMARY KEY (gateway, epoch, sequence, signed_at)
);

CREATE TABLE gateway_status (
    gateway TEXT NOT NULL PRIMARY KEY REFERENCES gateway (id),
    body TEXT NOT NULL,
    arrived_at BIGINT NOT NULL
);

-- Messages and records that were refused whole, kept as evidence. The digest makes a repeat harmless.
CREATE TABLE quarantine (
    digest TEXT NOT NULL PRIMARY KEY,
    gateway TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    payload TEXT NOT NULL,
    arrived_at BIGINT NOT NULL
);

-- What happened to each patient and what followed: append-only. Everything below can be rebuilt from it.
CREATE TABLE journal (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    decisions TEXT NOT NULL,
    plan_version BIGINT NOT NULL,
    rule_set_version BIGINT NOT NULL,
    PRIMARY KEY (patient, number)
);

-- Taking a case raises lock_count: the row is then ours until the transaction ends, on either engine.
CREATE TABLE case_state (
    patient TEXT NOT NULL PRIMARY KEY REFERENCES patient (id),
    state TEXT NOT NULL,
    journal_len BIGINT NOT NULL,
    lock_count BIGINT NOT NULL
);

CREATE TABLE plan (
    patient TEXT NOT NULL REFERENCES patient (id),
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    in_force_from BIGINT NOT NULL,
    PRIMARY KEY (patient, version)
);

CREATE TABLE alert (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    problem TEXT NOT NULL,
    priority TEXT NOT NULL,
    condition_is TEXT NOT NULL,
    ownership_is TEXT NOT NULL,
    answers TEXT NOT NULL REFERENCES person (id),
    why TEXT NOT NULL,
    evidence_len BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    newest_measured_at BIGINT NOT NULL,
    taken_at BIGINT,
    closed_at BIGINT,
    outcome TEXT,
    note TEXT,
    PRIMARY KEY (patient, number)
);
CREATE INDEX alert_open ON alert (closed_at, priority, opened_at);

CREATE TABLE alert_evidence (
    patient TEXT NOT NULL,
    alert BIGINT NOT NULL,
    reading TEXT NOT NULL REFERENCES reading (id),
    measured_at BIGINT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (patient, alert, reading),
    FOREIGN KEY (patient, alert) REFERENCES alert (patient, number)
);

-- Each life of an outbox: everything up to contiguous_upto is here, so a gap is looked for only after it.
CREATE TABLE epoch (
    gateway TEXT NOT NULL REFERENCES gateway (id),
    epoch TEXT NOT NULL,
    contiguous_upto BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (gateway, epoch)
);
