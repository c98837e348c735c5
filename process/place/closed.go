package place

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/workflow/civil"
)

// ClosedDays are the days of every year on which the lead organisation of a
// process is closed, such as its patron's, in the order of the year.
func ClosedDays(ctx context.Context, core *process.Service, p process.Process) ([]civil.MonthDay, error) {
	text, err := closedDays(ctx, core.DB(), p.OrganisationID)
	if err != nil {
		return nil, err
	}
	return ParseClosed(text)
}

// ParseClosed reads days as they are kept, "06-24,12-01"; "" are none.
func ParseClosed(text string) ([]civil.MonthDay, error) {
	if text == "" {
		return nil, nil
	}
	var out []civil.MonthDay
	for _, word := range strings.Split(text, ",") {
		day, err := civil.ParseMonthDay(word)
		if err != nil {
			return nil, err
		}
		out = append(out, day)
	}
	return out, nil
}

// SetClosedDays changes them for the organisation's processes to come and for
// this one, whose terms in working days count by them from the next on; ends that
// were promised stay. Text holds days as people write them, "24/6, 1/12". Who does
// it promotes the organisation, not this process alone, and says why: what decides
// the ends of statutory terms leaves a trace. The refusals are fault.Invalid
// workflow.closed_bad or place.closed_many at "closed", form.required or
// form.too_long at "reason", and those of the policy.
func SetClosedDays(ctx context.Context, core *process.Service, id process.ID, who process.Actor, text, reason string) error {
	var bad fault.List
	days, err := readDays(text)
	if refused, ok := fault.As(err); ok {
		bad = append(bad, refused)
	}
	switch reason = strings.TrimSpace(reason); {
	case reason == "":
		bad = append(bad, fault.Field("reason", "form.required"))
	case utf8.RuneCountInString(reason) > mostReason:
		bad = append(bad, fault.Field("reason", "form.too_long", "max", mostReason))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, now, err := core.Begin(ctx, tx, id, who, process.ActPeopleEdit)
		if err != nil {
			return err
		}
		if err := core.AllowOrganisation(ctx, tx, p.OrganisationID, who, process.ActPeopleEdit); err != nil {
			return err
		}
		return saveClosedDays(ctx, tx, p, ClosedChange{Person: who.Person, After: days, Reason: reason, At: now})
	})
}

// MaySetClosedDays reports whether somebody may change them from the pages of a
// process.
func MaySetClosedDays(ctx context.Context, core *process.Service, p process.Process, who process.Actor) (bool, error) {
	err := core.AllowOrganisation(ctx, core.DB(), p.OrganisationID, who, process.ActPeopleEdit)
	if _, refused := fault.As(err); refused {
		return false, nil
	}
	return err == nil, err
}

// ClosedChange is one change of an organisation's closed days. Before and After
// are days as "06-24,12-01", "" for none.
type ClosedChange struct {
	Person        process.PersonID `bun:"person_id"`
	Name          string           // of the person, the address when no name is known
	Before, After string
	Reason        string
	At            time.Time `bun:"changed_at"`
}

// ClosedChanges lists those of the organisation that leads a process, the newest
// first, at most limit.
func ClosedChanges(ctx context.Context, core *process.Service, p process.Process, limit int) ([]ClosedChange, error) {
	return closedChanges(ctx, core.DB(), p.OrganisationID, limit)
}

// mostReason is as long as a reason may be, in characters.
const mostReason = 1000

// mostClosed is as many days as a calendar takes, see civil.ErrClosed.
const mostClosed = 30

// readDays reads days and months as people write them, in any order.
func readDays(text string) (string, error) {
	var days []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }) {
		day, month, _ := strings.Cut(word, "/")
		d, err := strconv.Atoi(day)
		m, failed := strconv.Atoi(month)
		md := civil.MonthDay{}
		if err == nil && failed == nil && d > 0 && d < 32 && m > 0 && m < 13 {
			md, err = civil.ParseMonthDay(two(m) + "-" + two(d))
		}
		if err != nil || failed != nil || md == (civil.MonthDay{}) {
			return "", fault.Field("closed", "workflow.closed_bad", "value", word)
		}
		if !slices.Contains(days, md.String()) {
			days = append(days, md.String())
		}
	}
	if len(days) > mostClosed {
		return "", fault.Field("closed", "place.closed_many", "max", mostClosed)
	}
	slices.Sort(days)
	return strings.Join(days, ","), nil
}

func two(n int) string {
	s := strconv.Itoa(n)
	if n < 10 {
		return "0" + s
	}
	return s
}
