-- Passkeys (WebAuthn): public keys, of which each person's device has the private one. A passkey is removed by a mark.
CREATE TABLE passkey (
    -- The credential's id, in hexadecimal.
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES account (person),
    number BIGINT NOT NULL,
    -- By which the person's devices know them: random, and the same for all passkeys of one person.
    handle TEXT NOT NULL,
    -- What the person calls it.
    name TEXT NOT NULL,
    -- The public key, the counter and the marks of the device, as JSON.
    credential TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    used_at BIGINT,
    removed_at BIGINT,
    UNIQUE (person, number)
);

-- What browsers were asked about signing in and have not answered; of the word by which an answer names its question there
-- is only the digest here. kind says what it is about; a question of who is not signed in yet is nobody's.
CREATE TABLE sign_in_question (
    digest TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    person TEXT REFERENCES account (person),
    state TEXT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX sign_in_question_ends ON sign_in_question (ends_at);
