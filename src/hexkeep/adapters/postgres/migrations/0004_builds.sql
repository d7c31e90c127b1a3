-- The fillings of projections. See adapters/sql/builds.py.
CREATE TABLE {views}.builds (
    projection  text COLLATE "C" NOT NULL,
    number      bigint NOT NULL,
    version     bigint NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    state       text COLLATE "C" NOT NULL,
    since       bigint NOT NULL, -- microseconds since 1970 UTC
    tables      text COLLATE "C" NOT NULL, -- names, as a JSON list
    PRIMARY KEY (projection, number)
);
