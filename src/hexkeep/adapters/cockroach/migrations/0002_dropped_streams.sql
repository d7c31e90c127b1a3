-- A stream whose last version lies behind the horizon does not exist, and who begins it anew gives versions that rows
-- have which still wait there for their end. So the index by stream insists on versions no more; what does is that
-- every append to a log takes its next position, which is somebody's alone.
CREATE INDEX IF NOT EXISTS events_by_stream ON {schema}.events
    (instance_id, log, aggregate_type, aggregate_id, version);
{unconstrain};
