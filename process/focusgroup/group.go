package focusgroup

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/roster"
)

// Service holds the use cases of focus groups. It has no state of its own.
type Service struct {
	domain   *process.Service
	meetings *meeting.Service
	roster   *roster.Service
}

// New makes the service on top of the domain's.
func New(s *process.Service) *Service {
	return &Service{domain: s, meetings: meeting.New(s), roster: roster.New(s)}
}

// ThemeID identifies a theme within its process.
type ThemeID int64

// Theme is something the group talks about.
type Theme struct {
	ID    ThemeID
	Title string
}

// Group is what the staff prepare. Facilitator and NoteTaker are 0 until they
// are named. Guide is Markdown, for the staff alone. Revision is that of the
// whole, themes included.
type Group struct {
	ProcessID     process.ID
	Activity      process.ActivityID `bun:"activity_id"`
	Facilitator   process.PersonID   `bun:"facilitator_id"`
	NoteTaker     process.PersonID   `bun:"note_taker_id"`
	FacilitatedBy string             // name, for the people invited
	NotedBy       string
	Guide         string
	Revision      int64
	Themes        []Theme `bun:"-"`
}

const (
	maxGuide  = 20_000
	maxTheme  = 200
	maxThemes = 20
)

// Group reads what was prepared.
func (s *Service) Group(ctx context.Context, id process.ID, activity process.ActivityID) (Group, error) {
	return loadGroup(ctx, s.domain.DB(), id, activity)
}

// Save writes a group and its themes: one whose ID is 0 is added, one with an
// empty title, or left out, is removed. g.Revision must be the one that was
// read. Refusals: fault.Invalid at "facilitator" and "note_taker" (not of the
// staff, or the same person), "guide" and "themes"; fault.Conflict "form.stale"
// and "focusgroup.theme_used" (it has notes); fault.Closed
// "focusgroup.closed_edit"; those of the policy.
func (s *Service) Save(ctx context.Context, who process.Actor, g Group) (Group, error) {
	g.Guide = strings.TrimSpace(g.Guide)
	g.Themes = cleanThemes(g.Themes)
	if err := checkThemes(g).Err(); err != nil {
		return g, err
	}
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := s.begin(ctx, tx, g.ProcessID, g.Activity, who, "edit"); err != nil {
			return err
		}
		if err := s.checkPeople(ctx, g); err != nil {
			return err
		}
		if err := updateGroup(ctx, tx, g); err != nil {
			return err
		}
		if err := replaceThemes(ctx, tx, g); err != nil {
			return err
		}
		var err error
		g, err = loadGroup(ctx, tx, g.ProcessID, g.Activity)
		return err
	})
	return g, err
}

func cleanThemes(list []Theme) []Theme {
	var out []Theme
	for _, t := range list {
		if t.Title = strings.Join(strings.Fields(t.Title), " "); t.Title != "" {
			out = append(out, t)
		}
	}
	return out
}

func checkThemes(g Group) fault.List {
	var bad fault.List
	if len([]rune(g.Guide)) > maxGuide {
		bad = append(bad, fault.Field("guide", "focusgroup.too_long", "max", maxGuide))
	}
	if len(g.Themes) > maxThemes {
		bad = append(bad, fault.Field("themes", "focusgroup.themes_many", "max", maxThemes))
	}
	seen := map[string]bool{}
	for _, t := range g.Themes {
		if len([]rune(t.Title)) > maxTheme {
			bad = append(bad, fault.Field("themes", "focusgroup.too_long", "max", maxTheme))
		}
		if seen[t.Title] {
			bad = append(bad, fault.Field("themes", "focusgroup.theme_twice", "theme", t.Title))
		}
		seen[t.Title] = true
	}
	if g.Facilitator != 0 && g.Facilitator == g.NoteTaker {
		bad = append(bad, fault.Field("note_taker", "focusgroup.same_person"))
	}
	return bad
}

// checkPeople asks that who is named works on the process.
func (s *Service) checkPeople(ctx context.Context, g Group) error {
	staff, err := s.Staff(ctx, g.ProcessID)
	if err != nil {
		return err
	}
	var bad fault.List
	for _, named := range []struct {
		field  string
		person process.PersonID
	}{{"facilitator", g.Facilitator}, {"note_taker", g.NoteTaker}} {
		of := func(m process.Member) bool { return m.Person == named.person }
		if named.person != 0 && !slices.ContainsFunc(staff, of) {
			bad = append(bad, fault.Field(named.field, "focusgroup.person_bad"))
		}
	}
	return bad.Err()
}

// Staff lists who can lead a group or take its notes: the promoters,
// facilitators and editors of the process, each once.
func (s *Service) Staff(ctx context.Context, id process.ID) ([]process.Member, error) {
	members, err := s.domain.Members(ctx, id)
	var out []process.Member
	for _, m := range members {
		of := func(o process.Member) bool { return o.Person == m.Person }
		if slices.Contains(leaders, m.Role) && !slices.ContainsFunc(out, of) {
			out = append(out, m)
		}
	}
	return out, err
}

// leaders are the roles whose holders lead groups.
var leaders = []string{process.RolePromoter, process.RoleFacilitator, process.RoleEditor}

// closed gives the refusal of each capability that the package asks for.
var closed = map[string]string{
	"edit": "focusgroup.closed_edit", "take-notes": "focusgroup.closed_notes", "withdraw": "focusgroup.closed_respond",
}

// begin opens a use case of the staff: the locks of process and activity, the
// policy, and the capability that state and clock must grant.
func (s *Service) begin(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, who process.Actor, capability string) (process.Activity, time.Time, error) {
	if _, _, err := s.domain.Begin(ctx, tx, id, who, process.ActActivityEdit); err != nil {
		return process.Activity{}, time.Time{}, err
	}
	return s.open(ctx, tx, id, activity, capability)
}

// open shares the activity with others who write to it, reads the clock after
// the lock and asks for a capability.
func (s *Service) open(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, capability string) (process.Activity, time.Time, error) {
	if err := process.ShareActivity(ctx, tx, id, activity); err != nil {
		return process.Activity{}, time.Time{}, err
	}
	now, err := s.domain.Now(ctx, tx)
	if err != nil {
		return process.Activity{}, now, err
	}
	a, err := s.domain.LoadActivity(ctx, tx, id, activity)
	if err != nil {
		return a, now, err
	}
	if a.Kind != (Kind{}).Name() {
		return a, now, fault.New(fault.NotFound, "activity.not_found")
	}
	ok, err := s.domain.Allows(ctx, tx, a, capability, now)
	if err == nil && !ok {
		err = process.Shut(ctx, tx, a, closed[capability])
	}
	return a, now, err
}
