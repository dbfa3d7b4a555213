-- People at home who sign in: patients, and carers whom they trust. Each is a person with an account of their own and no
-- member of staff; whoever is both has two accounts.
ALTER TABLE person ADD COLUMN is_staff BIGINT NOT NULL DEFAULT 1;

-- Whose own pages somebody at home sees, and what of them; is_own is 1 for the patient. A row is revoked, never removed:
-- what is changed is another row. consent says how the patient agreed, where somebody else gave it for them.
CREATE TABLE home_access (
    patient TEXT NOT NULL REFERENCES patient (id),
    number BIGINT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    is_own BIGINT NOT NULL,
    sees_readings BIGINT NOT NULL,
    sees_alerts BIGINT NOT NULL,
    sees_contacts BIGINT NOT NULL,
    consent TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    given_by TEXT NOT NULL REFERENCES person (id),
    revoked_at BIGINT,
    revoked_by TEXT,
    PRIMARY KEY (patient, number)
);
CREATE INDEX home_access_person ON home_access (person) WHERE revoked_at IS NULL;

-- By which number a team's patients call it; empty when it has none.
ALTER TABLE team ADD COLUMN phone TEXT NOT NULL DEFAULT '';
