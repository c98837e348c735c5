package definition

import (
	"slices"
	"strings"
)

// Ids that the transition log uses for the engine's own acts; no transition of a
// file may take them.
const (
	ActCreate     = "create"
	ActExtend     = "extend"
	ActShorten    = "shorten"
	ActReschedule = "reschedule"
	ActSuspend    = "suspend"
	ActResume     = "resume"
	ActMigrate    = "migrate"
	ActRevert     = "revert"
	ActPublish    = "publish"
	ActErase      = "erase"

	ActPublishDocument  = "publish-document"
	ActWithdrawDocument = "withdraw-document"

	ActChangePhase = "change-phase" // of an activity
)

// reservedIDs without the later ones: files that were published before these were the
// engine's may name a transition so, which has an event and the act none.
var reservedIDs = []string{
	ActCreate, ActExtend, ActShorten, ActReschedule, ActSuspend, ActResume, ActMigrate, ActRevert, ActPublish, ActErase, everyState,
}

// laterIDs are those that files of today may not take either.
var laterIDs = []string{ActPublishDocument, ActWithdrawDocument, ActChangePhase}

// Codes of the blockers that are not guards of the definition; no guard of a
// file may take them.
const (
	BlockEvent  = "event"  // nothing of that name leaves the present state
	BlockRole   = "role"   // the actor holds none of the roles asked for
	BlockReason = "reason" // the transition asks for a reason
	BlockHeld   = "held"   // the instance is suspended
	BlockEnded  = "ended"  // the process has ended, and its activities with it
	BlockRests  = "rests"  // the process of the activity is suspended: nothing of it opens
)

// Locales are the languages a definition must speak, the default one first.
var Locales = []string{"it", "en"}

// Capabilities are what a state may allow; policy asks for them by name.
var Capabilities = []string{
	"edit", "invite-staff", "invite", "remind", "respond", "draft", "extend", "hold",
	"code-answers", "run-focusgroup", "register", "withdraw", "convene", "attend", "join", "consent",
	"take-notes", "minute", "propose", "vote", "discuss", "publish", "shorten",
}

// The offices that a person may hold in a process.
const (
	RolePromoter    = "promoter" // answers for it
	RoleFacilitator = "facilitator"
	RoleEditor      = "editor"
	RoleExpert      = "expert"
	RoleGuarantor   = "guarantor"
	RoleDecider     = "deciding-body"
	RoleParticipant = "participant"
)

// Roles are those offices, in the order of a list.
var Roles = []string{RolePromoter, RoleFacilitator, RoleEditor, RoleExpert, RoleParticipant, RoleGuarantor, RoleDecider}

// Offices are the roles that decide about a process and do not manage it.
var Offices = []string{RoleGuarantor, RoleDecider}

// RoleWords are those offices as sentences call them.
var RoleWords = map[string]Text{
	RolePromoter: {"it": "promotore", "en": "promoter"}, RoleFacilitator: {"it": "facilitatore", "en": "facilitator"},
	RoleEditor: {"it": "redattore", "en": "editor"}, RoleExpert: {"it": "esperto", "en": "expert"},
	RoleParticipant: {"it": "partecipante", "en": "participant"},
	RoleGuarantor:   {"it": "garante", "en": "guarantor"}, RoleDecider: {"it": "ente che decide", "en": "deciding body"},
}

// Writers are the roles that write documents.
var Writers = []string{RolePromoter, RoleFacilitator, RoleEditor, RoleGuarantor, RoleDecider}

// Audiences are who a notice may go to. They are resolved at sending time:
// silent is the invited who have not answered, contributors those who gave
// something, administrator whoever runs the platform. Every role is an audience
// too.
var Audiences = append([]string{
	AudienceFollowers, audienceSilent, "invited", "registered", "waiting", "everyone-involved", "contributors", AudienceAdministrator,
}, Roles...)

// AudienceFollowers are those who asked to be told of a process.
const AudienceFollowers = "followers"

// audienceSilent are the invited who have not answered.
const audienceSilent = "silent"

// AudienceAdministrator is the last link of a chain of escalation.
const AudienceAdministrator = "administrator"

// Actors are the non-human words that a transition's `by` may name.
var Actors = []string{ByTimer, BySystem}

// Who acts when no person does.
const (
	ByTimer  = "timer"  // a deadline
	BySystem = "system" // the consequence of another transition
)

// Notices are the occasions a definition may announce, each of notify's
// catalogue. The first eight are also sent by the engine of its own accord.
var Notices = []string{
	NoticeReminder, NoticeAction, NoticeOverdue, NoticeExtended, NoticeShortened, NoticeHeld, NoticeResumed, NoticeReopened,
	"last-days", "phase-opened", "phase-closed", "activity-opened", "activity-closed", "results-published", "invitation",
	"focusgroup-invitation", "meeting-reminder", "meeting-moved", "meeting-cancelled", "meeting-materials",
	"process-closed", "what-became-of-it", "closed-early", "called-off",
}

// ActivityNotices are those that speak of an activity or of a meeting of it, and
// so of nothing where a process announces them.
var ActivityNotices = []string{
	"activity-opened", "activity-closed", "closed-early", "results-published", "invitation", "focusgroup-invitation",
	"meeting-reminder", "meeting-moved", "meeting-cancelled", "meeting-materials",
}

// Calls are the notices that ask to answer: pointless once nobody can, and one a day is
// enough, see process/message. An activity's comes before that of its process.
var Calls = []string{"invitation", NoticeReminder, "last-days"}

