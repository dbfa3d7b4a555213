-- What people did with alerts by a form, named by the form's random id: a form that is sent twice does nothing twice.
-- Kept for as long as a browser may send a form again, then forgotten.
CREATE TABLE alert_action (
    person TEXT NOT NULL REFERENCES person (id),
    id TEXT NOT NULL,
    patient TEXT NOT NULL REFERENCES patient (id),
    alert BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    PRIMARY KEY (person, id, patient, alert)
);
CREATE INDEX alert_action_done ON alert_action (done_at);
