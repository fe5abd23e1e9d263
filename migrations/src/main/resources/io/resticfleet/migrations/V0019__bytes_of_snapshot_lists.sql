-- A limit for the list of one host in one repository.

ALTER TABLE snapshot_lists ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;  -- of its snapshots, as JSON

UPDATE snapshot_lists
   SET bytes = (SELECT coalesce(sum(octet_length(snapshot_json)), 0)
                  FROM snapshots
                 WHERE snapshots.host_id = snapshot_lists.host_id
                   AND snapshots.repository_id = snapshot_lists.repository_id
                   AND added_in <= generation AND coalesce(removed_in, generation + 1) > generation);
