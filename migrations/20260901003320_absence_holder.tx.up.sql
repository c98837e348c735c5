-- A promoter of the lead organisation may be away too, who has no row of their own
-- on the process. An absence ends with the role that it is of, however that is
-- held.
ALTER TABLE absence DROP CONSTRAINT absence_holder;
CREATE FUNCTION absence_without_role() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM absence a
        WHERE NOT EXISTS (SELECT FROM process_member m WHERE m.process_id = a.process_id AND m.person_id = a.person_id AND m.role = a.role)
        AND NOT EXISTS (SELECT FROM process p JOIN membership s ON s.organisation_id = p.organisation_id
            WHERE p.id = a.process_id AND s.person_id = a.person_id AND s.role = a.role)
        AND (TG_TABLE_NAME = 'process' AND a.process_id = (to_jsonb(NEW) ->> 'id')::bigint
            OR TG_TABLE_NAME <> 'process' AND a.person_id = (to_jsonb(OLD) ->> 'person_id')::bigint);
    RETURN NULL;
END $$;
CREATE TRIGGER absence_of_member AFTER DELETE OR UPDATE ON process_member FOR EACH ROW EXECUTE FUNCTION absence_without_role();
CREATE TRIGGER absence_of_membership AFTER DELETE OR UPDATE ON membership FOR EACH ROW EXECUTE FUNCTION absence_without_role();
CREATE TRIGGER absence_of_lead AFTER UPDATE OF organisation_id ON process FOR EACH ROW EXECUTE FUNCTION absence_without_role();
