alter table meeting drop column revision;
