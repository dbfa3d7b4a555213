-- When the windows that a silence had left empty were looked at again, with what was known once the gateway was back.
ALTER TABLE gateway_stretch ADD COLUMN looked_at BIGINT;
UPDATE gateway_stretch SET looked_at = ended_at;
CREATE INDEX gateway_stretch_to_look_at ON gateway_stretch (ended_at) WHERE looked_at IS NULL;
