package focusgroup

import (
	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/roster"
	"arengo/web/site"
	"arengo/web/sitting"
)

// guestInvite invites the contacts that are ticked; once the group is convened
// they are told at once.
func (h *handlers) guestInvite(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: formInvite, Fragment: "invitations", Flash: "focusgroup.flash.invited"}
	var list []process.PersonID
	for _, value := range r.Values("person") {
		if p := person(value); p != 0 {
			list = append(list, p)
		}
	}
	_, err := h.roster.Invite(r.Context(), a.ProcessID, a.ID, r.Actor, roster.Selection{Persons: list, Notice: "focusgroup-invitation"})
	return d, err
}

func (h *handlers) guestWithdraw(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: "ritira", Fragment: "invitations", Flash: "focusgroup.flash.withdrawn"}
	id, err := sitting.Number(r.Param("invitation"), "roster.withdraw_gone")
	if err != nil {
		return d, err
	}
	return d, h.roster.Withdraw(r.Context(), a.ProcessID, r.Actor, id)
}

// guestArrive notes who is there; "present" empty takes it back. The code that
// the person got stays theirs.
func (h *handlers) guestArrive(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: "presenze", Fragment: "attendance", Flash: "focusgroup.flash.arrived"}
	list, err := h.meetings.Meetings(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return d, err
	}
	p := meeting.Presence{Person: person(r.Value("person"))}
	for _, m := range sitting.Live(list) {
		if p.Meeting == 0 || m.Begun(r.Now) {
			p.Meeting = m.ID
		}
	}
	if r.Value("present") == "" {
		d.Flash = "focusgroup.flash.left"
		return d, h.meetings.Unnote(r.Context(), a.ProcessID, a.ID, r.Actor, p)
	}
	return d, h.groups.Arrive(r.Context(), a.ProcessID, a.ID, r.Actor, p)
}
