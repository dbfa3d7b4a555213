-- Install jobs: each binds the devices of a home to the box that brings its code. Of the code there are only HMACs here.
CREATE TABLE install_job (
    gateway TEXT NOT NULL PRIMARY KEY,
    patient TEXT NOT NULL REFERENCES patient (id),
    devices TEXT NOT NULL,
    code_half TEXT NOT NULL,
    code_whole TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    wrong_tries BIGINT NOT NULL,
    lock_count BIGINT NOT NULL,
    used_at BIGINT,
    used_by TEXT,
    agreement_public_key TEXT
);
CREATE INDEX install_job_code ON install_job (code_half, expires_at);

-- Certificates that were issued to gateways.
CREATE TABLE certificate (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    gateway TEXT NOT NULL REFERENCES gateway (id),
    pem TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX certificate_gateway ON certificate (gateway, issued_at);

-- From when on nothing that a gateway says is believed any more.
ALTER TABLE gateway ADD COLUMN revoked_at BIGINT;
