-- When the earliest deadline of a case is due; NULL while nothing is. Cases that are due are found by this alone.
ALTER TABLE case_state ADD COLUMN next_deadline_at BIGINT;
CREATE INDEX case_due ON case_state (next_deadline_at, patient);

-- What people have done about an alert, and until when somebody must act. All of it is NULL when it is not so.
ALTER TABLE alert ADD COLUMN respond_by BIGINT;
-- How far up the chain it has gone because nobody acted: coordinator, team_lead or on_call.
ALTER TABLE alert ADD COLUMN step TEXT NOT NULL DEFAULT 'coordinator';
ALTER TABLE alert ADD COLUMN held_by TEXT REFERENCES person (id);
ALTER TABLE alert ADD COLUMN offered_to TEXT REFERENCES person (id);
ALTER TABLE alert ADD COLUMN escalated_by TEXT REFERENCES person (id);
ALTER TABLE alert ADD COLUMN escalated_to TEXT REFERENCES person (id);
ALTER TABLE alert ADD COLUMN aside_until BIGINT;
ALTER TABLE alert ADD COLUMN aside_reason TEXT;
UPDATE alert SET held_by = answers WHERE ownership_is <> 'new';
