-- What the labels said before is not known any more.
select 1;
