package place

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/workflow/civil"
)

// ClosedDays are the days of every year on which the lead organisation of a
// process is closed, such as its patron's, in the order of the year.
func ClosedDays(ctx context.Context, core *process.Service, p process.Process) ([]civil.MonthDay, error) {
	text, err := closedDays(ctx, core.DB(), p.OrganisationID)
	if err != nil || text == "" {
		return nil, err
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
// were promised stay. Text holds days as people write them, "24/6, 1/12". The
// refusals are fault.Invalid workflow.closed_bad or place.closed_many at
// "closed", and those of the policy.
func SetClosedDays(ctx context.Context, core *process.Service, id process.ID, who process.Actor, text string) error {
	days, err := readDays(text)
	if err != nil {
		return err
	}
	return core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, _, err := core.Begin(ctx, tx, id, who, process.ActPeopleEdit)
		if err != nil {
			return err
		}
		return saveClosedDays(ctx, tx, p, days)
	})
}

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
