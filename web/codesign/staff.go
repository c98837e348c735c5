package codesign

import (
	"strconv"
	"strings"

	"arengo/process"
	"arengo/process/codesign"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/site"
	"arengo/web/sitting"
)

func (h *handlers) labSave(r *site.Request, a process.Activity) (sitting.Done, error) {
	l := codesign.Lab{ProcessID: a.ProcessID, Activity: a.ID, Revision: sitting.Revision(r)}
	l.Dots, l.DotsACard = whole(r.Value("dots")), whole(r.Value("dots_a_card"))
	return sitting.Done{Form: formVote, Fragment: "voto", Flash: "codesign.flash.vote_rules"}, h.labs.SaveLab(r.Context(), r.Actor, l)
}

// whole reads a number; what is none is refused with the words of its field.
func whole(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// tableIn reads the table of the path; none is a new one.
func tableIn(r *site.Request, a process.Activity) (codesign.Table, error) {
	t := codesign.Table{ProcessID: a.ProcessID, Activity: a.ID, Revision: sitting.Revision(r)}
	id, err := tableOf(r.Param("table"))
	t.ID = id
	return t, err
}

func (h *handlers) tableSave(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: formTable + r.Param("table"), Fragment: "tables", Flash: "codesign.flash.table"}
	t, err := tableIn(r, a)
	if err != nil {
		return d, err
	}
	t.Name, t.Topic, t.Facilitator = r.Value("name"), r.Value("topic"), r.Value("facilitator")
	return d, h.labs.SaveTable(r.Context(), r.Actor, t)
}

func (h *handlers) tableDelete(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: "elimina", Fragment: "tables", Flash: "codesign.flash.table_deleted"}
	t, err := tableIn(r, a)
	if err != nil {
		return d, err
	}
	return d, h.labs.DeleteTable(r.Context(), r.Actor, t)
}

func (h *handlers) seatDeal(r *site.Request, a process.Activity) (sitting.Done, error) {
	_, err := h.labs.Deal(r.Context(), a.ProcessID, a.ID, r.Actor)
	return sitting.Done{Form: formSeats, Fragment: "registrations", Flash: "codesign.flash.dealt"}, err
}

// seatSave takes a select a person, "posto-<id>".
func (h *handlers) seatSave(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: formSeats, Fragment: "registrations", Flash: "codesign.flash.seats"}
	seats := map[process.PersonID]codesign.TableID{}
	for name := range r.Form() {
		id, ok := strings.CutPrefix(name, "posto-")
		if !ok {
			continue
		}
		person, err := sitting.Number(id, "codesign.not_registered")
		if err != nil {
			return d, err
		}
		table, err := tableOf(r.Value(name))
		if err != nil {
			return d, err
		}
		seats[process.PersonID(person)] = table
	}
	return d, h.labs.SitDown(r.Context(), a.ProcessID, a.ID, r.Actor, seats)
}

// attendanceNote notes a presence at the session that goes on, or the last
// one; "present" empty takes it back.
func (h *handlers) attendanceNote(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: "presenze", Fragment: "registrations", Flash: "codesign.flash.present"}
	person, err := sitting.Number(r.Value("person"), "codesign.not_registered")
	if err != nil {
		return d, err
	}
	id, err := sitting.Number(r.Value("meeting"), "meeting.not_found")
	if err != nil {
		return d, err
	}
	p := meeting.Presence{Meeting: meeting.ID(id), Person: process.PersonID(person)}
	if r.Value("present") == "" {
		d.Flash = "codesign.flash.absent"
		return d, h.meetings.Unnote(r.Context(), a.ProcessID, a.ID, r.Actor, p)
	}
	_, err = h.meetings.Note(r.Context(), a.ProcessID, a.ID, r.Actor, p)
	return d, err
}

func (h *handlers) cardAdd(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: formCard, Fragment: "cards", Flash: "codesign.flash.card"}
	c, err := cardOf(r)
	if err != nil {
		return d, err
	}
	c.ProcessID, c.Activity = a.ProcessID, a.ID
	c, err = h.labs.WriteFor(r.Context(), r.Actor, c)
	d.Flash = site.Once(c.Already, d.Flash)
	return d, err
}

// cardHide hides with a reason; "show" shows again.
func (h *handlers) cardHide(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: formHide + r.Param("card"), Fragment: "cards", Flash: "codesign.flash.hidden"}
	id, err := sitting.Number(r.Param("card"), "codesign.card_gone")
	if err != nil {
		return d, err
	}
	why := r.Value("why")
	if r.Value("show") != "" {
		why, d.Flash = "", "codesign.flash.shown"
	} else if why == "" {
		return d, fault.Field("why", "codesign.why_missing")
	}
	return d, h.labs.Hide(r.Context(), r.Actor, codesign.Card{ProcessID: a.ProcessID, Activity: a.ID, ID: codesign.CardID(id)}, why)
}

func (h *handlers) cardTurn(r *site.Request, a process.Activity) (sitting.Done, error) {
	d := sitting.Done{Form: "esito", Fragment: "cards", Flash: "codesign.flash.turned"}
	id, err := sitting.Number(r.Param("card"), "codesign.card_gone")
	if err != nil {
		return d, err
	}
	_, err = h.labs.Turn(r.Context(), r.Actor, a, codesign.CardID(id))
	return d, err
}
