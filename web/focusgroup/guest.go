package focusgroup

import (
	"arengo/process"
	"arengo/process/focusgroup"
	"arengo/process/meeting"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/sitting"
)

// people is the section of those invited; Seen is false for staff who may not
// read names.
type people struct {
	Seen      bool
	Guests    []guestRow
	Count     map[string]int
	Capacity  int
	CanInvite bool
	CanAttend bool
	Search    page.Field
	Searched  bool
	Found     []page.Option
}

// guestRow is an invited person in the list.
type guestRow struct {
	focusgroup.Guest
	Code  string
	Chip  page.Chip
	Agree []string // purposes that the person consents to, in words
}

func (h *handlers) deskPeople(r *site.Request, p *deskPage, x *sitting.Refusal) (err error) {
	a, v := p.Activity, &p.People
	if v.Seen = sitting.Runs(r.Gate.Standing); !v.Seen {
		return nil
	}
	if v.CanInvite, err = h.can(r, a, "invite"); err != nil {
		return err
	}
	if v.CanAttend, err = h.can(r, a, "attend"); err != nil {
		return err
	}
	setting, err := h.meetings.Setting(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	v.Capacity = setting.Capacity
	guests, err := h.groups.Guests(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	v.Count = map[string]int{}
	invited := map[process.PersonID]bool{}
	for _, g := range guests {
		v.Count[string(g.Reply)]++
		invited[g.Person] = true
		row := guestRow{Guest: g, Code: focusgroup.SpeakerName(g.Code), Chip: replyChip(r, g)}
		for _, purpose := range meeting.Purposes {
			if g.Consented(purpose) {
				row.Agree = append(row.Agree, r.T("focusgroup.agrees."+string(purpose)))
			}
		}
		v.Guests = append(v.Guests, row)
	}
	if !v.CanInvite {
		return nil
	}
	return h.deskSearch(r, v, invited, x)
}

func replyChip(r *site.Request, g focusgroup.Guest) page.Chip {
	c := page.Chip{Label: r.T("focusgroup.reply."+string(g.Reply), "position", g.Position)}
	if g.Reply == focusgroup.Accepted {
		c.State, c.Icon = page.Done, "it-check"
	}
	return c
}

// deskSearch lists contacts to invite: those that a search found, or the first.
func (h *handlers) deskSearch(r *site.Request, v *people, invited map[process.PersonID]bool, x *sitting.Refusal) error {
	text := r.Query("cerca")
	if x.Of(formInvite) {
		text = r.Value("cerca")
	}
	v.Search = page.Field{
		ID: "cerca", Name: "cerca", Label: r.T("focusgroup.search"), Hint: r.T("focusgroup.search.hint"), Type: "search", Value: text, Quiet: true,
	}
	v.Searched = text != ""
	if !v.Searched {
		return nil
	}
	found, err := h.roster.Contacts(r.Context(), r.Gate.Process.ID, roster.ContactFilter{Text: text, State: roster.ContactReachable, Limit: 50})
	if err != nil {
		return err
	}
	for _, c := range found.Contacts {
		if invited[c.Person] {
			continue
		}
		id := sitting.ID(c.Person)
		v.Found = append(v.Found, page.Option{
			ID: "invita-" + id, Name: "person", Value: id, Type: "checkbox",
			Label: orElse(c.Name, c.Email), Hint: orElse(c.Municipality, r.T("focusgroup.noplace")),
		})
	}
	return nil
}

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
