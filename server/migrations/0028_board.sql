-- What the board shows of an open alert beside its sentence: the trend, the limit, what is usual. JSON, written with the
-- alert; that of an alert from before this is written at the next thing that happens to it.
ALTER TABLE alert ADD COLUMN glance TEXT;
-- Whether the next reading that bears on it brings an alert back that is put aside.
ALTER TABLE alert ADD COLUMN aside_until_reading BIGINT NOT NULL DEFAULT 0;

-- The windows in which readings are expected, and whether one came. A projection of the journal, of the last days only.
CREATE TABLE expected_reading (
    patient TEXT NOT NULL REFERENCES patient (id),
    what TEXT NOT NULL,
    opens_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    came BIGINT NOT NULL,
    PRIMARY KEY (patient, what, opens_at)
);
