DROP TABLE suppression;

DROP TABLE delivery;

DROP TABLE notice;
