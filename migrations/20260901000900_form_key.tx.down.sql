drop table person_form_key;
drop table form_key;
