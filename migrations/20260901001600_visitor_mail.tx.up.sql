-- How many letters addresses typed by strangers had lately from one process.
create index notice_visitor_mail on notice (process_id, created_at)
    where kind in ('follow-confirm', 'registration-confirm');
