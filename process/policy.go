package process

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
)

// Act is something that a person may want to do. Every route and every use case
// names one; Allow decides it.
type Act string

// The acts.
const (
	ActProcessCreate  Act = "process.create"  // set a process up from a template
	ActProcessView    Act = "process.view"    // read the public pages
	ActProcessPreview Act = "process.preview" // read them before publication
	ActProcessEdit    Act = "process.edit"    // title, dates, partners, population
	ActPhaseEdit      Act = "phase.edit"      // change what the phases are
	ActDocumentEdit   Act = "document.edit"   // write and publish documents
	ActProcessPublish Act = "process.publish" // make the process public
	ActProcessAdvance Act = "process.advance" // move it to another phase
	ActProcessExtend  Act = "process.extend"  // move the end of its phase
	ActProcessMigrate Act = "process.migrate" // go on by another definition
	ActDeadlineRetry  Act = "deadline.retry"  // have one tried again that the program could not carry out
	ActProcessReopen  Act = "process.reopen"  // let it, or an activity of it, go on after its end
	ActPeopleEdit     Act = "people.edit"     // give and take roles
	ActAbsenceOwn     Act = "absence.own"     // say that one is away oneself, and who of the process stands in
	ActContactImport  Act = "contact.import"  // load and read the contact list
	ActActivityEdit   Act = "activity.edit"   // create activities, write their content
	ActActivityRun    Act = "activity.run"    // open, extend, invite, remind
	ActActivityEnd    Act = "activity.end"    // bring one that is open to its end: close or cancel, note who came, publish
	ActResultRead     Act = "result.read"     // read results before they are public
	ActOutcomeEdit    Act = "outcome.edit"    // write outcomes and the report
	ActLedgerRead     Act = "ledger.read"     // read what was sent to whom, by name
	ActMessageSend    Act = "message.send"    // write to people, have what did not arrive tried again
	ActInbox          Act = "inbox"           // read what one was told on the site, and say where else
	ActWorkspace      Act = "workspace"       // see the workspace at all
	ActMessageAdapt   Act = "message.adapt"   // change what its notices say
	ActNoticePause    Act = "notice.pause"    // stop one of its notices, and let it go on
	ActConnect        Act = "connect"         // give other programs access to an organisation's processes
	ActAdminister     Act = "administer"      // the platform itself
)

// Roles that a person can hold on a process. RolePromoter comes from a
// membership of the lead organisation or from the process itself. Guarantor and
// deciding body are offices that statutes know: they read everything and write
// the acts that are theirs. All but participants make the moves of a process that
// its definition gives to them.
const (
	RolePromoter    = definition.RolePromoter
	RoleFacilitator = definition.RoleFacilitator
	RoleEditor      = definition.RoleEditor
	RoleExpert      = definition.RoleExpert
	RoleGuarantor   = definition.RoleGuarantor
	RoleDecider     = definition.RoleDecider
	RoleParticipant = definition.RoleParticipant
)

// Actor is who acts. The zero Actor is a visitor who has not signed in.
type Actor struct {
	Person        PersonID
	Name          string
	Email         string
	Locale        string
	Administrator bool
	Promoter      bool // of at least one organisation
	Works         bool // on anything, now or as a deputy at some time
}

// SignedIn reports whether the actor is known.
func (a Actor) SignedIn() bool { return a.Person != 0 }

// Standing is what an actor is with regard to one process; Roles is empty
// outside any process.
type Standing struct {
	Actor
	Roles []string
}

// Has reports whether the standing includes a role.
func (s Standing) Has(role string) bool { return slices.Contains(s.Roles, role) }

// Promotes reports whether the standing is a promoter's, or may act as one.
func (s Standing) Promotes() bool { return s.Administrator || s.Has(RolePromoter) }

// Staff reports whether the person works on the process.
func (s Standing) Staff() bool { return len(s.Roles) > 0 }

// Situation is what a decision must know of the process besides who asks.
type Situation struct {
	Published bool
	Final     bool // the process has ended
}

type rule struct {
	roles    []string // any of these, on the process
	everyone bool     // also without signing in
	known    bool     // whoever is signed in
	promoter bool     // promoter of any organisation
	staff    bool     // any role, on any process or organisation
	whenOver bool     // also after the process has ended
}

var rules = map[Act]rule{
	ActProcessCreate:  {promoter: true},
	ActProcessView:    {everyone: true, whenOver: true},
	ActProcessPreview: {roles: definition.Staff, whenOver: true},
	ActProcessEdit:    {roles: []string{RolePromoter, RoleEditor}},
	ActPhaseEdit:      {roles: []string{RolePromoter}},
	ActDocumentEdit:   {roles: []string{RolePromoter, RoleFacilitator, RoleEditor, RoleGuarantor, RoleDecider}, whenOver: true}, // an act may be what lets it go on: see Situation.Writers
	ActProcessPublish: {roles: []string{RolePromoter}},
	ActProcessAdvance: {roles: definition.Staff}, // the definition says which of them makes which move
	ActProcessExtend:  {roles: []string{RolePromoter, RoleFacilitator}},
	ActProcessMigrate: {roles: []string{RolePromoter}},
	ActProcessReopen:  {roles: definition.Staff, whenOver: true}, // the same
	ActDeadlineRetry:  {roles: []string{RolePromoter, RoleFacilitator}, whenOver: true},
	ActPeopleEdit:     {roles: []string{RolePromoter}},
	ActAbsenceOwn:     {roles: definition.Staff},
	ActContactImport:  {roles: []string{RolePromoter, RoleFacilitator}},
	ActActivityEdit:   {roles: []string{RolePromoter, RoleFacilitator, RoleEditor}},
	ActActivityRun:    {roles: []string{RolePromoter, RoleFacilitator}},
	ActActivityEnd:    {roles: []string{RolePromoter, RoleFacilitator}, whenOver: true},
	ActResultRead:     {roles: definition.Staff, whenOver: true},
	ActOutcomeEdit:    {roles: []string{RolePromoter, RoleFacilitator, RoleEditor}, whenOver: true},
	ActLedgerRead:     {roles: []string{RolePromoter, RoleFacilitator}, whenOver: true}, // what tells of the end goes out after it
	ActMessageSend:    {roles: []string{RolePromoter, RoleFacilitator}, whenOver: true},
	ActInbox:          {known: true, whenOver: true},
	ActWorkspace:      {staff: true, whenOver: true},
	ActMessageAdapt:   {roles: []string{RolePromoter}, whenOver: true},
	ActNoticePause:    {roles: []string{RolePromoter}, whenOver: true},
	ActConnect:        {roles: []string{RolePromoter}, whenOver: true},
	ActAdminister:     {},
}

