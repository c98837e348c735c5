DROP TABLE call_date;
