-- The last run of each schedule that an operator accepted although it saved less than expected; null if there is none.
ALTER TABLE schedules ADD COLUMN accepted_job_id TEXT;

-- Whether an unlock also removes locks that are in use; 0 for other kinds.
ALTER TABLE jobs ADD COLUMN remove_all INTEGER NOT NULL DEFAULT 0;
