-- What the owner of a machine allows, as its agent last told; null until it did. Only shown: the agent enforces it.
ALTER TABLE hosts ADD COLUMN policy_json TEXT;
