package workflow

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
var Actors = []string{"timer", "system"}

// Notices are the occasions a definition may announce; each has its templates
// in notify. The first five are also sent by the engine of its own accord.
var Notices = []string{
	NoticeReminder, NoticeOverdue, NoticeEscalation, NoticeBlocked, NoticeExtended,
	"phase-opened", "last-days", "action-needed", "process-closed", "what-became-of-it", "process-cancelled",
	"activity-opened", "activity-closing", "activity-closed", "activity-cancelled",
	"invitation", "registration-open", "registration-closed", "convocation",
	"meeting-reminder", "meeting-soon", "meeting-moved", "meeting-cancelled", "meeting-held",
	"voting-open", "recording-available", "minutes-available", "results-published", "thanks",
}

// Notices that the engine sends without being told.
const (
	NoticeReminder   = "reminder"          // a reminder that names no notice
	NoticeOverdue    = "overdue"           // a term ended and nothing happened
	NoticeEscalation = "escalation"        // still nothing, later
	NoticeBlocked    = "deadline-blocked"  // a timer met a guard
	NoticeExtended   = "deadline-extended" // an end was moved
)

// Fixes are the pages that resolve a blocker.
var Fixes = []string{
	"population", "activities", "people", "results", "report", "documents", "project-sheet", "settings", "contacts",
	"questions", "invitations", "registrations", "meeting", "sessions", "agenda", "minutes", "notes", "attendance",
	"cards", "tables", "outcomes", "recording", "consent", "deadline",
}

// Anchors are the instants a term or a reminder may hang on: "end" of the
// term and "entry" into the state are the engine's own, the others come from
// facts. As the end of a term, meeting is the first instant and meeting_end
// the last.
var Anchors = []string{anchorEnd, anchorEntry, "meeting", "meeting_end"}

const (
	anchorEnd   = "end"
	anchorEntry = "entry"
	everyState  = "*"
)

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

func appendNew(list []string, word string) []string {
	if contains(list, word) {
		return list
	}
	return append(list, word)
}
