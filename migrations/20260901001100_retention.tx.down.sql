drop index questionnaire_results_code;
alter table questionnaire drop column results_code;
delete from consent where person_id is null;
alter table consent alter column person_id set not null;
alter table process drop column erased_at;
alter table process drop column keep_days;
