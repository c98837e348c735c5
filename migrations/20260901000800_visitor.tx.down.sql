drop index notice_visitor;
