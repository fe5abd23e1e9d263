-- Limits of what hosts report: what is stored beyond them is cut, and each host has a daily quota.

UPDATE jobs SET error = substr(error, 1, 16300) || '… (' || (length(error) - 16300) || ' more characters)'
 WHERE length(error) > 16384;
UPDATE jobs SET error_code = substr(error_code, 1, 255) || '…' WHERE length(error_code) > 256;
UPDATE jobs SET snapshot_id = substr(snapshot_id, 1, 255) || '…' WHERE length(snapshot_id) > 256;
UPDATE host_schedule_version SET refused = substr(refused, 1, 4095) || '…' WHERE length(refused) > 4096;
UPDATE agent_upgrades SET refusal = substr(refusal, 1, 4095) || '…' WHERE length(refusal) > 4096;
UPDATE agent_upgrades SET detail = substr(detail, 1, 4095) || '…' WHERE length(detail) > 4096;

-- The host's next report of its snapshots replaces these.
DELETE FROM snapshots WHERE length(snapshot_json) > 1000000;
