DROP INDEX notice_act;
