-- When each gateway was last heard, with the last status that it wrote itself: its last will is not its own word.
CREATE TABLE gateway_heard (
    gateway TEXT NOT NULL PRIMARY KEY REFERENCES gateway (id),
    heard_at BIGINT NOT NULL,
    status TEXT,
    status_at BIGINT
);
INSERT INTO gateway_heard (gateway, heard_at) SELECT gateway, arrived_at FROM gateway_status;

-- Stretches in which a gateway was not heard ('quiet'), or said that it has no Bluetooth adapter ('radio_down').
CREATE TABLE gateway_stretch (
    gateway TEXT NOT NULL REFERENCES gateway (id),
    kind TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (gateway, kind, began_at)
);
CREATE INDEX gateway_stretch_ended ON gateway_stretch (ended_at);

-- One row: when a server last said that it runs. Taking it lets one server at a time look at all homes.
CREATE TABLE heartbeat (
    id TEXT NOT NULL PRIMARY KEY,
    beat_at BIGINT NOT NULL
);

-- When no server ran, or none could reach this database.
CREATE TABLE outage (
    began_at BIGINT NOT NULL PRIMARY KEY,
    ended_at BIGINT NOT NULL
);

-- Many homes that went quiet together: one finding, not one for each home.
CREATE TABLE incident (
    number BIGINT NOT NULL PRIMARY KEY,
    began_at BIGINT NOT NULL,
    found_at BIGINT NOT NULL,
    over_at BIGINT,
    scope TEXT NOT NULL,
    homes TEXT NOT NULL,
    homes_len BIGINT NOT NULL,
    sentence TEXT NOT NULL
);
CREATE INDEX incident_over ON incident (over_at);

-- A window that closed empty is looked at by what its device sent, by the gateway's time.
CREATE INDEX reading_of_device ON reading (device, received_at);
CREATE INDEX attempt_of_device ON attempt (device, received_at);