// Acts lists every declared act; routes may name no other.
func Acts() []Act {
	acts := make([]Act, 0, len(rules))
	for act := range rules {
		acts = append(acts, act)
	}
	slices.Sort(acts)
	return acts
}

// Allow decides whether an act is permitted: role, then the state of the
// process. What a phase or a deadline forbids is decided by the workflow under
// its lock, not here. The refusals are fault.Unauthenticated
// "policy.sign_in", fault.NotFound "process.not_found" (an unpublished process
// does not exist for outsiders, whatever they want of it), fault.Forbidden "policy.role" and fault.Closed
// "policy.ended".
func Allow(act Act, who Standing, at Situation) error {
	r, ok := rules[act]
	switch {
	case !ok:
		return fault.New(fault.Forbidden, "policy.undeclared", "act", string(act))
	case r.everyone && at.Published:
		return nil
	case r.everyone && !who.Staff() && !who.Administrator:
		return fault.New(fault.NotFound, "process.not_found")
	case !who.SignedIn():
		return fault.New(fault.Unauthenticated, "policy.sign_in")
	case len(r.roles) > 0 && !at.Published && !who.Staff() && !who.Administrator:
		return fault.New(fault.NotFound, "process.not_found")
	case at.Final && !r.whenOver:
		return ended(act, who, r)
	case r.permits(who):
		return nil
	}
	return fault.New(fault.Forbidden, "policy.role", "act", string(act))
}

// ended tells someone who would otherwise be allowed that it is too late, and
// everyone else that the act was never theirs.
func ended(act Act, who Standing, r rule) error {
	if r.permits(who) {
		return fault.New(fault.Closed, "policy.ended", "act", string(act))
	}
	return fault.New(fault.Forbidden, "policy.role", "act", string(act))
}

func (r rule) permits(who Standing) bool {
	if who.Administrator || r.everyone || r.known {
		return true
	}
	if r.promoter && who.Promoter {
		return true
	}
	if r.staff && (who.Promoter || who.Staff()) {
		return true
	}
	return slices.ContainsFunc(r.roles, who.Has)
}

// actOf is what the policy calls a transition of a process or, with an activity,
// of that: what an ended process left open may still end, and nothing begins.
func actOf(a ActivityID, t definition.Transition) Act {
	switch {
	case a != 0 && (t.Reopens || t.Event == conduct.EventOpen):
		return ActActivityRun
	case a != 0:
		return ActActivityEnd
	case t.Reopens:
		return ActProcessReopen
	}
	return ActProcessAdvance
}

// moveAct is what the policy calls a move: letting a process go on that has
// ended is an act of its own, and so is ending an activity.
func (s *Service) moveAct(ctx context.Context, tx bun.IDB, id ID, m Move) (Act, error) {
	inst, err := s.engine.Instance(ctx, tx, ref(id, m.Activity))
	if err != nil {
		return "", err
	}
	def, err := s.engine.Resolve(ctx, tx, inst.Definition, inst.Version)
	if err != nil {
		return "", err
	}
	for _, t := range def.Leaving(inst.State) {
		if t.ID == m.Transition || t.Event == m.Event && m.Event != "" {
			return actOf(m.Activity, t), nil
		}
	}
	return actOf(m.Activity, definition.Transition{}), nil
}

// TermAct is what the policy calls changing when something ends, or goes on.
func TermAct(a ActivityID) Act {
	if a != 0 {
		return ActActivityRun
	}
	return ActProcessExtend
}

// mayExcept refuses a written exception to the law of whoever does not promote.
func mayExcept(actor workflow.Actor, exception bool) error {
	if exception && !slices.Contains(actor.Roles, RolePromoter) {
		return fault.New(fault.Forbidden, "workflow.exception_promoter")
	}
	return nil
}

// Writers are the roles that alone write a document of a process: the offices that
// the definition gives it to, without any the promoter once the process has ended,
// none for all who write documents.
func (at Situation) Writers(by []string) []string {
	if len(by) == 0 && at.Final {
		return []string{RolePromoter}
	}
	return by
}

// Writes reports that a document is the standing's to write, among those who write
// documents: it is of no role alone, or of one of theirs.
func (s Standing) Writes(writers []string) bool {
	return len(writers) == 0 || slices.ContainsFunc(writers, func(role string) bool { return slices.Contains(s.worker().Roles, role) })
}

// For refuses what the standing may not even preview, as Extend does: fault.Forbidden
// "workflow.exception_promoter".
func (n NewEnd) For(s Standing) error { return mayExcept(s.worker(), n.Exception) }
