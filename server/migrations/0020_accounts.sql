-- How a person signs in. Nobody has a password before they have set one themselves, by a code that works once.
CREATE TABLE account (
    person TEXT NOT NULL PRIMARY KEY REFERENCES person (id),
    username TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    password_set_at BIGINT,
    -- Of one-time codes (RFC 6238): the secret, since when it is in use, and the newest step whose code was used.
    totp_secret TEXT,
    totp_confirmed_at BIGINT,
    totp_step_used BIGINT,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL
);

-- Codes by which a person sets their password; of a code there is only its digest here.
CREATE TABLE set_up_code (
    digest TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES account (person),
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Who uses which browser; of a session's token there is only its digest here. stage says what is still asked: 'code',
-- 'enrol', or nothing ('full').
CREATE TABLE session (
    digest TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES account (person),
    stage TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- When the person last proved who they are.
    proved_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX session_person ON session (person, ended_at);
CREATE INDEX session_ends ON session (ends_at);

-- Sign-ins that failed, by account and by address; both as digests.
CREATE TABLE sign_in_failure (
    place TEXT NOT NULL PRIMARY KEY,
    failures_len BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
