-- What went wrong, for programs; the words beside it are for people, and change.

-- Null where nothing did, for runs that were missed, and from agents that do not tell it.
ALTER TABLE jobs ADD COLUMN error_code TEXT;
