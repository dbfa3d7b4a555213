-- Plans beyond the hard stops that a nurse has asked a prescriber for, each with the form as it was filled in. One of a
-- patient waits at a time: a later one takes the place of the one before.
CREATE TABLE plan_request (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    based_on BIGINT NOT NULL,
    -- The fields and their texts, as JSON.
    form TEXT NOT NULL,
    why TEXT NOT NULL,
    asked_by TEXT NOT NULL REFERENCES person (id),
    asked_at BIGINT NOT NULL,
    -- set, refused, withdrawn or replaced; NULL while it waits.
    answer TEXT,
    answered_by TEXT REFERENCES person (id),
    answered_at BIGINT,
    note TEXT,
    PRIMARY KEY (patient, number)
);
CREATE UNIQUE INDEX plan_request_waiting ON plan_request (patient) WHERE answer IS NULL;
