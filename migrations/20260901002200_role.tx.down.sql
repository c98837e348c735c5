DROP TABLE absence;
DELETE FROM process_member WHERE role IN ('guarantor', 'deciding-body');
ALTER TABLE process_member DROP CONSTRAINT process_member_role_check;
ALTER TABLE process_member ADD CONSTRAINT process_member_role_check
    CHECK (role IN ('promoter', 'facilitator', 'editor', 'expert'));
