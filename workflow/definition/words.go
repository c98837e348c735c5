package definition

import (
	"slices"
)

// Ids that the transition log uses for the engine's own acts; no transition of a
// file may take them.
const (
	ActCreate     = "create"
	ActExtend     = "extend"
	ActReschedule = "reschedule"
	ActErase      = "erase"
	ActPublish    = "publish"
)

var reservedIDs = []string{ActCreate, ActExtend, ActReschedule, ActErase, ActPublish, everyState}

// Codes of the blockers that are not guards of the definition; no guard of a
// file may take them.
const (
	BlockEvent  = "event"  // nothing of that name leaves the present state
	BlockRole   = "role"   // the actor holds none of the roles asked for
	BlockReason = "reason" // the transition asks for a reason
)

// Locales are the languages a definition must speak, the default one first.
var Locales = []string{"it", "en"}

// Capabilities are what a state may allow; policy asks for them by name.
var Capabilities = []string{
	"edit", "invite-staff", "invite", "remind", "respond", "draft", "extend", "hold",
	"code-answers", "run-focusgroup", "register", "withdraw", "convene", "attend", "join", "consent",
	"take-notes", "minute", "propose", "vote", "discuss", "publish",
}

// Roles are the offices a person may hold in a process.
var Roles = []string{"promoter", "facilitator", "editor", "expert", "participant"}

// Audiences are who a notice may go to. They are resolved at sending time:
// silent is the invited who have not answered, contributors those who gave
// something. Every role is an audience too.
var Audiences = append([]string{
	"followers", "silent", "invited", "registered", "waiting", "everyone-involved", "contributors",
}, Roles...)

// Actors are the non-human words that a transition's `by` may name.
var Actors = []string{ByTimer, BySystem}

// Who acts when no person does.
const (
	ByTimer  = "timer"  // a deadline
	BySystem = "system" // the consequence of another transition
)

// Notices are the occasions a definition may announce, each of notify's
// catalogue. The first four are also sent by the engine of its own accord.
var Notices = []string{
	NoticeReminder, NoticeAction, NoticeOverdue, NoticeExtended,
	"last-days", "phase-opened", "activity-opened", "activity-closed", "results-published", "invitation",
	"focusgroup-invitation", "meeting-reminder", "meeting-moved", "meeting-cancelled", "meeting-materials",
	"process-closed", "what-became-of-it", "closed-early", "called-off",
}

// Notices that the engine sends without being told.
const (
	NoticeReminder = "reminder"          // a reminder to participants that names no notice
	NoticeAction   = "action-needed"     // the same to staff, and a timer that met a guard
	NoticeOverdue  = "action-overdue"    // a term ended and nothing happened, then or still later
	NoticeExtended = "deadline-extended" // an end was moved
)

// Staff are the roles that advance a process; the other audiences take part.
var Staff = []string{"promoter", "facilitator", "editor", "expert"}

// Fixes are the pages that resolve a blocker.
var Fixes = []string{
	"publication", "population", "activities", "people", "results", "report", "documents", "project-sheet", "settings", "contacts",
	"questions", "invitations", "registrations", "meeting", "sessions", "agenda", "minutes", "notes", "attendance",
	"cards", "tables", "outcomes", "recording", "consent", "deadline",
}

// Anchors are the instants a term or a reminder may hang on: "end" of the
// term and "entry" into the state are the engine's own, the others come from
// facts. As the end of a term, meeting is the first instant and meeting_end
// the last.
var Anchors = []string{AnchorEnd, AnchorEntry, "meeting", "meeting_end"}

// The anchors that the engine knows by itself.
const (
	AnchorEnd   = "end"
	AnchorEntry = "entry"
)

const everyState = "*"

func appendNew(list []string, word string) []string {
	if slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}
