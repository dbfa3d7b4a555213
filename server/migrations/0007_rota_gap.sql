-- Gaps of the rotas, as they were found while time went on: when nobody of a team will be at work ('at_work') though
-- somebody must be, or nobody on call ('on_call'). A gap that somebody filled, or that has passed, is over.
CREATE TABLE rota_gap (
    team TEXT NOT NULL REFERENCES team (id),
    number BIGINT NOT NULL,
    lack TEXT NOT NULL,
    every_week BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    sentence TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    over_at BIGINT,
    PRIMARY KEY (team, number)
);
CREATE INDEX rota_gap_open ON rota_gap (from_at) WHERE over_at IS NULL;
