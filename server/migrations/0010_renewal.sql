-- The SHA-256 of each certificate's key: a request that is brought again gets the same certificate. None for those that were
-- issued before this was kept.
ALTER TABLE certificate ADD COLUMN key_digest TEXT;

-- Which gateways may renew a certificate that has ended, as an operator has said: each once, and not for long.
CREATE TABLE late_renewal (
    gateway TEXT NOT NULL PRIMARY KEY REFERENCES gateway (id),
    until_at BIGINT NOT NULL
);

-- Gateways whose identity is used in two places at the same time. A sign of it that is seen again soon is the same finding.
CREATE TABLE clone (
    gateway TEXT NOT NULL REFERENCES gateway (id),
    found_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    sign TEXT NOT NULL,
    PRIMARY KEY (gateway, found_at)
);
