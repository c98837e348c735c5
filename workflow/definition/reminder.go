package definition

import (
	"strconv"
	"strings"
)

// Name identifies a reminder within its state: notice, offset, anchor and,
// where the anchor may have several instants, which (i ≥ 0).
func (m Reminder) Name(i int) string {
	name := m.Notice + "." + m.Before.String()
	if m.Before.IsZero() {
		name = m.Notice + ".after." + m.After.String()
	}
	if m.Of != AnchorEnd {
		name += "." + m.Of
	}
	if i >= 0 && m.Of != AnchorEnd && m.Of != AnchorEntry {
		name += "." + strconv.Itoa(i)
	}
	return name
}

// Nth tells which of its anchor's several instants a reminder of that name
// hangs on, from 0; false when the name is not this reminder's or its anchor
// has one instant only.
func (m Reminder) Nth(name string) (int, bool) {
	suffix, ok := strings.CutPrefix(name, m.Name(-1)+".")
	if !ok || m.Of == AnchorEnd || m.Of == AnchorEntry {
		return 0, false
	}
	i, err := strconv.Atoi(suffix)
	return i, err == nil && i >= 0
}

// Clock is the time of day that the reminder moves back to; false when it has
// none.
func (m Reminder) Clock() (hour, minute int, ok bool) {
	at := clockPattern.FindStringSubmatch(m.At)
	if at == nil {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(at[1])
	minute, _ = strconv.Atoi(at[2])
	return hour, minute, true
}
