-- Who asked to cancel a job: user name; null if nobody did, and for requests from before this column.
ALTER TABLE jobs ADD COLUMN cancel_requested_by TEXT;
