-- Which user of a shared device the patient is, as the device numbers its users (0 to 254); NULL for a device that is theirs alone.
ALTER TABLE device ADD COLUMN user_index BIGINT;
