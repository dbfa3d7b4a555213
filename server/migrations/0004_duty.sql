-- Who answers when. Rows about duty are never changed: a row that no longer holds is withdrawn, and what takes its place
-- is another row. So what was known at any moment, and who answered then, can be worked out afterwards.

CREATE TABLE organisation (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE area (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    organisation TEXT NOT NULL REFERENCES organisation (id)
);

-- Where a team works, when somebody of it must be at work, who leads it and who is on call.
CREATE TABLE team_duty (
    team TEXT NOT NULL REFERENCES team (id),
    number BIGINT NOT NULL,
    area TEXT NOT NULL REFERENCES area (id),
    zone TEXT NOT NULL,
    staffed TEXT NOT NULL,
    lead TEXT NOT NULL REFERENCES person (id),
    on_call TEXT NOT NULL REFERENCES person (id),
    recorded_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (team, number)
);

CREATE TABLE member (
    team TEXT NOT NULL REFERENCES team (id),
    number BIGINT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    from_at BIGINT NOT NULL,
    until_at BIGINT,
    recorded_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (team, number)
);

CREATE TABLE shift (
    team TEXT NOT NULL REFERENCES team (id),
    number BIGINT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    hours TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT,
    recorded_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (team, number)
);

CREATE TABLE leave (
    team TEXT NOT NULL REFERENCES team (id),
    number BIGINT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    cover TEXT REFERENCES person (id),
    recorded_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (team, number)
);

-- From when a person is a patient's care coordinator, until the next assignment. A projection of the journal.
CREATE TABLE assignment (
    patient TEXT NOT NULL REFERENCES patient (id),
    from_at BIGINT NOT NULL,
    coordinator TEXT NOT NULL REFERENCES person (id),
    PRIMARY KEY (patient, from_at)
);
INSERT INTO assignment (patient, from_at, coordinator) SELECT id, activated_at, coordinator FROM patient;
