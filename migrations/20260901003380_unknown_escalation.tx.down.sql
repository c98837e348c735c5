UPDATE deadline d SET name = CASE name WHEN 'end-unknown.2' THEN 'escalation' ELSE 'escalation.' || split_part(name, '.', 2)::integer - 1 END
    WHERE notice = 'end-unknown' AND name LIKE 'end-unknown.%' AND NOT EXISTS (SELECT FROM deadline o
        WHERE (o.process_id, o.activity_id, o.entry) = (d.process_id, d.activity_id, d.entry) AND o.name LIKE 'escalation%');
