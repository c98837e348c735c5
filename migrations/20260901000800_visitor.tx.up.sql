-- How many confirmations visitors had sent to a person lately, over all
-- processes; receipts and invitations stay out of it.
create index notice_visitor on notice (person_id, created_at)
    where kind in ('registration-confirmed', 'waiting-list');
