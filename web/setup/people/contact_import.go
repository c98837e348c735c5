package people

import (
	"encoding/base64"
	"slices"

	"arengo/process/fault"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// What the two forms of an import may weigh: the file with its envelope, and
// the same bytes in base64. The file itself is bounded by roster.DefaultLimits.
const (
	uploadSize  = 6 << 20
	confirmSize = 8 << 20
)

// importPage takes a file, shows what would become of each row, and after the
// confirmation what became of it.
type importPage struct {
	page.Base
	Frame  wizard.Frame
	Action string // of the upload
	Load   string // of the confirmation
	Sample string
	List   string
	File   page.Field
	Places []string
	Report *reportView
}

// reportView is a report, problems first. Data is the file itself in base64,
// "" once it is loaded.
type reportView struct {
	File, Sum, Data string
	Ignored         []string
	Counts          []countLine
	New             int // rows that add or complete a contact
	Known           int // rows of people who are on the list as they are
	Rejected        int
	Problems, Good  []reportLine
	MoreProblems    int
	MoreGood        int
	Done            bool
}

// countLine is how many rows have a status.
type countLine struct {
	Label  string
	Count  int
	Loaded bool
}

// reportLine is one row of the file.
type reportLine struct {
	Number            int
	Email, Name, Text string
	Warning           string
}

// A page shows at most so many rows of each part; the counts are of all.
const (
	mostProblems = 1000
	mostGood     = 200
)

func (a *area) contactsImport(r *site.Request) error {
	p, err := a.importView(r, nil)
	if err != nil {
		return err
	}
	return r.Page("setup/import", p)
}

func (a *area) importView(r *site.Request, report *reportView) (importPage, error) {
	title := r.T("setup.import.title")
	if report != nil {
		title = r.T("setup.import.check")
		if report.Done {
			title = r.T("setup.import.done")
		}
	}
	base, f, err := wizard.Workspace(a.core, r, title, section.Contacts, page.Crumb{Label: r.T("setup.import.title")})
	if err != nil {
		return importPage{}, err
	}
	territories, err := a.roster.Territories(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return importPage{}, err
	}
	list := wizard.Home(r.Gate.Process) + "/" + section.Contacts
	p := importPage{
		Base: base, Frame: f, Action: list + "/importa", Load: list + "/conferma", Sample: list + "/modello.csv", List: list, Report: report,
		File: page.Field{
			Name: "file", Label: r.T("setup.import.file"), Type: "file", Required: true, Accept: ".csv,text/csv",
			Hint: r.T("setup.import.file.hint", "max", roster.DefaultLimits.Bytes>>20, "rows", roster.DefaultLimits.Rows),
		},
	}
	for _, t := range territories {
		p.Places = append(p.Places, t.Name)
	}
	return p, nil
}

func (a *area) contactsCheck(r *site.Request) error {
	name, data, err := r.File("file")
	var report roster.Report
	if err == nil {
		report, err = a.roster.Check(r.Context(), r.Gate.Process.ID, roster.File{Name: name, Data: data})
	}
	if err != nil {
		return a.importRefuse(r, err)
	}
	view := viewOf(r, report)
	view.Data = base64.RawURLEncoding.EncodeToString(data)
	p, err := a.importView(r, view)
	if err != nil {
		return err
	}
	return r.Page("setup/import", p)
}

// contactsLoad imports the bytes that were checked. Sending it twice loads
// once, so that the report can be the answer and a reload does no harm.
func (a *area) contactsLoad(r *site.Request) error {
	data, err := base64.RawURLEncoding.DecodeString(r.Value("data"))
	if err != nil {
		return a.importRefuse(r, fault.New(fault.Conflict, "roster.csv_changed"))
	}
	report, err := a.roster.Import(r.Context(), r.Gate.Process.ID, r.Actor, roster.File{Name: r.Value("name"), Data: data, Sum: r.Value("sum")})
	if err != nil {
		return a.importRefuse(r, err)
	}
	view := viewOf(r, report)
	view.Done = true
	p, err := a.importView(r, view)
	if err != nil {
		return err
	}
	return r.Page("setup/import", p)
}

func (a *area) importRefuse(r *site.Request, err error) error {
	if !wizard.Shown(err) {
		return err
	}
	p, failed := a.importView(r, nil)
	if failed != nil {
		return failed
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/import", p)
}

// viewOf puts the rows that need a person first: those that are not loaded,
// then those loaded with a warning.
func viewOf(r *site.Request, report roster.Report) *reportView {
	v := &reportView{
		File: report.File, Sum: report.Sum, Ignored: report.Ignored, Rejected: report.Rejected(), Known: report.Counts[roster.RowKnown],
		New: report.Counts[roster.RowNew] + report.Counts[roster.RowUpdated],
	}
	for _, s := range roster.RowStatuses {
		if n := report.Counts[s]; n > 0 {
			v.Counts = append(v.Counts, countLine{Label: r.T("roster.status_" + string(s)), Count: n, Loaded: s.Loaded()})
		}
	}
	lines := slices.Clone(report.Lines)
	slices.SortStableFunc(lines, func(x, y roster.Line) int { return urgency(x) - urgency(y) })
	for _, l := range lines {
		line := reportLine{Number: l.Number, Email: l.Email, Name: l.Name, Text: page.T(r.Lang, l.Key, l.Args)}
		if l.Warning != "" {
			line.Warning = page.T(r.Lang, l.Warning, nil)
		}
		switch {
		case urgency(l) == calm && len(v.Good) < mostGood:
			v.Good = append(v.Good, line)
		case urgency(l) == calm:
			v.MoreGood++
		case len(v.Problems) < mostProblems:
			v.Problems = append(v.Problems, line)
		default:
			v.MoreProblems++
		}
	}
	return v
}

const calm = 2 // a row that is loaded and says nothing else

func urgency(l roster.Line) int {
	switch {
	case !l.Status.Loaded():
		return 0
	case l.Warning != "":
		return 1
	}
	return calm
}
