drop table focusgroup_note;
drop table focusgroup_speaker;
drop table focusgroup_theme;
drop table focusgroup;
