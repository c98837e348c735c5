create index notice_visitor on notice (person_id, created_at)
    where kind in ('registration-confirmed', 'waiting-list');
drop table registration_request;
