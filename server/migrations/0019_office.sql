-- What people change about the organisation, its people and their duty: who, when and what, in a sentence. Appended to,
-- never altered. The subject is what was changed: 'team:north', 'person:ada', 'organisation'.
CREATE TABLE office_change (
    subject TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    by_person TEXT NOT NULL REFERENCES person (id),
    sentence TEXT NOT NULL,
    PRIMARY KEY (subject, number)
);
CREATE INDEX office_change_at ON office_change (at);

-- Where patients of an area are seen; ended_at when there is no such clinic any more.
CREATE TABLE clinic (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    area TEXT NOT NULL REFERENCES area (id),
    days TEXT NOT NULL,
    contact TEXT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX clinic_area ON clinic (area, name) WHERE ended_at IS NULL;

-- From when on a person does not work here any more.
ALTER TABLE person ADD COLUMN left_at BIGINT;

-- Handovers that were signed. What was offered, and whether it was accepted, is in the journals.
CREATE TABLE handover (
    person TEXT NOT NULL REFERENCES person (id),
    signed_at BIGINT NOT NULL,
    to_person TEXT NOT NULL REFERENCES person (id),
    note TEXT NOT NULL,
    offered_len BIGINT NOT NULL,
    PRIMARY KEY (person, signed_at)
);
CREATE INDEX handover_to ON handover (to_person, signed_at);

-- What the quality of alerts is counted from: when an alert was first taken, when what raised it first held no longer,
-- how often it was put aside, and how often nobody acted in time. Of alerts from before this was kept it is not known,
-- until their projection is written again from the journal.
ALTER TABLE alert ADD COLUMN first_taken_at BIGINT;
ALTER TABLE alert ADD COLUMN first_cleared_at BIGINT;
ALTER TABLE alert ADD COLUMN snoozed_len BIGINT NOT NULL DEFAULT 0;
ALTER TABLE alert ADD COLUMN overdue_len BIGINT NOT NULL DEFAULT 0;
CREATE INDEX alert_opened ON alert (opened_at, patient);
