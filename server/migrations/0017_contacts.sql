-- What nurses do besides handling alerts. Every table here is a projection of the journal.

-- Contacts with the patient, in order, whether somebody answered or not.
CREATE TABLE contact (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    alert BIGINT,
    at BIGINT NOT NULL,
    by_person TEXT NOT NULL,
    how TEXT NOT NULL,
    result TEXT NOT NULL,
    note TEXT NOT NULL,
    retry_at BIGINT,
    unanswered BIGINT NOT NULL,
    PRIMARY KEY (patient, number)
);

-- Readings marked as wrong, and such marks taken back: each is a row of its own, and none is ever changed. What holds of a
-- reading is its newest row.
CREATE TABLE strike (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    reading TEXT NOT NULL REFERENCES reading (id),
    is_struck BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_person TEXT NOT NULL,
    reason TEXT,
    note TEXT NOT NULL,
    PRIMARY KEY (patient, number)
);
CREATE INDEX strike_of_reading ON strike (reading, number);

-- When a patient was discharged, and when monitoring started again after that.
CREATE TABLE discharge (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_person TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    started_again_at BIGINT,
    PRIMARY KEY (patient, number)
);

-- The patients on whom somebody is to keep an eye, each with one line until a time.
CREATE TABLE watch (
    patient TEXT NOT NULL PRIMARY KEY REFERENCES patient (id),
    note TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_person TEXT NOT NULL
);

-- Who was asked to follow an escalated alert up; how often nobody answered about an alert; when it came back from being aside;
-- of which other alert it was a duplicate.
ALTER TABLE alert ADD COLUMN follow_up_offered_to TEXT;
ALTER TABLE alert ADD COLUMN unanswered BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alert ADD COLUMN came_back_at BIGINT;
ALTER TABLE alert ADD COLUMN duplicate_of BIGINT;
