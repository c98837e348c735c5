-- What follows the question for an end that nobody knows is no escalation of
-- something overdue: it takes its name from that question.
UPDATE deadline SET name = 'end-unknown.' || CASE name WHEN 'escalation' THEN 2 ELSE split_part(name, '.', 2)::integer + 1 END
    WHERE notice = 'end-unknown' AND name LIKE 'escalation%';
