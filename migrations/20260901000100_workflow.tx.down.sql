DROP TABLE incident, transition_text, transition_log, deadline, workflow_plan, workflow_instance, workflow_definition;
DROP FUNCTION workflow_refuse_change();
