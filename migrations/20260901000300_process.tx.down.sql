drop table outcome_evidence, outcome, material, attendance, registration, meeting, invitation, optout, follower,
    contact, activity, artefact, population, process_member, process_partner, process,
    session, sign_in, membership, person, organisation, territory;
