-- What came of one act has one instant: by it a notice finds the others, so that
-- nobody is told twice. Those to one person alone, such as a receipt for each
-- answer, are many and are not looked for.
CREATE INDEX notice_act ON notice (process_id, created_at) WHERE person_id IS NULL;
