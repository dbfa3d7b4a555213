-- What somebody at home says of a reading: that it was not the patient (1), or that it was after all (0). The reading stays
-- as it is, and counts until a nurse marks it as wrong. Each is a row; what holds of a reading is its newest.
CREATE TABLE reading_remark (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    reading TEXT NOT NULL REFERENCES reading (id),
    is_other BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_person TEXT NOT NULL REFERENCES person (id),
    PRIMARY KEY (patient, number)
);
CREATE INDEX reading_remark_reading ON reading_remark (reading, number);

-- How a patient is reached; empty where it is not known.
ALTER TABLE patient ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE patient ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE patient ADD COLUMN reach_note TEXT NOT NULL DEFAULT '';

-- Whether voluntary visitors may see a patient's readings: the newest row says. Without one they may not.
CREATE TABLE visitor_consent (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    may_see BIGINT NOT NULL,
    how TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_person TEXT NOT NULL REFERENCES person (id),
    PRIMARY KEY (patient, number)
);
