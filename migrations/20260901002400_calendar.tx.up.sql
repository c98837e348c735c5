-- Days of every year on which the offices of a place are closed, such as its
-- patron's: "12-01,06-24". An instance keeps those it counts by.
ALTER TABLE organisation ADD COLUMN closed_days text NOT NULL DEFAULT '';
ALTER TABLE workflow_instance ADD COLUMN closed_days text NOT NULL DEFAULT '';
