-- Labels of evidence that say figures from before they could be read lose them:
-- the answers of a questionnaire that was not closed, the dots of a lab whose
-- vote was not over. So do figures of fewer than ten people. Dots are points,
-- not people.
update outcome_evidence e
set label = regexp_replace(e.label,
    ': (nessuna risposta|risposte a parole|mediana [^ ]+|media [^ ]+ su \d+|\d+' || chr(160) || '% ‘.*’) \(n = \d+\)$', '')
from outcome o, activity a, workflow_instance w
where o.process_id = e.process_id and o.id = e.outcome_id
    and a.process_id = e.process_id and a.id = e.activity_id and a.kind = 'questionnaire'
    and w.process_id = a.process_id and w.activity_id = a.id
    and (w.state <> 'closed' or o.created_at < w.entered_at or e.label ~ '\(n = \d\)$');

update outcome_evidence e
set label = regexp_replace(e.label, ' \(n = (\d+)\)$',
    case when w.state <> 'concluded' or o.created_at < w.entered_at then '' else ' (\1 punti)' end)
from outcome o, activity a, workflow_instance w
where o.process_id = e.process_id and o.id = e.outcome_id
    and a.process_id = e.process_id and a.id = e.activity_id and a.kind = 'codesign' and e.ref like 'card:%'
    and w.process_id = a.process_id and w.activity_id = a.id;
