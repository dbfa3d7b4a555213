-- What each person may do, and for which team; of no team are those that are for the whole service. Never changed: a role
-- that is taken back is withdrawn.
CREATE TABLE role_grant (
    person TEXT NOT NULL REFERENCES person (id),
    number BIGINT NOT NULL,
    role TEXT NOT NULL,
    team TEXT REFERENCES team (id),
    granted_at BIGINT NOT NULL,
    granted_by TEXT,
    withdrawn_at BIGINT,
    withdrawn_by TEXT,
    PRIMARY KEY (person, number)
);
CREATE INDEX role_grant_team ON role_grant (team) WHERE withdrawn_at IS NULL;

-- Whoever was registered before roles were kept worked as a nurse of their team, and some led it.
INSERT INTO role_grant (person, number, role, team, granted_at) SELECT id, 1, 'nurse', team, 0 FROM person;
INSERT INTO role_grant (person, number, role, team, granted_at)
    SELECT p.id, 2, 'team_lead', p.team, 0 FROM person p
    WHERE EXISTS (SELECT 1 FROM team_duty d WHERE d.team = p.team AND d.lead = p.id AND d.withdrawn_at IS NULL);

-- Who looked at the record of a patient of another team, why, and until when they may.
CREATE TABLE break_glass (
    person TEXT NOT NULL REFERENCES person (id),
    patient TEXT NOT NULL REFERENCES patient (id),
    began_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (person, patient, began_at)
);
CREATE INDEX break_glass_until ON break_glass (until_at);
