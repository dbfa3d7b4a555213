-- What each person likes of the pages: keys, sound. Left out, nothing is on.
CREATE TABLE preference (
    person TEXT NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (person, name)
);
