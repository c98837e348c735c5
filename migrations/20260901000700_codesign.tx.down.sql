drop table codesign_vote;
drop table codesign_card;
drop table codesign_seat;
drop table codesign_table;
drop table codesign;
