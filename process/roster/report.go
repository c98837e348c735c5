package roster

import (
	"strings"

	"arengo/process"
	"arengo/process/fault"
)

// Status is what becomes of one row of a contact file.
type Status string

// The statuses. The first three are loaded, the others are not.
const (
	RowNew          Status = "new"
	RowUpdated      Status = "updated" // on the list; municipality or name completed
	RowKnown        Status = "known"   // on the list, nothing changes
	RowDuplicate    Status = "duplicate"
	RowBadAddress   Status = "bad_address"
	RowNoAddress    Status = "no_address"
	RowMunicipality Status = "municipality"
	RowUnreadable   Status = "unreadable"
)

// RowStatuses are the statuses of rows, in the order of a summary.
var RowStatuses = []Status{
	RowNew, RowUpdated, RowKnown, RowDuplicate, RowBadAddress, RowNoAddress, RowMunicipality, RowUnreadable,
}

// Loaded reports whether a row with the status is on the list after the import.
func (s Status) Loaded() bool { return s == RowNew || s == RowUpdated || s == RowKnown }

// Line is the report on one row: where it is in the file, the address as it
// was read, and a locale key with its arguments. Warning is the locale key of
// something to know about a row that is loaded all the same, or "".
type Line struct {
	Number  int
	Email   string
	Name    string
	Status  Status
	Key     string
	Args    map[string]any
	Warning string
}

// Report says what an import did, or would do, row by row in the order of the
// file. Sum is what the confirmation must repeat.
type Report struct {
	File    string
	Sum     string
	Ignored []string // headings that were not understood
	Lines   []Line
	Counts  map[Status]int
}

// Loaded counts the rows that are on the list afterwards.
func (r Report) Loaded() int {
	return r.Counts[RowNew] + r.Counts[RowUpdated] + r.Counts[RowKnown]
}

// Rejected counts the rows that are not loaded, duplicates included.
func (r Report) Rejected() int { return len(r.Lines) - r.Loaded() }

// entry is a row that will be loaded.
type entry struct {
	line      int // index into Report.Lines
	email     string
	name      string
	locale    string
	territory process.TerritoryID
}

// examine judges every row by itself and against the rows before it. What the
// database knows is added by compare.
func examine(sheet Sheet, g gazetteer) (Report, []entry) {
	report := Report{Sum: sheet.Sum, Ignored: sheet.Ignored, Lines: make([]Line, len(sheet.Rows))}
	entries := make([]entry, 0, len(sheet.Rows))
	firstAt := make(map[string]int, len(sheet.Rows))
	for i, row := range sheet.Rows {
		line, e := judge(row, g)
		if at, twice := firstAt[e.email]; twice && line.Status == RowNew {
			line.Status, line.Key, line.Args = RowDuplicate, "roster.row_duplicate", map[string]any{"line": at}
		}
		if line.Status == RowNew {
			firstAt[e.email] = row.Line
			e.line = i
			entries = append(entries, e)
		}
		report.Lines[i] = line
	}
	return report, entries
}

func judge(row Row, g gazetteer) (Line, entry) {
	line := Line{Number: row.Line, Email: clip(row.Email), Name: row.Name}
	refuse := func(s Status, key string, args map[string]any) (Line, entry) {
		line.Status, line.Key, line.Args = s, key, args
		return line, entry{}
	}
	if row.Problem != "" {
		return refuse(RowUnreadable, row.Problem, nil)
	}
	if row.Email == "" {
		return refuse(RowNoAddress, "roster.row_no_address", nil)
	}
	address, err := process.CleanEmail(strings.TrimPrefix(row.Email, "mailto:"))
	if err != nil {
		return refuse(RowBadAddress, "roster.row_bad_address", map[string]any{"value": clip(row.Email)})
	}
	territory, problem, value := g.find(row)
	if problem != "" {
		return refuse(RowMunicipality, problem, map[string]any{"value": clip(value)})
	}
	line.Email, line.Status, line.Key = address, RowNew, "roster.row_new"
	if row.Tongue != "" {
		line.Warning = "roster.row_language"
	}
	return line, entry{email: address, name: row.Name, locale: row.Locale, territory: territory}
}

// compare settles the rows of people whom the database knows.
func (r *Report) compare(entries []entry, known map[string]knownPerson) {
	for _, e := range entries {
		k, ok := known[e.email]
		if !ok {
			continue
		}
		line := &r.Lines[e.line]
		if k.OptedOut {
			line.Warning = "roster.row_opted_out"
		} else if k.Suppressed {
			line.Warning = "roster.row_suppressed"
		}
		switch {
		case !k.Listed:
		case (e.territory != 0 && e.territory != k.Territory) || (k.Name == "" && e.name != ""):
			line.Status, line.Key = RowUpdated, "roster.row_updated"
		default:
			line.Status, line.Key = RowKnown, "roster.row_known"
		}
	}
}

// tally counts the lines by status.
func (r *Report) tally() {
	r.Counts = make(map[Status]int, len(RowStatuses))
	for _, line := range r.Lines {
		r.Counts[line.Status]++
	}
}

// errChanged refuses a confirmation of other bytes than the dry run's.
func errChanged() error { return fault.New(fault.Conflict, "roster.csv_changed") }
