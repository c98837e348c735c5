drop index notice_visitor_mail;
