DROP TABLE definition_draft_step;
DROP TABLE definition_draft;
