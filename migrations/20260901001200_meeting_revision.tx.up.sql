-- Rises at each change of a meeting: who changes it names the one they read.
alter table meeting add column revision bigint not null default 0;
