DROP TABLE notice_text;
