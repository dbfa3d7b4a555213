-- The latest report of each box: what it found when it looked at itself, and what the installer signed.
CREATE TABLE box_report (
    gateway TEXT NOT NULL PRIMARY KEY REFERENCES gateway (id),
    report TEXT NOT NULL,
    stored_at BIGINT NOT NULL
);

-- Boxes of which the office wants a report, since when.
CREATE TABLE box_ask (
    gateway TEXT NOT NULL PRIMARY KEY REFERENCES gateway (id),
    asked_at BIGINT NOT NULL
);
