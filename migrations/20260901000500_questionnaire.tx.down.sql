drop table response_identity;
drop table response;
drop table draft;
drop table questionnaire_version;
drop table questionnaire;