// Notices that the engine sends without being told.
const (
	NoticeReminder  = "reminder"           // a reminder to participants that names no notice
	NoticeAction    = "action-needed"      // the same to staff, and a timer that met a guard
	NoticeOverdue   = "action-overdue"     // a term ended and nothing happened, then or still later
	NoticeExtended  = "deadline-extended"  // an end was moved later
	NoticeShortened = "deadline-shortened" // or earlier
	NoticeHeld      = "held"               // everything was suspended
	NoticeResumed   = "resumed"            // and goes on
	NoticeReopened  = "reopened"           // what had ended goes on
)

// Notices that the engine alone sends: no definition may name them.
const (
	NoticeFailed     = "deadline-failed" // the program could not carry out a deadline
	NoticeUnknown    = "end-unknown"     // what a term ends with, or counts from, is not known
	NoticeEscalation = "escalation"      // what is overdue comes to the next of the chain
)

// Alone are those notices.
var Alone = []string{NoticeFailed, NoticeUnknown, NoticeEscalation}

// NoticePlaceholders are the words in braces that a definition's own notices
// may hold: the titles of process and phase, the end of the term, the promoting
// organisation and the reason that was given; beside them stands AnchorDate with the
// code of each date of the call.
var NoticePlaceholders = []string{"process", "phase", "due", "organisation", "reason"}

// Runners are the roles that run an activity.
var Runners = []string{RolePromoter, RoleFacilitator}

// Leading are the offices that lead a process, and are told when its terms move.
var Leading = []string{RolePromoter, RoleFacilitator, RoleGuarantor, RoleDecider}

// Staff are the roles that advance a process; the other audiences take part.
var Staff = []string{RolePromoter, RoleFacilitator, RoleEditor, RoleExpert, RoleGuarantor, RoleDecider}

// Fixes are the pages that resolve a blocker.
var Fixes = []string{
	"publication", "population", "activities", "people", "results", "report", "documents", "project-sheet", "settings", "contacts",
	"questions", "invitations", "registrations", "meeting", "sessions", "agenda", "minutes", "notes", "attendance",
	"cards", "tables", "outcomes", "recording", "consent", "deadline", "phases", "suspension", "roles", "moves",
}

// Anchors are the instants that terms, reminders and deadlines may hang on.
// Those that end in a colon are followed by a name. The engine knows the entry
// into the state, the end of its term, the last entry into another state and a
// day; the others come from facts: meetings, the latest end of the process's
// activities of a kind, and the definition's dates. As the end of a term,
// meeting is the first instant and meeting_end the last.
var Anchors = []string{
	AnchorEnd, AnchorEntry, AnchorMeeting, AnchorMeetingEnd,
	AnchorState + ":", AnchorActivity + ":", AnchorDate + ":", AnchorDay + ":",
}

// The anchors that a term may end at and count from: it ends neither with
// itself nor in the past, and counts from no meeting that may yet be moved.
var (
	UntilAnchors = []string{AnchorMeeting, AnchorMeetingEnd, AnchorActivity + ":", AnchorDate + ":", AnchorDay + ":"}
	FromAnchors  = []string{AnchorEntry, AnchorState + ":", AnchorActivity + ":", AnchorDate + ":", AnchorDay + ":"}
)

// The anchors, those with a name without its colon.
const (
	AnchorEnd        = "end"
	AnchorEntry      = "entry"
	AnchorMeeting    = "meeting"
	AnchorMeetingEnd = "meeting_end"
	AnchorState      = "state"
	AnchorActivity   = "activity"
	AnchorDate       = "date"
	AnchorDay        = "day"
)

// What an activity that a state expects must be, for the state to be entered
// and left.
const (
	NeedReady = "ready"
	NeedOpen  = "open"
	NeedOver  = "over"
)

const everyState = "*"

// eventCancel calls something off, by convention.
const eventCancel = "cancel"

func appendNew(list []string, word string) []string {
	if slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}

// Alarm is the notice with which a deadline escalates. Before the end of a term
// nothing is overdue yet: that something is to be done is said instead.
func (d Deadline) Alarm() string {
	if d.Of == AnchorEnd && !d.Before.IsZero() {
		return NoticeAction
	}
	return NoticeOverdue
}

// DeadlineTitle is what a definition calls a deadline by that name: the title of one
// of a state's, the subject of a notice of its own, the plain word for a reminder that
// is not for those who have not answered; nil for the others, which every definition has.
func (c *Compiled) DeadlineTitle(name string) Text {
	first, rest, _ := strings.Cut(name, ".")
	code, _, _ := strings.Cut(rest, ".")
	for _, n := range c.Notices {
		if n.Code == first {
			return n.Subject
		}
	}
	for i := range c.States {
		for _, d := range c.States[i].Deadlines {
			if first == "deadline" && d.Code == code {
				return d.Title
			}
		}
	}
	if first == NoticeReminder && !c.urges(name) {
		return Text{"it": "Promemoria", "en": "Reminder"}
	}
	return nil
}

// urges reports that the reminder of that name goes to those who have not answered.
func (c *Compiled) urges(name string) bool {
	for i := range c.States {
		for _, m := range c.States[i].Reminders {
			if slices.Contains(m.To, audienceSilent) && strings.HasPrefix(name, m.Name(-1)) {
				return true
			}
		}
	}
	return false
}
