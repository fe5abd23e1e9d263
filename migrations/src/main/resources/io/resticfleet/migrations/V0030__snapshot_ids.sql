-- A snapshot is found by its id alone.
CREATE INDEX snapshots_id ON snapshots (id, host_id, repository_id);
