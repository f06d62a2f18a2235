-- What else has to be the same for two runs to be of the same. Runs that were kept before this are taken
-- for runs about no release, of a plan that nobody knows.

-- The announced change of the platform that it was about; empty where it was about none.
ALTER TABLE run ADD COLUMN release TEXT NOT NULL DEFAULT '';
-- The fingerprint of its plan; empty where nobody kept it.
ALTER TABLE run ADD COLUMN plan TEXT NOT NULL DEFAULT '';
