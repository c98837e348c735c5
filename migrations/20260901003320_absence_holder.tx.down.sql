DROP TRIGGER absence_of_lead ON process;
DROP TRIGGER absence_of_membership ON membership;
DROP TRIGGER absence_of_member ON process_member;
DROP FUNCTION absence_without_role();
DELETE FROM absence a WHERE NOT EXISTS (SELECT FROM process_member m
    WHERE m.process_id = a.process_id AND m.person_id = a.person_id AND m.role = a.role);
ALTER TABLE absence ADD CONSTRAINT absence_holder FOREIGN KEY (process_id, person_id, role) REFERENCES process_member ON DELETE CASCADE;
