drop table minutes;
drop table consent;
drop table meeting_setting;
