package notify

import (
	"slices"
	"time"
)

// Category says what a reader may refuse. Transactional mail answers what the
// reader did; statutory mail is owed by law or rules; participation is the
// rest and may always be refused.
type Category string

// The categories.
const (
	Transactional Category = "transactional"
	Statutory     Category = "statutory"
	Participation Category = "participation"
)

// Calendar says which calendar file a kind carries when its facts have a
// meeting with a UID.
type Calendar string

// The calendar methods of kinds, as in RFC 5546.
const (
	NoCalendar Calendar = ""
	Request    Calendar = "REQUEST"
	Cancel     Calendar = "CANCEL"
)

// Kind describes one kind of notice. TimeToLive is how long after it was due a
// message is still worth sending; later it expires unsent.
type Kind struct {
	Name       string
	Category   Category
	TimeToLive time.Duration
	Calendar   Calendar
}

const day = 24 * time.Hour

// kinds is the whole catalogue; each has a source in every locale.
var kinds = []Kind{
	{"invitation", Participation, 7 * day, NoCalendar},
	{"reminder", Participation, 2 * day, NoCalendar},
	{"last-days", Participation, day, NoCalendar},
	{"receipt", Transactional, 7 * day, NoCalendar},
	{"deadline-extended", Participation, 5 * day, NoCalendar},
	{"deadline-shortened", Participation, 5 * day, NoCalendar},
	{"held", Participation, 5 * day, NoCalendar},
	{"resumed", Participation, 5 * day, NoCalendar},
	{"reopened", Participation, 7 * day, NoCalendar},
	{"phase-opened", Participation, 7 * day, NoCalendar},
	{"activity-opened", Participation, 5 * day, NoCalendar},
	{"activity-closed", Statutory, 14 * day, NoCalendar},
	{"closed-early", Participation, 2 * day, NoCalendar},
	{"called-off", Statutory, 3 * day, NoCalendar},
	{"results-published", Participation, 14 * day, NoCalendar},
	{"role-assigned", Transactional, 14 * day, NoCalendar},
	{"action-needed", Statutory, 7 * day, NoCalendar},
	{"action-overdue", Statutory, 7 * day, NoCalendar},
	{"deadline-failed", Statutory, 14 * day, NoCalendar},
	{"end-unknown", Statutory, 7 * day, NoCalendar},
	{"webhook-stopped", Statutory, 14 * day, NoCalendar},
	{"sign-in", Transactional, 15 * time.Minute, NoCalendar},
	{"follow-confirm", Transactional, day, NoCalendar},
	{"registration-confirm", Transactional, day, NoCalendar},
	{"registration-confirmed", Transactional, 7 * day, Request},
	{"waiting-list", Transactional, 7 * day, NoCalendar},
	{"place-available", Transactional, 2 * day, Request},
	{"registration-cancelled", Transactional, 7 * day, Cancel},
	{"meeting-reminder", Participation, 6 * time.Hour, NoCalendar},
	{"meeting-moved", Statutory, 3 * day, Request},
	{"meeting-cancelled", Statutory, 3 * day, Cancel},
	{"meeting-materials", Participation, 14 * day, NoCalendar},
	{"focusgroup-invitation", Participation, 5 * day, Request},
	{"process-closed", Statutory, 14 * day, NoCalendar},
	{"what-became-of-it", Participation, 30 * day, NoCalendar},
	{Announcement, Participation, 14 * day, NoCalendar},
	{StaffNotice, Statutory, 14 * day, NoCalendar},
}

// The kinds of what a definition says in words of its own, see templates.Own:
// to those who take part, who may want none, and to those who work on it, whose
// duties it names.
const (
	Announcement = "announcement"
	StaffNotice  = "staff-notice"
)

// Kinds lists every kind of notice, in the order of the catalogue.
func Kinds() []Kind { return slices.Clone(kinds) }

// KindNamed finds a kind; ok is false for a word outside the catalogue.
func KindNamed(name string) (k Kind, ok bool) {
	i := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return kinds[i], true
}

// What answers somebody is claimed and sent urgently, before what calls many.
const (
	urgently = iota
	inTurn
)

func (k Kind) priority() int {
	if k.Category == Transactional {
		return urgently
	}
	return inTurn
}

// transactional names the kinds that answer somebody.
func transactional() []string {
	var out []string
	for _, k := range kinds {
		if k.Category == Transactional {
			out = append(out, k.Name)
		}
	}
	return out
}
