-- Names as they are searched: in small letters, without accents. Those from before are filled in when the program opens
-- the database to bring it up to date.
ALTER TABLE patient ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';
CREATE INDEX patient_of_team ON patient (team, name_folded);

-- What a patient's details were before each change: appended to, never altered.
CREATE TABLE patient_change (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL REFERENCES person (id),
    before TEXT NOT NULL,
    PRIMARY KEY (patient, number)
);

-- What was agreed with a patient in words, beside the numbers of the plan. Each row replaces the one before; none is altered.
CREATE TABLE agreement (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    target TEXT NOT NULL,
    rescue TEXT NOT NULL,
    escalation TEXT NOT NULL,
    agreed_with TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES person (id),
    PRIMARY KEY (patient, number)
);

-- Whether a patient can be looked after at home, who judged that, and when it is judged again: appended to, never altered.
CREATE TABLE assessment (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    place TEXT NOT NULL,
    why TEXT NOT NULL,
    reviewer TEXT NOT NULL REFERENCES person (id),
    review_on TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT NOT NULL REFERENCES person (id),
    PRIMARY KEY (patient, number)
);

-- Referrals to a core clinic, and what became of each: appended to, never altered. The latest step is where it stands.
CREATE TABLE referral (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    clinic TEXT NOT NULL,
    why TEXT NOT NULL,
    transport TEXT NOT NULL,
    PRIMARY KEY (patient, number)
);
CREATE TABLE referral_step (
    patient TEXT NOT NULL,
    referral BIGINT NOT NULL,
    number BIGINT NOT NULL,
    step TEXT NOT NULL,
    on_day TEXT,
    note TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_whom TEXT NOT NULL REFERENCES person (id),
    PRIMARY KEY (patient, referral, number),
    FOREIGN KEY (patient, referral) REFERENCES referral (patient, number)
);
