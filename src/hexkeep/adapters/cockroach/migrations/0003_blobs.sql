-- Pictures and other opaque bytes.
CREATE TABLE IF NOT EXISTS {schema}.blobs (
    instance_id  text        NOT NULL,
    owner_type   text        NOT NULL,
    owner_id     text        NOT NULL,
    name         text        NOT NULL,
    content_type text        NOT NULL,
    size         int8        NOT NULL,
    digest       bytea       NOT NULL,
    put_at       timestamptz NOT NULL,
    content      bytea       NOT NULL,
    PRIMARY KEY (instance_id, owner_type, owner_id, name)
);
