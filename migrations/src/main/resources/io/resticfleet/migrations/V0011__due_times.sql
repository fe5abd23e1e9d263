-- What becomes of due times that passed, and which of them a missed row stands for.

ALTER TABLE schedules ADD COLUMN catch_up TEXT NOT NULL DEFAULT 'run_once';   -- run_once, skip, or within:<duration>
ALTER TABLE schedules ADD COLUMN jitter_minutes INTEGER NOT NULL DEFAULT 0;

-- A missed row stands for every due time of its schedule from here to due_at. Null: for due_at alone.
ALTER TABLE jobs ADD COLUMN missed_since_at INTEGER;
