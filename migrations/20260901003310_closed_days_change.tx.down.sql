DROP TABLE closed_days_change;
